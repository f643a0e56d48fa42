"""What is round a token, what it is made of, and what is made to go wrong with it."""

from fractions import Fraction
from typing import Final

from fastapi import APIRouter

from emulator.bench import Bench
from emulator.errors import UsageError
from emulator.happening import Happening
from emulator.http.hand import Hand, InHand, its_own_fault
from emulator.http.problems import problem_responses
from emulator.http.schemas import matter as schemas
from emulator.results import Condition
from firmware_model.cell import charge_of, used_at
from firmware_model.climate import steady
from firmware_model.damage import Damage, Gap, StuckBits, check_damage
from firmware_model.errors import StimulusError
from firmware_model.stimuli import Ambient, BatteryIn, BatteryOut, Drain, Harm, Retune

_NOW: Final = 0  # the bench puts its own time in
_FULL: Final = 100

router = APIRouter(tags=["environment"], responses=problem_responses(404))


@router.get("/tokens/{serial}/environment")
async def get_environment(hand: InHand) -> schemas.Environment:
    """Measure what is round the token, and what it is made of."""
    return _environment(hand.bench.condition(hand.serial))


@router.patch("/tokens/{serial}/environment", responses=problem_responses(409))
async def patch_environment(hand: InHand, body: schemas.EnvironmentChange) -> schemas.Environment:
    """Change it, from now on. Everything is checked before the first thing happens."""
    changes = _changes(hand.bench, hand.serial, body)
    with hand.acting(), its_own_fault():
        for change in changes:
            hand.bench.happen(hand.serial, change)
    return _environment(hand.bench.condition(hand.serial))


def _environment(condition: Condition) -> schemas.Environment:
    return schemas.Environment(
        temperature_c=condition.temperature_mc / 1000,
        battery=schemas.Battery(
            present=condition.battery_present,
            percent=condition.battery_percent,
            millivolts=condition.millivolts,
        ),
        crystal_ppm=condition.crystal.tolerance_ppb / 1000,
        damage=schemas.Damage(
            dead=list(condition.damage.dead),
            stuck=list(condition.damage.stuck),
            jammed=condition.damage.jammed,
            bounce=list(condition.damage.bounce),
            chatter=[schemas.Gap(**gap._asdict()) for gap in condition.damage.chatter],
            cells=[schemas.StuckBits(**cell._asdict()) for cell in condition.damage.cells],
        ),
    )


def _changes(bench: Bench, serial: str, body: schemas.EnvironmentChange) -> list[Happening]:
    """Return what must happen for a token to be so; what is so already need not.

    Raises:
        UsageError: no token can be so.
    """
    now = bench.condition(serial)
    changes: list[Happening] = []
    if body.temperature_c is not None:
        changes.append(Ambient(_NOW, steady(round(body.temperature_c * 1000))))
    if body.crystal_ppm is not None:
        ppb = round(body.crystal_ppm * 1000)
        changes.append(Retune(_NOW, now.crystal._replace(tolerance_ppb=ppb)))
    if isinstance(body.battery, schemas.BatteryOut):
        if now.battery_present:
            changes.append(BatteryOut(_NOW))
    elif body.battery is not None:
        percent = body.battery.percent
        if not now.battery_present:
            used = _used(bench, serial, _FULL if percent is None else percent)
            changes.append(BatteryIn(_NOW, used))
        elif percent is not None:
            changes.append(Drain(_NOW, _used(bench, serial, percent)))
    if body.damage is not None:
        changes.append(Harm(_NOW, _damage(now.damage, body.damage)))
    return changes


def _used(bench: Bench, serial: str, percent: float) -> int:
    return used_at(Fraction(repr(percent)), charge_of(bench.profile(serial).battery_uah))


def _damage(now: Damage, wanted: schemas.Damage) -> Damage:
    whole = Damage(
        tuple(wanted.dead),
        tuple(wanted.stuck),
        wanted.jammed,
        tuple(wanted.bounce),
        tuple(Gap(gap.after_ns, gap.open_ns) for gap in wanted.chatter),
        tuple(StuckBits(cell.offset, cell.mask, cell.value) for cell in wanted.cells),
    )
    damage = now._replace(**{name: getattr(whole, name) for name in wanted.model_fields_set})
    try:
        check_damage(damage)
    except StimulusError as e:
        raise UsageError(str(e)) from None
    return damage


@router.get("/tokens/{serial}/faults", responses=problem_responses(409), tags=["faults"])
async def get_faults(hand: InHand) -> schemas.Faults:
    """List the faults that are armed."""
    return schemas.Faults(faults=_armed(hand))


@router.post(
    "/tokens/{serial}/faults",
    status_code=201,
    responses=problem_responses(409),
    tags=["faults"],
)
async def post_fault(hand: InHand, body: schemas.FaultRequest) -> schemas.FaultArmed:
    """Arm a fault, or let it happen at once."""
    _armed(hand)
    with hand.acting():
        name = hand.bench.inject(hand.serial, body.fault)
    return schemas.FaultArmed(name=name, faults=_armed(hand))


@router.delete(
    "/tokens/{serial}/faults", status_code=204, responses=problem_responses(409), tags=["faults"]
)
async def delete_faults(hand: InHand) -> None:
    """Disarm all faults, and mend all damage."""
    with hand.acting():
        hand.bench.clear_faults(hand.serial)


def _armed(hand: Hand) -> list[str]:
    with its_own_fault():
        return list(hand.bench.fault_list(hand.serial))
