"""The transition table holds together."""

import pytest

from firmware_model.actions import ACTIONS
from firmware_model.table import TABLE, Action, Mode, Trigger

BOOTS = (Trigger.BOOT_GOOD, Trigger.BOOT_BROKEN, Trigger.BOOT_SPENT)
PRESSES = (Trigger.PRESS_EVENT, Trigger.PRESS_TIME, Trigger.PRESS_SPENT)


def test_every_mode_has_a_row() -> None:
    """Every mode has its row, in the order of the modes."""
    assert list(Mode) == list(TABLE)


def test_modes_and_triggers_are_numbered_without_gaps() -> None:
    """Modes and triggers can index a list."""
    assert list(range(len(Mode))) == [mode.value for mode in Mode]
    assert list(range(len(Trigger))) == [trigger.value for trigger in Trigger]


@pytest.mark.parametrize("action", Action)
def test_every_action_is_used_and_done(action: Action) -> None:
    """Every action has a function and a place in the table."""
    assert action in ACTIONS
    assert action in {transition.action for row in TABLE.values() for transition in row.values()}


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_is_used(trigger: Trigger) -> None:
    """Every trigger means something in some mode."""
    assert any(trigger in row for row in TABLE.values())


@pytest.mark.parametrize("mode", Mode)
def test_power_can_fail_in_any_mode(mode: Mode) -> None:
    """From every mode a boot leads to asleep, error or dead."""
    to = [TABLE[mode][trigger].to for trigger in BOOTS]
    assert [Mode.ASLEEP, Mode.ERROR, Mode.DEAD] == to


def test_every_mode_is_reached_and_left() -> None:
    """Without a boot every mode is reached from asleep, and all but off can be left."""
    reached, fresh = {Mode.ASLEEP}, [Mode.ASLEEP]
    while fresh:
        row = TABLE[fresh.pop()]
        found = {step.to for trigger, step in row.items() if trigger not in BOOTS} - reached
        reached |= found
        fresh += found
    assert set(Mode) == reached
    for mode, row in TABLE.items():
        if mode is Mode.OFF:
            continue  # only a battery leads out of it
        assert {step.to for trigger, step in row.items() if trigger not in BOOTS} - {mode}


def test_an_event_token_lights_only_after_a_commit() -> None:
    """COMPUTING is entered by a commit, or by a press of a time token; LIT only from there."""
    ways_in = {
        (trigger, transition.action)
        for mode, row in TABLE.items()
        for trigger, transition in row.items()
        if transition.to is Mode.COMPUTING and mode is not Mode.COMPUTING
    }
    assert {
        (Trigger.DONE, Action.COMMIT),
        (Trigger.PRESS_TIME, Action.ACCEPT_TIME),
    } == ways_in
    lights = {
        mode
        for mode, row in TABLE.items()
        for transition in row.values()
        if transition.to is Mode.LIT and mode is not Mode.LIT
    }
    assert {Mode.COMPUTING} == lights


@pytest.mark.parametrize("mode", [Mode.DEBOUNCING, Mode.COMMITTING, Mode.COMPUTING, Mode.LIT])
@pytest.mark.parametrize("press", PRESSES)
def test_no_press_goes_unanswered(mode: Mode, press: Trigger) -> None:
    """Where a press can come, each kind of press leads to an accept or a refusal."""
    assert press in TABLE[mode]
