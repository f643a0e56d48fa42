"""What a server takes for a code though it is none: the right digits, written in another way.

Some of it is kindness (a space that was pasted along), some widens what a guess may be. A
variant is held against a token of its own, and the right code afterwards shows that it
was the writing that was refused.
"""

from collections.abc import Callable, Mapping
from typing import Final

from firmware_model.profile import TokenType
from hosttools.prober.finding import Finding, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule
from hosttools.servers import Can

_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")  # noqa: RUF001  # what it is about
_ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

_VARIANTS: Final[Mapping[str, Callable[[str], str]]] = {
    "leading zero dropped": lambda code: code[1:],
    "space in the middle": lambda code: f"{code[:3]} {code[3:]}",
    "hyphen in the middle": lambda code: f"{code[:3]}-{code[3:]}",
    "underscore in the middle": lambda code: f"{code[:3]}_{code[3:]}",
    "space before": lambda code: f" {code}",
    "space after": lambda code: f"{code} ",
    "newline after": lambda code: f"{code}\n",
    "plus sign": lambda code: f"+{code}",
    "minus sign": lambda code: f"-{code}",
    "point and zero": lambda code: f"{code}.0",
    "full-width digits": lambda code: code.translate(_FULL_WIDTH),
    "Arabic digits": lambda code: code.translate(_ARABIC),
    "zero before": lambda code: f"0{code}",
    "digit more": lambda code: f"{code}7",
    "last digit missing": lambda code: code[:-1],
    "empty": lambda _: "",
}
_KIND: Final = frozenset(
    {
        "space in the middle",
        "hyphen in the middle",
        "space before",
        "space after",
        "newline after",
    }
)
"""What people paste, and what a server may take off: RFC 4226 does not speak of it."""

_WRONG: Final = frozenset({"digit more", "last digit missing", "empty", "minus sign"})
"""What no reading of digits makes a code of."""


def accepted(probe: Probe) -> Finding:
    """Submit a right code in every wrong way."""
    taken = [name for name, write in _VARIANTS.items() if _takes(probe, name, write)]
    wrong = [name for name in taken if name in _WRONG]
    lax = [name for name in taken if name not in _WRONG | _KIND]
    if wrong:
        return fail(
            taken,
            f"What is no code is accepted: {', '.join(wrong)}. Fewer digits have to be guessed"
            " than the token shows.",
        )
    if lax:
        return warn(
            taken,
            f"A code is read as a number: {', '.join(lax)}. Whatever compares, logs or"
            " remembers codes as text (rate limits, replay caches) can be got round.",
        )
    if taken:
        return ok(taken, f"Only the digits as shown are a code; taken off: {', '.join(taken)}.")
    return ok([], "Only the digits as shown are a code.")


def _takes(probe: Probe, name: str, write: Callable[[str], str]) -> bool:
    kind = TokenType.EVENT if probe.can(Can.EVENT) else TokenType.TIME
    zero = name == "leading zero dropped"
    token = probe.new(kind, first_digit="0" if zero else "")
    code = token.code(token.next)
    return token.type(write(code), name).accepted


RULES: Final = (
    Rule(
        id="malformed.accepted",
        title="Ways of writing a code that are accepted",
        needs=frozenset(),
        measure=accepted,
        cost=Cost(tokens=len(_VARIANTS), codes=len(_VARIANTS), failures=len(_VARIANTS)),
        reference="RFC 4226 §5.3; OWASP ASVS 5.1.3",
        fresh=True,
    ),
)
