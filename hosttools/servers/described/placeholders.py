"""``{code}`` and its like: checked when a description is read, filled when it is used.

A template is cut up once. What is put in is never looked at for placeholders, and who
fills one says how a value is written there, so that no value can become syntax.
"""

import base64
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from emulator.clock import format_utc
from firmware_model.profile import SECOND, TokenType
from hosttools.servers.described.tables import Table, nearest
from hosttools.servers.seam import Enrolment

Value = str | int
"""What stands for a placeholder. JSON tells the two apart, and ``True`` is an ``int``."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

ALWAYS: Final = ("now_s", "now_ms", "now_ns", "now_iso", "nonce")
"""Known everywhere. ``now`` is where the verb ``clock`` put the clock, or the host's."""

OF_TOKEN: Final = ("serial", "user")
"""Known to all that has to do with a token."""

ENROLMENT: Final = (
    "type",
    "oath_type",
    "secret_hex",
    "secret_base32",
    "secret_base64",
    "algorithm",
    "digits",
    "step",
    "counter",
)
"""Known to ``enrol`` too."""

_OPEN: Final = frozenset(
    {*ALWAYS, *OF_TOKEN, *ENROLMENT} - {"nonce", "secret_hex", "secret_base32", "secret_base64"}
)
_LEAST_HIDDEN: Final = 4
"""Characters of the shortest value that is blotted out: shorter ones stand in any text."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders in it."""

    parts: tuple[str | Slot, ...]

    @property
    def names(self) -> frozenset[str]:
        """The placeholders'."""
        return frozenset(part.name for part in self.parts if isinstance(part, Slot))

    def fill(self, values: Mapping[str, Value], write: Callable[[str], str] = str) -> str:
        """Return the text, values in place.

        Args:
            values: what stands for the placeholders.
            write: how a value is written where it goes.
        """
        return "".join(
            part if isinstance(part, str) else write(as_text(values[part.name]))
            for part in self.parts
        )

    def fill_typed(self, values: Mapping[str, Value]) -> Value:
        """Return the value itself of a template that is one placeholder, else the text."""
        match self.parts:
            case (Slot(name),):
                return values[name]
            case _:
                return self.fill(values)


def as_text(value: Value) -> str:
    """Return a value as a form or a URL writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_template(table: Table, key: str, text: str, known: Collection[str]) -> Template:
    """Cut up a text of a file.

    Args:
        table: where it is.
        key: under which key.
        text: the text; ``{{`` and ``}}`` are braces.
        known: the placeholders that there are.

    Raises:
        DescriptionError: another placeholder, or a brace on its own.
    """
    parts: list[str | Slot] = []
    end = 0
    for piece in _PIECE.finditer(text):
        parts.append(text[end : piece.start()])
        end = piece.end()
        match piece[0]:
            case "{{" | "}}":
                parts.append(piece[0][0])
            case "{" | "}":
                raise table.error("a brace on its own; write {{ or }} for one that is meant", key)
            case _ if piece[1] in known:
                parts.append(Slot(piece[1]))
            case _:
                name = piece[1] if NAME.fullmatch(piece[1]) else "…"
                hint = nearest(name, sorted(known))
                raise table.error(f"unknown placeholder {{{name}}}; {hint}", key)
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part))


def always(now_ns: int) -> dict[str, Value]:
    """Return the values of :data:`ALWAYS`."""
    return {
        "now_s": now_ns // SECOND,
        "now_ms": now_ns * 1000 // SECOND,
        "now_ns": now_ns,
        "now_iso": format_utc(now_ns),
        "nonce": secrets.token_hex(16),
    }


def of_enrolment(token: Enrolment) -> dict[str, Value]:
    """Return the values of :data:`ENROLMENT`. The secret leaves here, for the server."""
    raw = token.secret.reveal()
    return {
        "type": token.token_type.value,
        "oath_type": "hotp" if token.token_type is TokenType.EVENT else "totp",
        "secret_hex": raw.hex(),
        "secret_base32": base64.b32encode(raw).decode().rstrip("="),
        "secret_base64": base64.b64encode(raw).decode(),
        "algorithm": token.algorithm.value,
        "digits": token.digits,
        "step": token.step_s,
        "counter": token.counter,
    }


def blotted(text: str, values: Mapping[str, Value], also: Iterable[str] = ()) -> str:
    """Return a server's words without the values that nobody should read there.

    Args:
        text: the words.
        values: what was sent, by placeholder.
        also: more that is hidden.
    """
    hidden = {as_text(value) for name, value in values.items() if name not in _OPEN}
    for value in sorted({*hidden, *also}, key=len, reverse=True):
        if len(value) >= _LEAST_HIDDEN:
            text = text.replace(value, "…")
    return text
