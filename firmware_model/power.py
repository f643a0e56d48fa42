"""The supply: what the firmware does when it comes, sags and goes."""

from typing import Final

from firmware_model import nvm
from firmware_model.actions import blank, commit_lands, fire, tear
from firmware_model.cell import voltage
from firmware_model.climate import temperature
from firmware_model.nvm import SLOT_SIZE
from firmware_model.profile import Loss, TokenType
from firmware_model.run import Run
from firmware_model.state import NEVER
from firmware_model.stimuli import Booted, Erased, Exhausted, NvmWrite, PowerLost
from firmware_model.table import Mode, Trigger

ENDLESS: Final = (Mode.ERROR, Mode.SCREEN)
"""Modes whose picture stays until the battery is empty."""


def boot(run: Run) -> None:
    """Start the firmware: the memory decides what comes."""
    found = nvm.recover(run.slot_a, run.slot_b, run.config.last_counter)
    run.older, run.sequence = found.older, found.sequence
    run.counter = 0 if found.counter is None else min(found.counter, run.config.last_counter)
    spent = found.counter is not None and found.counter >= run.config.last_counter
    if found.counter is None or (run.config.erased and not spent):
        fire(run, Trigger.BOOT_BROKEN)
    elif found.repair and not commit_lands(run, run.counter):
        # The slot can't be mended: no code may light that isn't committed.
        fire(run, Trigger.BOOT_BROKEN)
    elif spent and (run.config.erased or run.config.token_type is TokenType.EVENT):
        fire(run, Trigger.BOOT_SPENT)
    else:
        fire(run, Trigger.BOOT_GOOD)
    run.effects.append(Booted(run.now, found.counter, found.repair))


def rise(run: Run) -> None:
    """The supply is there: start, if the battery is good for it."""
    if flat(run):
        exhausted(run)
        fade(run)
    else:
        boot(run)


def lose_power(run: Run) -> None:
    """Lose the RAM; a write under way is torn."""
    if run.mode is Mode.COMMITTING:
        tear(run)
    blank(run)
    run.effects.append(PowerLost(run.now))
    run.settle = run.held = NEVER
    run.low = False
    # A key that is down at power-on is the resting level: a stuck one makes no press.
    run.button = run.closed


def power_off(run: Run) -> None:
    """Lose the power for longer than an instant."""
    lose_power(run)
    fade(run)


def fade(run: Run) -> None:
    """Without power: what the product loses then is lost, and nothing runs any more."""
    suffer(run, run.config.profile.battery_gone)
    fire(run, Trigger.POWER_GONE)


def suffer(run: Run, loss: Loss) -> None:
    """Lose the secret, or all; for good."""
    if loss is Loss.NOTHING or run.config.erased:
        return
    run.config = nvm.without_secret(run.config)
    # Life ends like a counter does: nothing lights. Without a counter there are dashes.
    dead = loss is Loss.LIFE
    slot = nvm.encode_slot(0, run.config.last_counter) if dead else bytes([0xFF] * SLOT_SIZE)
    run.slot_a = run.slot_b = slot
    run.effects.append(NvmWrite(run.now, 0, run.config.factory_record + slot + slot))
    run.effects.append(Erased(run.now))


def flat(run: Run) -> bool:
    """Whether the battery does not even keep a sleeping token alive."""
    used = run.charge()
    return used > run.safe and _open_mv(run) < run.config.profile.brown_out_mv


def _open_mv(run: Run) -> int:
    physics = run.physics
    return voltage(
        run.charge(),
        physics.battery.capacity,
        temperature(physics.climate, run.now),
        run.config.profile.quiescent_na,
    )


def exhaust(run: Run) -> None:
    """Find the battery empty, and go off."""
    exhausted(run)
    power_off(run)


def exhausted(run: Run) -> None:
    """Tell that the battery is empty."""
    run.effects.append(Exhausted(run.now, _open_mv(run)))
