"""Faults as data: what goes wrong with a token, and when.

Every setting says what it means and what is allowed; the reader of files, the checks
and the tables of the documentation all go by that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, TypeAlias, get_args

from emulator.errors import UsageError
from emulator.faults.values import (
    HOUR_NS,
    Choice,
    Kind,
    Moment,
    Number,
    Points,
    Probability,
    Word,
    check_settings,
    setting,
    short,
)
from emulator.ports.linefaults import Direction
from firmware_model.climate import MAX_MC, MIN_MC
from firmware_model.contact import BOUNCES
from firmware_model.crystal import MAX_TOLERANCE_PPB
from firmware_model.damage import MAX_DIGIT
from firmware_model.nvm import IMAGE_SIZE, SLOT_A, SLOT_SIZE
from firmware_model.profile import MILLISECOND, SECOND
from firmware_model.segments import SEGMENTS
from firmware_model.stimuli import Effect

_YEARS: Final = 100 * 366 * 86_400 * SECOND
"""A century: as long as a bench lives, and more."""

_MOST: Final = 10**12
"""More than anybody counts to."""


def _snake(name: str) -> str:
    return "".join("_" * (i > 0 and c.isupper()) + c.lower() for i, c in enumerate(name))


EFFECTS: Final[Mapping[str, type[Any]]] = {_snake(kind.__name__): kind for kind in get_args(Effect)}
"""What the journal tells of a token's doings, by name."""


# When.


@dataclass(frozen=True, slots=True)
class At:
    """At a bench time."""

    at_ns: int = setting(Moment("ISO 8601 time, UTC if it names no zone", key="at"))


@dataclass(frozen=True, slots=True)
class After:
    """Some bench time after it was armed."""

    after_ns: int = setting(
        Number("seconds of bench time; 0 is at once", 0, _YEARS, SECOND, key="after_s")
    )


@dataclass(frozen=True, slots=True)
class AtPress:
    """At the n-th accepted press since it was armed."""

    press: int = setting(Number("which press; the first is 1", 1, _MOST))


@dataclass(frozen=True, slots=True)
class EveryPress:
    """At every n-th accepted press."""

    every: int = setting(Number("how many presses; 1 is each", 1, _MOST))


@dataclass(frozen=True, slots=True)
class On:
    """When the journal tells something of the token."""

    effect: str = setting(Choice("name of the effect", tuple(EFFECTS), key="on"))
    count: int = setting(Number("at every so many of them", 1, _MOST), default=1)


@dataclass(frozen=True, slots=True)
class Chance:
    """At an accepted press, with a probability."""

    chance: Fraction = setting(  # noqa: RUF009  # a field specifier
        Probability("the probability, drawn at each accepted press")
    )
    stream: str | None = setting(
        Word("name of the random stream; without it, the fault's name"), default=None
    )


When: TypeAlias = At | After | AtPress | EveryPress | On | Chance
WHENS: Final[Mapping[str, type[When]]] = {
    "at": At,
    "after_s": After,
    "press": AtPress,
    "every": EveryPress,
    "on": On,
    "chance": Chance,
}


# What.


@dataclass(frozen=True, slots=True)
class Tear:
    """The supply fails for an instant while the counter is written: a torn write, and a reset."""

    byte: int = setting(Number("bytes of the slot that are written by then", 0, SLOT_SIZE))


@dataclass(frozen=True, slots=True)
class Reset:
    """The supply fails for an instant: a reset."""

    delay_ns: int = setting(
        Number("how long after the moment", 0, 86_400 * SECOND, MILLISECOND, key="delay_ms"),
        default=0,
    )


@dataclass(frozen=True, slots=True)
class PullBattery:
    """The battery is pulled; the same one comes back later, or never."""

    for_ns: int | None = setting(
        Number("for how long; without it, for good", MILLISECOND, _YEARS, SECOND, key="for_s"),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class DrainBattery:
    """The battery has only so much left, whatever it had before."""

    percent: int = setting(Number("of its capacity", 0, 100))


@dataclass(frozen=True, slots=True)
class WeakenBattery:
    """The battery is drained just so far that presses brown out, from the next one on."""


@dataclass(frozen=True, slots=True)
class Chatter:
    """The button's dome is worn: one press may count twice."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """The button's contact bounces."""

    pattern: str = setting(Choice("how long", tuple(BOUNCES)))


@dataclass(frozen=True, slots=True)
class Jam:
    """The key stays down."""

    for_ns: int | None = setting(
        Number("for how long; without it, for good", MILLISECOND, _YEARS, SECOND, key="for_s"),
        default=None,
    )


_DIGIT: Final = Number("which digit, 0 is the leftmost", 0, MAX_DIGIT - 1)
_SEGMENT: Final = Choice("which segment, a is the top, g the middle", tuple(SEGMENTS))


@dataclass(frozen=True, slots=True)
class DeadSegment:
    """A segment of the LCD lights no more."""

    digit: int = setting(_DIGIT)
    segment: str = setting(_SEGMENT)


@dataclass(frozen=True, slots=True)
class StuckSegment:
    """A segment of the LCD lights with every picture."""

    digit: int = setting(_DIGIT)
    segment: str = setting(_SEGMENT)


@dataclass(frozen=True, slots=True)
class Temperature:
    """It is so warm round the token from now on."""

    milli_celsius: int = setting(Number("°C", MIN_MC, MAX_MC, 1_000, key="celsius"))


@dataclass(frozen=True, slots=True)
class TemperatureCurve:
    """The temperature follows a curve from now on, linear between its points."""

    points: tuple[tuple[int, int], ...] = setting(Points("its points"))
    period_ns: int = setting(
        Number("after so many hours it begins again; 0 is never", 0, _YEARS, HOUR_NS, "period_h"),
        default=0,
    )


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """The token's clock jumps."""

    by_ns: int = setting(
        Number("forward, or back if negative", -_YEARS, _YEARS, SECOND, key="seconds")
    )


@dataclass(frozen=True, slots=True)
class Detune:
    """The token's crystal has another tolerance from now on."""

    ppb: int = setting(
        Number("fast, or slow if negative", -MAX_TOLERANCE_PPB, MAX_TOLERANCE_PPB, 1_000, "ppm")
    )


_BYTE: Final = Number(
    "which byte of the NVM image, in the counter slots: 0xc0 to 0xff", SLOT_A, IMAGE_SIZE - 1
)
_MASK: Final = Number("which bits", 1, 255)


@dataclass(frozen=True, slots=True)
class Rot:
    """Bits of the counter slots flip."""

    byte: int = setting(_BYTE)
    mask: int = setting(_MASK)


@dataclass(frozen=True, slots=True)
class StickBits:
    """Bits of the counter slots keep their value, whatever is written from now on."""

    byte: int = setting(_BYTE)
    mask: int = setting(_MASK)
    value: int = setting(Number("what they stick at", 0, 255))


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Somebody opens the case."""


@dataclass(frozen=True, slots=True)
class Mend:
    """All that is worn or broken is whole again: LCD, button, cells of the NVM."""


_DIRECTIONS: Final = tuple(direction.name.lower() for direction in Direction)
_DIRECTION: Final = Choice("which way", _DIRECTIONS)
_DAY_NS: Final = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class PortDrop:
    """The token's port loses bytes."""

    count: int = setting(Number("the next so many", 1, _MOST))
    direction: str = setting(_DIRECTION, default="both")


@dataclass(frozen=True, slots=True)
class PortGarble:
    """The token's port changes bytes."""

    count: int = setting(Number("the next so many", 1, _MOST))
    mask: int = setting(Number("the bits that flip", 1, 255), default=1)
    direction: str = setting(_DIRECTION, default="both")


@dataclass(frozen=True, slots=True)
class PortDelay:
    """Answers on the token's port come late."""

    by_ns: int = setting(Number("the host's time", MILLISECOND, _DAY_NS, MILLISECOND, key="ms"))
    count: int | None = setting(Number("the next so many; without it, all", 1, _MOST), default=None)


@dataclass(frozen=True, slots=True)
class PortCut:
    """The token's port is dead: bytes both ways vanish."""

    for_ns: int | None = setting(
        Number(
            "the host's time; without it, for good", MILLISECOND, _DAY_NS, MILLISECOND, key="for_ms"
        ),
        default=None,
    )


PortWhat: TypeAlias = PortDrop | PortGarble | PortDelay | PortCut
What: TypeAlias = (
    Tear
    | Reset
    | PullBattery
    | DrainBattery
    | WeakenBattery
    | Chatter
    | Bounce
    | Jam
    | DeadSegment
    | StuckSegment
    | Temperature
    | TemperatureCurve
    | ClockOffset
    | Detune
    | Rot
    | StickBits
    | OpenCase
    | Mend
    | PortWhat
)
WHATS: Final[Mapping[str, type[What]]] = {
    "tear": Tear,
    "reset": Reset,
    "battery_out": PullBattery,
    "battery_level": DrainBattery,
    "brown_out": WeakenBattery,
    "chatter": Chatter,
    "bounce": Bounce,
    "jam": Jam,
    "dead_segment": DeadSegment,
    "stuck_segment": StuckSegment,
    "temperature": Temperature,
    "temperature_curve": TemperatureCurve,
    "clock_offset": ClockOffset,
    "crystal": Detune,
    "bit_rot": Rot,
    "stuck_bits": StickBits,
    "case_opened": OpenCase,
    "mend": Mend,
    "port_drop": PortDrop,
    "port_garble": PortGarble,
    "port_delay": PortDelay,
    "port_cut": PortCut,
}
_KEYS: Final = {kind: key for key, kind in WHATS.items()}

# Faults and plans.

NAME: Final[Kind] = Word("what it is called; no two are called the same")
TIMES: Final = Number("how often it fires; 0 is without end", 0, _MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: what it is called.
        when: what it waits for.
        what: what goes wrong then.
        serial: with which token; ``None``: with each that is on the bench.
        times: how often it fires; 0: without end. ``None``: without end for
            ``every`` and ``chance``, else once.

    Raises:
        UsageError: a value out of range, or values that exclude each other.
    """

    name: str
    when: When
    what: What
    serial: str | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        NAME.check(self.name)
        if self.times is not None:
            TIMES.check(self.times)
        check_settings(self.when)
        try:
            self._check_what()
        except UsageError as e:
            raise UsageError(f"{self.what_key}: {e}") from None
        if self.times not in {None, 1} and isinstance(self.when, At | After | AtPress):
            raise UsageError(
                f"times = {self.times}: what waits for one moment fires once; leave it out, or"
                " wait for every, on or chance"
            )

    def _check_what(self) -> None:
        check_settings(self.what)
        if isinstance(self.what, TemperatureCurve) and self.what.period_ns:
            last_ns = self.what.points[-1][0]
            if self.what.period_ns <= last_ns:
                raise UsageError(
                    f"period_h: {self.what.period_ns / HOUR_NS:g} ends before the last point, at"
                    f" {last_ns / HOUR_NS:g} h; allowed are 0 and more than that"
                )

    @property
    def what_key(self) -> str:
        """What files call what goes wrong."""
        return _KEYS[type(self.what)]

    @property
    def most(self) -> int | None:
        """How often it fires; ``None``: without end."""
        if self.times is None:
            return None if isinstance(self.when, EveryPress | Chance) else 1
        return self.times or None


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """All that is to go wrong.

    Attributes:
        faults: one after another.
        seed: of all that is left to chance.
        source: where it was written, for error messages.

    Raises:
        UsageError: two faults of one name.
    """

    faults: tuple[Fault, ...] = ()
    seed: int | str = 0
    source: str = field(default="faults", compare=False)

    def __post_init__(self) -> None:
        seen = set()
        for fault in self.faults:
            if fault.name in seen:
                raise UsageError(
                    f"{self.source}: two faults are called {short(fault.name)}; give each a name"
                    " of its own"
                )
            seen.add(fault.name)
