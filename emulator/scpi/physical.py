"""The part of the table that is about matter: warmth, battery, crystal, wear and faults.

Like all of the table it decides nothing: each header lets one thing happen on the
bench, or words what the bench says of the token's condition.
"""

from fractions import Fraction
from typing import Final

from emulator.errors import UsageError
from emulator.happening import Happening
from emulator.results import Condition
from emulator.scpi.context import Context
from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.parameters import Choice, Flag, Ratio, Scaled, Seconds, Text, Whole
from emulator.scpi.responses import decimal, flag, quoted
from emulator.scpi.tree import Command
from firmware_model.cell import charge_of, used_at
from firmware_model.climate import MAX_MC, MIN_MC, YEAR_NS, Climate, steady
from firmware_model.contact import BOUNCES, WORN_DOME
from firmware_model.crystal import MAX_AGEING_PPB, MAX_TOLERANCE_PPB
from firmware_model.damage import MAX_DIGIT, Damage, with_segment
from firmware_model.nvm import IMAGE_SIZE, SLOT_A, SLOT_SIZE
from firmware_model.profile import SECOND
from firmware_model.segments import SEGMENTS
from firmware_model.stimuli import (
    Ambient,
    BatteryIn,
    BatteryOut,
    BitRot,
    CaseOpened,
    ClockJump,
    Drain,
    Harm,
    Retune,
    SetClock,
)

_NOW: Final = 0  # the bench puts its own time in
_FULL: Final = Fraction(100)
_DAY_NS: Final = 86_400 * SECOND
_LONGEST_NS: Final = 50 * YEAR_NS


def _happen(c: Context, stimulus: Happening) -> None:
    try:
        c.bench.happen(c.serial, stimulus)
    except UsageError as e:
        # Its parameters are in range: it is the token that can't.
        raise ScpiError(ErrorCode.SETTINGS_CONFLICT, str(e)) from None


def _condition(c: Context) -> Condition:
    return c.bench.condition(c.serial)


def _thousandths(value: int) -> str:
    return decimal(Fraction(value, 1_000))


# Environment


def _temperature(c: Context, milli_celsius: int) -> None:
    _happen(c, Ambient(_NOW, steady(milli_celsius)))


def _temperature_query(c: Context) -> str:
    return _thousandths(_condition(c).temperature_mc)


def _cycle(c: Context, low_mc: int, high_mc: int, period_ns: int) -> None:
    knots = ((0, low_mc), (period_ns // 2, high_mc))
    _happen(c, Ambient(_NOW, Climate(c.bench.now_ns(), knots, period_ns)))


# Battery


def _battery_out(c: Context) -> None:
    _happen(c, BatteryOut(_NOW))


def _battery_in(c: Context, percent: Fraction) -> None:
    _happen(c, BatteryIn(_NOW, _used(c, percent)))


def _battery_level(c: Context, percent: Fraction) -> None:
    _happen(c, Drain(_NOW, _used(c, percent)))


def _used(c: Context, percent: Fraction) -> int:
    return used_at(percent, charge_of(c.bench.profile(c.serial).battery_uah))


def _battery_level_query(c: Context) -> str:
    return str(_condition(c).battery_percent)


def _battery_voltage(c: Context) -> str:
    return _thousandths(_condition(c).millivolts)


def _battery_state(c: Context) -> str:
    return flag(_condition(c).battery_present)


# Crystal


def _tolerance(c: Context, ppb: int) -> None:
    _happen(c, Retune(_NOW, _condition(c).crystal._replace(tolerance_ppb=ppb)))


def _tolerance_query(c: Context) -> str:
    return _thousandths(_condition(c).crystal.tolerance_ppb)


def _ageing(c: Context, ppb: int) -> None:
    _happen(c, Retune(_NOW, _condition(c).crystal._replace(ageing_ppb=ppb)))


def _ageing_query(c: Context) -> str:
    return _thousandths(_condition(c).crystal.ageing_ppb)


def _jump(c: Context, by_ns: int) -> None:
    _happen(c, ClockJump(_NOW, by_ns))


# Token


def _set_clock(c: Context, clock_ns: int) -> None:
    _happen(c, SetClock(_NOW, clock_ns))


def _open_case(c: Context) -> None:
    _happen(c, CaseOpened(_NOW))


# Faults


def _harm(c: Context, damage: Damage) -> None:
    _happen(c, Harm(_NOW, damage))


def _segment(c: Context, how: str, digit: int, segment: str) -> None:
    damage = _condition(c).damage
    if how == "DEAD":
        _harm(c, damage._replace(dead=with_segment(damage.dead, digit, segment.lower())))
    else:
        _harm(c, damage._replace(stuck=with_segment(damage.stuck, digit, segment.lower())))


def _jam(c: Context, jammed: bool) -> None:  # noqa: FBT001  # a parameter of the line
    _harm(c, _condition(c).damage._replace(jammed=jammed))


def _bounce(c: Context, name: str) -> None:
    _harm(c, _condition(c).damage._replace(bounce=BOUNCES[name.lower()]))


def _chatter(c: Context, worn: bool) -> None:  # noqa: FBT001  # a parameter of the line
    _harm(c, _condition(c).damage._replace(chatter=WORN_DOME if worn else ()))


def _rot(c: Context, offset: int, mask: int) -> None:
    _happen(c, BitRot(_NOW, offset, mask))


def _tear(c: Context, written: int) -> None:
    c.bench.inject(c.serial, f"{{press = 1, tear = {{byte = {written}}}}}")


def _inject(c: Context, fault: str) -> None:
    c.bench.inject(c.serial, fault)


def _clear(c: Context) -> None:
    c.bench.clear_faults(c.serial)


def _count(c: Context) -> str:
    return str(len(c.bench.fault_list(c.serial)))


def _list(c: Context) -> str:
    return ",".join(map(quoted, c.bench.fault_list(c.serial))) or quoted("")


_PERCENT: Final = Ratio("percent", Fraction(0), _FULL)
_SWITCH: Final = Flag("on")
_BOUNCE: Final = Choice("name", ("NONE", "TYPical", "LONG", "OUTLier"))
_LATEST_NS: Final = 4_500_000_000 * SECOND
"""In the year 2112, within what a token can live in."""


def _warmth(name: str) -> Scaled:
    return Scaled(name, MIN_MC, MAX_MC, 1_000)


ENVIRONMENT: Final = (
    Command("ENVironment:TEMPerature", _temperature, (_warmth("celsius"),)),
    Command("ENVironment:TEMPerature?", _temperature_query),
    Command(
        "ENVironment:CYCLe",
        _cycle,
        (_warmth("low"), _warmth("high"), Seconds("period s", SECOND, _LONGEST_NS, _DAY_NS)),
    ),
    Command("BATTery:OUT", _battery_out),
    Command("BATTery:IN", _battery_in, (Ratio("percent", Fraction(0), _FULL, _FULL),)),
    Command("BATTery:LEVel", _battery_level, (_PERCENT,)),
    Command("BATTery:LEVel?", _battery_level_query),
    Command("BATTery:VOLTage?", _battery_voltage),
    Command("BATTery:STATe?", _battery_state),
    Command(
        "CRYStal:PPM", _tolerance, (Scaled("ppm", -MAX_TOLERANCE_PPB, MAX_TOLERANCE_PPB, 1_000),)
    ),
    Command("CRYStal:PPM?", _tolerance_query),
    Command("CRYStal:AGEing", _ageing, (Scaled("ppm", -MAX_AGEING_PPB, MAX_AGEING_PPB, 1_000),)),
    Command("CRYStal:AGEing?", _ageing_query),
    Command("CRYStal:JUMP", _jump, (Seconds("s", -_LONGEST_NS, _LONGEST_NS),)),
)
"""What is round a token, and what it runs on."""

TOKEN: Final = (
    Command("TOKen:TIME", _set_clock, (Seconds("unix s", 0, _LATEST_NS),)),
    Command("TOKen:OPEN", _open_case),
)
"""What a tool does to a token."""

FAULTS: Final = (
    Command(
        "FAULt:SEGMent",
        _segment,
        (
            Choice("how", ("DEAD", "STUCK")),
            Whole("digit", 0, MAX_DIGIT - 1),
            Choice("segment", tuple(SEGMENTS.upper())),
        ),
    ),
    Command("FAULt:JAM", _jam, (_SWITCH,)),
    Command("FAULt:BOUNce", _bounce, (_BOUNCE,)),
    Command("FAULt:CHATter", _chatter, (_SWITCH,)),
    Command("FAULt:ROT", _rot, (Whole("byte", SLOT_A, IMAGE_SIZE - 1), Whole("mask", 1, 255))),
    Command("FAULt:TEAR", _tear, (Whole("byte", 0, SLOT_SIZE),)),
    Command("FAULt:INJect", _inject, (Text("fault"),)),
    Command("FAULt:CLEar", _clear),
    Command("FAULt:COUNt?", _count),
    Command("FAULt:LIST?", _list),
)
"""What wears out, and what is made to go wrong."""
