"""What goes wrong: all that can be done to a token and to its port, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from emulator.faults.values import (
    CENTURY_NS,
    HOUR_NS,
    MOST,
    Choice,
    Number,
    Points,
    setting,
)
from emulator.ports.linefaults import Direction
from firmware_model.climate import MAX_MC, MIN_MC
from firmware_model.contact import BOUNCES
from firmware_model.crystal import MAX_TOLERANCE_PPB
from firmware_model.damage import MAX_DIGIT
from firmware_model.nvm import IMAGE_SIZE, SLOT_A, SLOT_SIZE
from firmware_model.profile import MILLISECOND, SECOND
from firmware_model.segments import SEGMENTS

_DAY_NS: Final = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Tear:
    """The supply fails for an instant while the counter is written: a torn write, and a reset."""

    byte: int = setting(Number("bytes of the slot that are written by then", 0, SLOT_SIZE))


@dataclass(frozen=True, slots=True)
class Reset:
    """The supply fails for an instant: a reset."""

    delay_ns: int = setting(
        Number("how long after the moment", 0, _DAY_NS, MILLISECOND, key="delay_ms"),
        default=0,
    )


_FOR: Final = Number(
    "for how long; without it, for good", MILLISECOND, CENTURY_NS, SECOND, key="for_s"
)


@dataclass(frozen=True, slots=True)
class PullBattery:
    """The battery is pulled; the same one comes back later, or never."""

    for_ns: int | None = setting(_FOR, default=None)


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

    for_ns: int | None = setting(_FOR, default=None)


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
        Number(
            "after so many hours it begins again; 0 is never", 0, CENTURY_NS, HOUR_NS, "period_h"
        ),
        default=0,
    )


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """The token's clock jumps."""

    by_ns: int = setting(
        Number("forward, or back if negative", -CENTURY_NS, CENTURY_NS, SECOND, key="seconds")
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


@dataclass(frozen=True, slots=True)
class PortDrop:
    """The token's port loses bytes."""

    count: int = setting(Number("the next so many", 1, MOST))
    direction: str = setting(_DIRECTION, default="both")


@dataclass(frozen=True, slots=True)
class PortGarble:
    """The token's port changes bytes."""

    count: int = setting(Number("the next so many", 1, MOST))
    mask: int = setting(Number("the bits that flip", 1, 255), default=1)
    direction: str = setting(_DIRECTION, default="both")


@dataclass(frozen=True, slots=True)
class PortDelay:
    """Answers on the token's port come late."""

    by_ns: int = setting(Number("the host's time", MILLISECOND, _DAY_NS, MILLISECOND, key="ms"))
    count: int | None = setting(Number("the next so many; without it, all", 1, MOST), default=None)


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
