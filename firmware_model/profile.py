"""What one product does, as data: a profile for each kind of token.

No code anywhere asks for a profile's name; what products do differently is a
setting here, with what it means and where its default comes from. The products
are in :mod:`firmware_model.products`.
"""

import dataclasses
import enum
import re
from collections.abc import Iterator, Mapping
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
    MENU = "menu"


class StepChange(enum.Enum):
    """What a lit code of a time token does when the token's clock enters the next step."""

    KEEP = "keep"
    REFRESH = "refresh"
    DARK = "dark"


class WeakBattery(enum.Enum):
    """What the LCD shows when the supply sags below ``low_battery_mv``."""

    NOTHING = "nothing"
    SIGN = "sign"
    ERROR = "error"


class Loss(enum.Enum):
    """What a token loses when its battery is gone, or its case is opened."""

    NOTHING = "nothing"
    SECRET = "secret"  # noqa: S105  # a setting's value
    LIFE = "life"


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
        "What a hold shows: none, show_counter (the next counter, in hex), lcd_test (every"
        " segment), both until the button is let go; menu (time or counter, battery, serial:"
        " presses leaf through it)",
        OUR_DEFAULT,
        HoldAction.NONE,
    )
    time_bars: int = _setting(
        "Bars for the time left in the step of the code shown; 0 for none, at most 30",
        "FortiToken 200: a bar for each 10 s",
        0,
    )
    counter_bits: int = _setting(
        "Width of the counter in bits; one that is used up never wraps, the token is dead",
        "RFC 4226 section 5.1: 8 bytes",
        64,
    )
    max_codes: int = _setting(
        "Codes that an event token gives in its life; 0 for as many as its counter has",
        OUR_DEFAULT + "; Symantec VIP fob: 15,000",
        0,
    )
    life_days: int = _setting(
        "Days from manufacture, by its own clock, after which a time token gives no more"
        " codes; 0 for ever",
        OUR_DEFAULT + "; Symantec VIP fob: 5 years, HID mini: 6 years",
        0,
    )
    time_settable: bool = _setting(
        "Whether a tool can set the clock of a time token, as over NFC",
        OUR_DEFAULT,
        default=False,
    )
    reset_clock_s: int = _setting(
        "What the clock starts from after the battery was out, Unix seconds", OUR_DEFAULT, 0
    )
    case_opened: Loss = _setting(
        "What is lost when the case is opened: nothing, secret (dashes from then on), life"
        " (nothing lights any more)",
        OUR_DEFAULT,
        Loss.NOTHING,
    )
    battery_gone: Loss = _setting(
        "What is lost when the battery is pulled or empty: nothing (but the time), secret, life",
        OUR_DEFAULT + "; FortiToken: permanent error; Square Enix token: data erased",
        Loss.NOTHING,
    )
    weak_battery: WeakBattery = _setting(
        "What the LCD shows when the supply sags below low_battery_mv: nothing, sign (a battery"
        " beside the code), error (Err instead of the code)",
        OUR_DEFAULT + "; Duo fob: Err or distorted digits",
        WeakBattery.SIGN,
    )
    low_battery_mv: int = _setting(
        "Supply under load, in mV, below which the battery counts as weak",
        OUR_DEFAULT + ": 0.4 V above the brown-out",
        2_400,
    )
    brown_out_mv: int = _setting(
        "Supply, in mV, below which the brown-out detector holds the firmware in reset",
        "CR2032 data sheets: 2.0 V cut-off",
        2_000,
    )
    droop_ns: int = _setting(
        "How long the buffer capacitor takes to sink to the voltage under load",
        OUR_DEFAULT,
        20 * MILLISECOND,
    )
    battery_uah: int = _setting(
        "Capacity of the battery, µAh", "CR2032 data sheets: 225 to 235 mAh", 225_000
    )
    quiescent_na: int = _setting(
        "Current asleep, self-discharge included, nA",
        OUR_DEFAULT + ": lasts ten years and more",
        1_500,
    )
    active_na: int = _setting(
        "Current while it writes and computes, nA", OUR_DEFAULT + ": a small CPU awake", 5_000_000
    )
    lcd_na: int = _setting("Current of the lit LCD, nA", OUR_DEFAULT, 8_000)
    nvm_endurance: int = _setting(
        "Writes that a cell of the NVM takes before it sticks",
        "Microchip ATmega8A: 100,000; SHA104: 10,000",
        100_000,
    )
    crystal_ppb: int = _setting(
        "Curvature of the crystal's temperature curve, parts per billion per °C²",
        "TF20: -30 ±10; Genuway: XY-cut -35, SMD -40",
        -34,
    )
    turnover_mc: int = _setting(
        "Temperature at which the crystal is fastest, thousandths of °C", "TF20: 25 ±5 °C", 25_000
    )
    lcd_full_mc: int = _setting(
        "Temperature, in thousandths of °C, below which the LCD begins to pale", OUR_DEFAULT, 0
    )
    lcd_blank_mc: int = _setting(
        "Temperature, in thousandths of °C, at which nothing is seen on it any more",
        OUR_DEFAULT + "; Swivel: works down to -20 °C",
        -30_000,
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
    "counter_bits": (4, 64),
    "max_codes": (0, MAX_COUNTER),
    "life_days": (0, 36_525),
    "reset_clock_s": (-(2**32), 2**32),
    "low_battery_mv": (0, 5_000),
    "brown_out_mv": (0, 5_000),
    "droop_ns": (1, SECOND),
    "battery_uah": (1, 10_000_000),
    "quiescent_na": (0, 1_000_000),
    "active_na": (0, 1_000_000_000),
    "lcd_na": (0, 1_000_000_000),
    "nvm_endurance": (1, MAX_COUNTER),
    "crystal_ppb": (-1_000, 1_000),
    "turnover_mc": (-100_000, 150_000),
    "lcd_full_mc": (-50_000, 100_000),
    "lcd_blank_mc": (-100_000, 50_000),
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
    for contradiction in _contradictions(p):
        raise ProfileError(f"profile {p.name}: {contradiction}")


def _contradictions(p: Profile) -> Iterator[str]:
    """Yield what is wrong with settings that are right each by itself."""
    if p.token_type is TokenType.TIME:
        if p.max_codes:
            yield "a time token has no counter to count max_codes by"
    else:
        if p.time_bars:
            yield "an event token has no time to show bars for"
        if p.life_days:
            yield "an event token has no clock to count life_days by"
        if p.time_settable:
            yield "an event token has no clock that could be set"
    if p.hold_ns <= p.commit_ns + p.compute_ns:
        yield (
            f"hold_ns = {p.hold_ns} ends before the code lights"
            f" ({p.commit_ns + p.compute_ns} ns after the press); make it longer"
        )
    if p.first_counter >= 2**p.counter_bits - 1:
        yield (
            f"first_counter = {p.first_counter} is past what counter_bits = {p.counter_bits}"
            " can count"
        )
    if p.low_battery_mv < p.brown_out_mv:
        yield (
            f"low_battery_mv = {p.low_battery_mv} is below brown_out_mv = {p.brown_out_mv}; the"
            " firmware would be in reset before it could warn"
        )
    if p.lcd_full_mc <= p.lcd_blank_mc:
        yield f"lcd_full_mc = {p.lcd_full_mc} must be above lcd_blank_mc = {p.lcd_blank_mc}"


def describe(profile_type: type[Profile] = Profile) -> list[tuple[str, str, str]]:
    """Return ``(setting, meaning, source)`` of every setting, in order, for the docs."""
    return [
        (f.name, f.metadata["doc"], f.metadata["source"]) for f in dataclasses.fields(profile_type)
    ]
