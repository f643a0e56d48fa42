"""What one product does, as data: a profile for each kind of token.

No code anywhere asks for a profile's name; what products do differently is a
setting here, with what it means and where its value comes from. A value whose
source is ``our default`` is not known of the real product.
"""

import dataclasses
import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from firmware_model.errors import ProfileError
from firmware_model.oath import MAX_COUNTER, MAX_DIGITS, MIN_DIGITS, Algorithm

MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000
OUR_DEFAULT: Final = "our default"
SUPPORT_ARTICLE: Final = "support article of the GALH fob"


class TokenType(enum.Enum):
    """What moves the moving factor."""

    EVENT = "event"
    """A press: HOTP, RFC 4226."""
    TIME = "time"
    """The token's clock: TOTP, RFC 6238."""


class PressWhileLit(enum.Enum):
    """What a press does while a code is on the LCD."""

    IGNORE = "ignore"
    SAME_CODE = "same_code"
    CLEAR = "clear"
    NEW_CODE = "new_code"


class HoldAction(enum.Enum):
    """What the LCD shows once the button has been held for ``hold_ns``."""

    NONE = "none"
    SHOW_COUNTER = "show_counter"
    LCD_TEST = "lcd_test"


class StepChange(enum.Enum):
    """What a lit code of a time token does when the token's clock enters the next step."""

    KEEP = "keep"
    REFRESH = "refresh"
    DARK = "dark"


def _setting(doc: str, source: str, default: Any = dataclasses.MISSING) -> Any:
    # dataclasses.field has no single signature for "maybe a default".
    return dataclasses.field(default=default, metadata={"doc": doc, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One product's behaviour. Times are integer nanoseconds unless named ``_s``.

    Raises:
        ProfileError: a value out of range, or values that exclude each other.
    """

    name: str = _setting("Name of the profile, at most 16 ASCII characters", "ours")
    title: str = _setting("What a person calls it", "ours")
    maker: str = _setting("First field of the answer to *IDN?", OUR_DEFAULT, "GALH-EMULATOR")
    token_type: TokenType = _setting("event (HOTP) or time (TOTP)", "OATH token identifier")
    serial_pattern: str = _setting(
        "Regular expression that the whole serial number must match, at most 24 characters",
        "OATH token identifier, class A: 12 characters",
    )
    digits: int = _setting("Digits of a code, 6 to 8", SUPPORT_ARTICLE, 6)
    algorithm: Algorithm = _setting(
        "Hash under the HMAC: SHA1, SHA256 or SHA512", "RFC 4226; " + OUR_DEFAULT, Algorithm.SHA1
    )
    first_counter: int = _setting(
        "Counter of the first code of a new event token", "RFC 4226 appendix D; " + OUR_DEFAULT, 0
    )
    step_s: int = _setting("Time step X of a time token, seconds", "RFC 6238 section 5.2", 30)
    t0_s: int = _setting("T0 of a time token, Unix seconds", "RFC 6238 section 4.1", 0)
    lit_ns: int = _setting(
        "How long a code stays on the LCD, counted from the moment it lights",
        SUPPORT_ARTICLE + ": about 30 s",
        30 * SECOND,
    )
    press_while_lit: PressWhileLit = _setting(
        "What a press does while lit: ignore, same_code (the lit time starts again),"
        " clear, new_code",
        OUR_DEFAULT + ": the 30 s wait of the procedure fits it",
        PressWhileLit.IGNORE,
    )
    step_change: StepChange = _setting(
        "What a lit code does when the time step changes: keep, refresh, dark",
        OUR_DEFAULT,
        StepChange.KEEP,
    )
    debounce_ns: int = _setting(
        "How long the contact must rest before the firmware believes it",
        OUR_DEFAULT + ": most switches have settled after 6.2 ms",
        20 * MILLISECOND,
    )
    commit_ns: int = _setting(
        "How long the write of the next counter takes; a time token writes none",
        OUR_DEFAULT + ": EEPROM cells take 4 to 9 ms",
        8 * MILLISECOND,
    )
    compute_ns: int = _setting(
        "From the end of the write to the lit LCD", OUR_DEFAULT, 50 * MILLISECOND
    )
    hold_ns: int = _setting(
        "How long the button must be held for the hold action, from the accepted press",
        "Symantec VIP card: 2 s; " + OUR_DEFAULT,
        2 * SECOND,
    )
    hold_action: HoldAction = _setting(
        "What a hold shows until the button is let go: none, show_counter (the next counter,"
        " in hex), lcd_test (every segment)",
        OUR_DEFAULT,
        HoldAction.NONE,
    )
    time_bars: int = _setting(
        "Bars for the time left in the step of the code shown; 0 for none, at most 30",
        "FortiToken 200: a bar for each 10 s",
        0,
    )

    def __post_init__(self) -> None:
        _check(self)


BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "digits": (MIN_DIGITS, MAX_DIGITS),
    "first_counter": (0, MAX_COUNTER - 1),  # the last counter can't be used up: it never wraps
    "step_s": (1, 86_400),
    "t0_s": (-(2**62), 2**62),
    "lit_ns": (1, 86_400 * SECOND),
    "debounce_ns": (1, SECOND),
    "commit_ns": (0, SECOND),
    "compute_ns": (0, 10 * SECOND),
    "hold_ns": (1, 60 * SECOND),
    "time_bars": (0, 30),
}
"""Smallest and largest value of every number among the settings."""


def check_setting(name: str, value: int) -> None:
    """Check one number against :data:`BOUNDS`.

    Raises:
        ProfileError: it is out of range.
    """
    low, high = BOUNDS[name]
    if not low <= value <= high:
        raise ProfileError(f"{name} = {value}; allowed are {low} to {high}")


def _check(p: Profile) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,16}", p.name):
        raise ProfileError(
            f"profile name {p.name!r}; allowed are 1 to 16 letters, digits, '_', '.', '-'"
        )
    if not re.fullmatch(r"[ -+\--~]{1,72}", p.maker):  # printable ASCII without the comma
        raise ProfileError(f"profile {p.name}: maker {p.maker!r} must be ASCII without a comma")
    if not p.title.isprintable() or not p.title:
        raise ProfileError(f"profile {p.name}: title {p.title!r} must be one printable line")
    try:
        re.compile(p.serial_pattern)
    except (re.error, OverflowError, RecursionError) as e:
        raise ProfileError(f"profile {p.name}: serial_pattern is no regular expression: {e}") from e
    for name in BOUNDS:
        try:
            check_setting(name, getattr(p, name))
        except ProfileError as e:
            raise ProfileError(f"profile {p.name}: {e}") from None
    if p.hold_ns <= p.commit_ns + p.compute_ns:
        raise ProfileError(
            f"profile {p.name}: hold_ns = {p.hold_ns} ends before the code lights"
            f" ({p.commit_ns + p.compute_ns} ns after the press); make it longer"
        )
    if p.time_bars and p.token_type is TokenType.EVENT:
        raise ProfileError(f"profile {p.name}: an event token has no time to show bars for")


GALH: Final = Profile(
    name="GALH",
    title="GALH key fob, event-based",
    token_type=TokenType.EVENT,
    serial_pattern=r"GALH[0-9]{8}",
)
"""The fob on the doctor's key ring."""

GALT: Final = Profile(
    name="GALT",
    title="GALT key fob, time-based",
    token_type=TokenType.TIME,
    serial_pattern=r"GALT[0-9]{8}",
    time_bars=6,
)
"""Its time-based sister."""

PROFILES: Final[Mapping[str, Profile]] = {p.name: p for p in (GALH, GALT)}
"""The profiles that ship with the model, by name."""


def describe(profile_type: type[Profile] = Profile) -> list[tuple[str, str, str]]:
    """Return ``(setting, meaning, source)`` of every setting, in order, for the docs."""
    return [
        (f.name, f.metadata["doc"], f.metadata["source"]) for f in dataclasses.fields(profile_type)
    ]


def profile_from_mapping(
    data: Mapping[str, object], known: Mapping[str, Profile] = PROFILES
) -> Profile:
    """Build a profile from what a file holds.

    Args:
        data: settings by name; enums by their value. ``base`` names a known
            profile whose settings fill the gaps.
        known: the profiles that ``base`` may name.

    Raises:
        ProfileError: an unknown or missing setting, or a value that can't be.
    """
    settings = dict(data)
    base = settings.pop("base", None)
    if base is not None and (not isinstance(base, str) or base not in known):
        raise ProfileError(f"base = {base!r}; known profiles are {', '.join(sorted(known))}")
    fields = {f.name: f for f in dataclasses.fields(Profile)}
    for name in settings:
        if name not in fields:
            raise ProfileError(f"unknown setting {name!r}; known are {', '.join(fields)}")
    parsed = {name: _parse(name, value) for name, value in settings.items()}
    if base is not None:
        return dataclasses.replace(known[base], **parsed)
    missing = [
        name
        for name, f in fields.items()
        if f.default is dataclasses.MISSING and name not in parsed
    ]
    if missing:
        raise ProfileError(
            f"missing setting {', '.join(missing)}; give it, or a base to take it from"
        )
    return Profile(**parsed)


def profile_to_mapping(profile: Profile) -> dict[str, object]:
    """Return a profile's settings as plain values, for :func:`profile_from_mapping`."""
    settings = dataclasses.asdict(profile)
    return {
        name: value.value if isinstance(value, enum.Enum) else value
        for name, value in settings.items()
    }


_ENUMS: Final[Mapping[str, type[enum.Enum]]] = {
    "token_type": TokenType,
    "algorithm": Algorithm,
    "press_while_lit": PressWhileLit,
    "step_change": StepChange,
    "hold_action": HoldAction,
}
_TEXTS: Final = frozenset({"name", "title", "maker", "serial_pattern"})


def _parse(name: str, value: object) -> Any:
    if name in _ENUMS:
        choices: Iterable[enum.Enum] = _ENUMS[name]
        for choice in choices:
            if choice.value == value:
                return choice
        allowed = ", ".join(str(choice.value) for choice in _ENUMS[name])
        raise ProfileError(f"{name} = {value!r}; allowed are {allowed}")
    wanted = str if name in _TEXTS else int
    if not isinstance(value, wanted) or isinstance(value, bool):
        kind = "a text" if wanted is str else "a whole number"
        raise ProfileError(f"{name} = {value!r}; it must be {kind}")
    return value
