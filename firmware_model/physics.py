"""What a token is made of, apart from its firmware: clock, battery, temperature, wear.

None of it survives in the NVM, and none is lost with the power: it is matter. It
changes when something is done to the token, and not from press to press (but for the
charge drawn, which the state counts), so that years of presses carry it along as it is.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from firmware_model import climate as climates
from firmware_model import crystal as crystals
from firmware_model.cell import charge_of
from firmware_model.climate import ROOM, Climate, check_climate
from firmware_model.crystal import Crystal, Rtc, check_crystal
from firmware_model.damage import UNHARMED, Damage, Gap, StuckBits, check_damage
from firmware_model.errors import StateFormatError, StimulusError
from firmware_model.profile import Profile

_YEAR_NS: Final = climates.YEAR_NS
MAX_CHARGE: Final = 2**90
"""Largest charge that is counted, nA·ns: far more than a coin cell has."""


class Battery(NamedTuple):
    """The battery.

    Attributes:
        at_ns: since when its quiescent charge counts: when it was put in or drained last.
        capacity: what a fresh one gives, nA·ns.
        present: whether it is in.
    """

    at_ns: int
    capacity: int
    present: bool = True


class Physics(NamedTuple):
    """All of it.

    Attributes:
        rtc: the token's own clock.
        climate: the temperature round it.
        battery: what it runs on.
        damage: what is worn or broken.
    """

    rtc: Rtc
    climate: Climate
    battery: Battery
    damage: Damage = UNHARMED


def new_physics(
    profile: Profile,
    at_ns: int,
    *,
    tolerance_ppb: int = 0,
    ageing_ppb: int = 0,
    offset_ns: int = 0,
    climate: Climate = ROOM,
) -> Physics:
    """Return what a token is made of as it leaves the factory.

    Args:
        profile: which product.
        at_ns: when: bench time, ns since 1970, UTC. May lie years back: it has lain
            on a shelf since.
        tolerance_ppb: rate error of its crystal, parts per billion; positive runs fast.
        ageing_ppb: change of that rate in the first year.
        offset_ns: how far its clock was off when it was set.
        climate: the temperature round it.
    """
    crystal = Crystal(tolerance_ppb, profile.crystal_ppb, profile.turnover_mc, ageing_ppb)
    rtc = Rtc(at_ns, at_ns + offset_ns, crystal, at_ns)
    return Physics(rtc, climate, Battery(at_ns, charge_of(profile.battery_uah)))


def shifted(physics: Physics, by_ns: int) -> Physics:
    """Return it after the bench's clock was set: every time moves along, nothing ages."""
    battery = physics.battery
    return physics._replace(
        rtc=crystals.shifted(physics.rtc, by_ns),
        climate=climates.shifted(physics.climate, by_ns),
        battery=battery._replace(at_ns=battery.at_ns + by_ns),
    )


def check_physics(physics: Physics) -> None:
    """Check what somebody hands in.

    Raises:
        StimulusError: no token is like that.
    """
    rtc, battery = physics.rtc, physics.battery
    check_crystal(rtc.crystal)
    check_climate(physics.climate)
    check_damage(physics.damage)
    for time_ns in (rtc.at_ns, rtc.clock_ns, rtc.born_ns, battery.at_ns):
        check_time(time_ns)
    if not 0 <= rtc.carry < crystals.CARRY_UNIT:
        raise StimulusError(f"a carry of {rtc.carry}; allowed are 0 to {crystals.CARRY_UNIT - 1}")
    if not 0 < battery.capacity <= MAX_CHARGE:
        raise StimulusError(f"a battery of {battery.capacity} nA·ns; allowed are 1 to {MAX_CHARGE}")


def check_time(time_ns: int) -> None:
    """Check that a token can live then.

    Raises:
        StimulusError: it can't.
    """
    if not -climates.LAST_NS <= time_ns <= climates.LAST_NS:
        raise StimulusError(
            f"a time {abs(time_ns) // _YEAR_NS} years from 1970; allowed are 146 years before and"
            " after it"
        )


def to_mapping(physics: Physics) -> dict[str, Any]:
    """Return it as plain values, for JSON."""
    rtc, climate, battery, damage = physics
    return {
        "rtc": rtc._asdict() | {"crystal": rtc.crystal._asdict()},
        "climate": climate._asdict(),
        "battery": battery._asdict(),
        "damage": damage_to_mapping(damage),
    }


def damage_to_mapping(damage: Damage) -> dict[str, Any]:
    """Return damage as plain values, for JSON."""
    return damage._asdict() | {
        "chatter": [gap._asdict() for gap in damage.chatter],
        "cells": [cell._asdict() for cell in damage.cells],
    }


def from_mapping(data: Mapping[str, Any]) -> Physics:
    """Read what :func:`to_mapping` gave, lists for tuples allowed.

    Raises:
        StateFormatError: anything else.
    """
    with _explained("physics"):
        rtc, climate, battery, damage = (data[name] for name in Physics._fields)
        physics = Physics(
            Rtc(**_all(Rtc, rtc, "crystal"), crystal=crystal_from_mapping(rtc["crystal"])),
            climate_from_mapping(climate),
            Battery(**_all(Battery, battery, "present"), present=_flag(battery["present"])),
            damage_from_mapping(damage),
        )
        check_physics(physics)
        return physics


def crystal_from_mapping(data: Mapping[str, Any]) -> Crystal:
    """Read a crystal's fields; whether there is such a crystal is not looked at.

    Raises:
        StateFormatError: one missing, unknown or of the wrong type.
    """
    with _explained("a crystal"):
        return Crystal(**_all(Crystal, data))


def climate_from_mapping(data: Mapping[str, Any]) -> Climate:
    """Read a climate's fields; see :func:`crystal_from_mapping`.

    Raises:
        StateFormatError: one missing, unknown or of the wrong type.
    """
    with _explained("a climate"):
        return Climate(
            **_all(Climate, data, "knots"),
            knots=tuple((_number(at), _number(warmth)) for at, warmth in data["knots"]),
        )


def damage_from_mapping(data: Mapping[str, Any]) -> Damage:
    """Read damage's fields; see :func:`crystal_from_mapping`.

    Raises:
        StateFormatError: one missing, unknown or of the wrong type.
    """
    with _explained("damage"):
        return Damage(
            dead=_numbers(data["dead"]),
            stuck=_numbers(data["stuck"]),
            jammed=_flag(data["jammed"]),
            bounce=_numbers(data["bounce"]),
            chatter=tuple(Gap(**_all(Gap, gap)) for gap in _list(data["chatter"])),
            cells=tuple(StuckBits(**_all(StuckBits, cell)) for cell in _list(data["cells"])),
        )


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except StimulusError as e:
        raise StateFormatError(f"{what} that can't be: {e}") from e
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise StateFormatError(
            f"{what} with a field missing, unknown or of the wrong type: {e}"
        ) from None


def _all(kind: Any, data: Any, other: str = "") -> dict[str, Any]:  # noqa: ANN401  # any NamedTuple; what JSON gives
    """The whole numbers of a mapping that has every field of ``kind`` and no more."""
    if not isinstance(data, Mapping) or set(data) != set(kind._fields):
        raise TypeError(f"{kind.__name__} has {', '.join(kind._fields)}")
    return {name: _number(value) for name, value in data.items() if name != other}


def _list(values: Any) -> list[Any] | tuple[Any, ...]:  # noqa: ANN401  # what JSON gives
    if not isinstance(values, list | tuple):
        raise TypeError("no list")
    return values


def _numbers(values: Any) -> tuple[int, ...]:  # noqa: ANN401  # what JSON gives
    return tuple(_number(value) for value in _list(values))


def _number(value: Any) -> int:  # noqa: ANN401  # what JSON gives
    if type(value) is not int:
        raise TypeError("no whole number")
    return value


def _flag(value: Any) -> bool:  # noqa: ANN401  # what JSON gives
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value
