"""The actions of the transition table: each action of ``table.py`` has one function here."""

from collections.abc import Callable, Mapping
from typing import Final

from firmware_model.cell import droop_ns, remaining_percent, voltage
from firmware_model.climate import temperature
from firmware_model.crystal import reaches
from firmware_model.damage import landed
from firmware_model.errors import StimulusError
from firmware_model.nvm import (
    COUNTER_LOW,
    SLOT_A,
    SLOT_B,
    SLOT_SIZE,
    Config,
    decode_slot,
    encode_slot,
)
from firmware_model.oath import MAX_COUNTER, code_text
from firmware_model.profile import SECOND, HoldAction, StepChange, TokenType, WeakBattery
from firmware_model.run import Run
from firmware_model.segments import decode, encode
from firmware_model.state import NEVER, bars_at
from firmware_model.stimuli import (
    Accepted,
    Bars,
    CommitFailed,
    Dark,
    Extended,
    Lit,
    NvmWrite,
    Refusal,
    Refused,
    Shown,
)
from firmware_model.table import TABLE, Action, Mode, Trigger


def fire(run: Run, trigger: Trigger) -> None:
    """Take the table's transition; a pair that is not in it changes nothing."""
    transition = COMPILED[run.mode][trigger]
    if transition is None:
        return
    action, run.mode = transition
    action(run)
    if run.closed and not run.button and run.mode is _ASLEEP:
        run.mode = _DEBOUNCING  # the look at the contact before going to sleep


def _nothing(_run: Run) -> None:
    pass


def _accept_event(run: Run) -> None:
    blank(run)
    run.factor = run.counter
    run.effects.append(Accepted(run.now, run.factor))
    profile = run.config.profile
    run.done = run.now + profile.commit_ns
    _load(run, run.done + profile.compute_ns)


def _accept_time(run: Run) -> None:
    blank(run)
    run.factor = run.time_factor()
    run.effects.append(Accepted(run.now, run.factor))
    run.done = run.now + run.config.profile.compute_ns
    _load(run, run.done)


def _load(run: Run, until_ns: int) -> None:
    """Wake the CPU: take the charge of a press, and see whether the battery stands it."""
    run.low = False
    if run.charge() > run.safe:
        _strain(run, until_ns)
    run.used += run.config.press_charge


def _strain(run: Run, until_ns: int) -> None:
    profile, physics = run.config.profile, run.physics
    used, capacity = run.charge(), physics.battery.capacity
    warmth = temperature(physics.climate, run.now)
    loaded_mv = voltage(used, capacity, warmth, profile.quiescent_na + profile.active_na)
    run.low = loaded_mv < profile.low_battery_mv
    open_mv = voltage(used, capacity, warmth, profile.quiescent_na)
    sag_ns = droop_ns(open_mv, loaded_mv, profile.brown_out_mv, profile.droop_ns)
    # Once the code is lit the CPU sleeps: a supply that holds so long has held.
    if sag_ns is not None and run.now + sag_ns < until_ns:
        run.fail = run.now + sag_ns


def _commit(run: Run) -> None:
    _write_slot(run, run.factor + 1)
    run.done = run.now + run.config.profile.compute_ns


def _fail_commit(run: Run) -> None:
    offset = run.older
    _put(run, _next_slot(run, run.factor + 1))
    run.effects.append(CommitFailed(run.now, offset))
    _show_screen(run)


def commit_lands(run: Run, counter: int) -> bool:
    """Whether what is read back after the next write would be what was written."""
    if not run.physics.damage.cells and run.sequence < 2 * run.config.profile.nvm_endurance:
        return True
    data = _next_slot(run, counter)
    return _landed(run, data) == data


def _light(run: Run) -> None:
    profile = run.config.profile
    run.done = run.now + profile.lit_ns
    run.fail = NEVER
    if run.low and profile.weak_battery is WeakBattery.ERROR:
        _show(run, "Err".rjust(run.config.digits))
    else:
        _show_code(run)


def _show_code(run: Run) -> None:
    config = run.config
    key = run.key
    assert key is not None  # noqa: S101  # only power_on has none, and it lights no code
    if key.key_id != config.key_id:
        raise StimulusError(
            f"{config.serial} has key {config.key_id}, not {key.key_id}: prepare the Key"
            " from its config's secret and algorithm"
        )
    if not run.text:
        run.lit_at = run.now
    run.text = code_text(key.truncated(run.factor), config.digits)
    run.effects.append(Lit(run.now, run.text, run.factor))
    if config.profile.token_type is _TIME:
        _plan_tick(run)


def _refresh(run: Run) -> None:
    run.factor = run.time_factor()
    _show_code(run)


def _update_bars(run: Run) -> None:
    if run.config.profile.time_bars:
        run.effects.append(Bars(run.now, bars_at(run.config, run.factor, run.token_time())[0]))
    _plan_tick(run)


def _plan_tick(run: Run) -> None:
    profile = run.config.profile
    keeps = profile.step_change is StepChange.KEEP
    bars, change_ns = bars_at(run.config, run.factor, run.token_time())
    if not bars:
        # The step was over before its code lit: what is due at its end is due now.
        run.tick = NEVER if keeps else run.now
        return
    if keeps and not profile.time_bars:
        run.tick = NEVER
        return
    physics = run.physics
    run.tick = reaches(physics.rtc, physics.climate, change_ns, (run.now, run.token_time()))


def _extend(run: Run) -> None:
    run.done = run.now + run.config.profile.lit_ns
    run.effects.append(Extended(run.now, run.factor))


def blank(run: Run) -> None:
    """Darken the LCD and drop what was still to happen on it."""
    run.done = run.tick = run.fail = NEVER
    if run.text:
        run.text = ""
        run.used += run.config.profile.lcd_na * (run.now - run.lit_at)
        run.effects.append(Dark(run.now))


def screen_text(config: Config, mode: Mode, counter: int, factor: int) -> str:
    """Return what the LCD shows in a mode that shows no code; empty when dark."""
    if mode is Mode.ERROR:
        return "-" * config.digits
    if mode is not Mode.SCREEN:
        return ""
    if config.profile.hold_action is HoldAction.LCD_TEST:
        return "8" * config.digits
    number = counter if config.token_type is TokenType.EVENT else factor
    # Some letters have a glyph in one case only: say it as the LCD spells it.
    return decode(encode(f"{number:x}".rjust(config.digits)[-config.digits :]))


def _show(run: Run, text: str) -> None:
    if not run.text:
        run.lit_at = run.now
    run.text = text
    run.effects.append(Shown(run.now, text))


def _show_screen(run: Run) -> None:
    run.done = run.tick = NEVER
    _show(run, screen_text(run.config, run.mode, run.counter, run.factor))
    plan_exhaustion(run)


def plan_exhaustion(run: Run) -> None:
    """Find out when the battery has given all under a picture that nothing darkens."""
    profile = run.config.profile
    drain_na = profile.lcd_na + profile.quiescent_na
    run.fail = NEVER
    if drain_na:
        left_ns = (run.physics.battery.capacity - run.charge()) // drain_na
        # An empty one too has the instant that makes it notice.
        run.fail = min(run.now + max(left_ns, 1), NEVER)


def menu_text(run: Run) -> str:
    """Return what a page of the menu shows: time or counter, battery, serial number."""
    config, page = run.config, PAGES[run.page]
    if page == "battery":
        percent = remaining_percent(run.charge(), run.physics.battery.capacity)
        return f"b{percent:>{config.digits - 1}}"
    if page == "serial":
        shown = "".join(char for char in config.serial if char.isdigit())[-config.digits :]
        return shown.rjust(config.digits)
    if config.token_type is TokenType.EVENT:
        return str(run.counter)[-config.digits :].rjust(config.digits)
    minutes = run.token_time() // (60 * SECOND) % (24 * 60)
    return f"{minutes // 60:02}-{minutes % 60:02}".rjust(config.digits)


def _open_menu(run: Run) -> None:
    run.page = 0
    _show_page(run)


def _turn_page(run: Run) -> None:
    run.page += 1
    _show_page(run)


def _show_page(run: Run) -> None:
    run.tick = NEVER
    run.done = run.now + run.config.profile.lit_ns
    _show(run, menu_text(run))


def _refusal(reason: Refusal) -> Callable[[Run], None]:
    def refuse(run: Run) -> None:
        run.effects.append(Refused(run.now, reason))

    return refuse


def _refuse_dead(run: Run) -> None:
    blank(run)
    run.effects.append(Refused(run.now, Refusal.DEAD))


def _refuse_expired(run: Run) -> None:
    blank(run)
    run.effects.append(Refused(run.now, Refusal.EXPIRED))


def _clear(run: Run) -> None:
    blank(run)
    run.effects.append(Refused(run.now, Refusal.CLEARED))


def _program(run: Run) -> None:
    # Both slots, so that the higher of the two is what was asked for.
    _write_slot(run, run.wanted)
    _write_slot(run, run.wanted)


def _program_shown(run: Run) -> None:
    _program(run)
    _show_screen(run)


def _revive(run: Run) -> None:
    blank(run)
    _program(run)


def _start(run: Run) -> None:
    older = run.slot_a if run.older == SLOT_A else run.slot_b
    if decode_slot(older) is None:
        _write_slot(run, run.counter)


def _write_slot(run: Run, counter: int) -> None:
    data = _next_slot(run, counter)
    run.sequence = _after(run.sequence)
    run.counter = counter
    _put(run, data)


def _next_slot(run: Run, counter: int) -> bytes:
    return encode_slot(_after(run.sequence), counter)


def _put(run: Run, data: bytes) -> None:
    """Write the older slot; the other one is the older from then on."""
    data = _landed(run, data)
    run.effects.append(NvmWrite(run.now, run.older, data))
    if run.older == SLOT_A:
        run.slot_a, run.older = data, SLOT_B
    else:
        run.slot_b, run.older = data, SLOT_A


def _landed(run: Run, data: bytes) -> bytes:
    """What is in the older slot's cells after a write of ``data``, from its first byte."""
    if run.sequence >= 2 * run.config.profile.nvm_endurance:
        # The counter's low byte is the one that every commit changes: it sticks first.
        old = run.slot_a if run.older == SLOT_A else run.slot_b
        data = data[:COUNTER_LOW] + old[COUNTER_LOW : COUNTER_LOW + 1] + data[COUNTER_LOW + 1 :]
    return landed(run.physics.damage, run.older, data)


def _after(sequence: int) -> int:
    # Counters decide at power-on, so a sequence may start again when its bytes are full.
    return (sequence + 1) & MAX_COUNTER


def tear(run: Run) -> None:
    """Leave the slot under way with the bytes that its time so far has written."""
    commit_ns = run.config.profile.commit_ns
    spent_ns = run.now - (run.done - commit_ns)
    written = SLOT_SIZE * spent_ns // commit_ns
    part = _landed(run, _next_slot(run, run.factor + 1))[:written]
    if not part:
        return
    run.effects.append(NvmWrite(run.now, run.older, part))
    if run.older == SLOT_A:
        run.slot_a = part + run.slot_a[written:]
    else:
        run.slot_b = part + run.slot_b[written:]


ACTIONS: Final[Mapping[Action, Callable[[Run], None]]] = {
    Action.NOTHING: _nothing,
    Action.ACCEPT_EVENT: _accept_event,
    Action.ACCEPT_TIME: _accept_time,
    Action.COMMIT: _commit,
    Action.LIGHT: _light,
    Action.DARKEN: blank,
    Action.EXTEND: _extend,
    Action.SHOW_SCREEN: _show_screen,
    Action.UPDATE_BARS: _update_bars,
    Action.REFRESH: _refresh,
    Action.REFUSE_LIT: _refusal(Refusal.LIT),
    Action.REFUSE_BUSY: _refusal(Refusal.BUSY),
    Action.REFUSE_ERROR: _refusal(Refusal.ERROR),
    Action.REFUSE_DEAD: _refuse_dead,
    Action.CLEAR: _clear,
    Action.PROGRAM: _program,
    Action.PROGRAM_SHOWN: _program_shown,
    Action.REVIVE: _revive,
    Action.BOOT: _start,
    Action.SHOW_ERROR: _show_screen,
    Action.FAIL_COMMIT: _fail_commit,
    Action.REFUSE_EXPIRED: _refuse_expired,
    Action.OPEN_MENU: _open_menu,
    Action.TURN_PAGE: _turn_page,
}
# Lists indexed by number: an Enum's hash is Python code and would be half of a step's cost.
COMPILED: Final = [
    [
        (ACTIONS[row[trigger].action], row[trigger].to) if trigger in row else None
        for trigger in Trigger
    ]
    for row in (TABLE[mode] for mode in Mode)
]
PAGES: Final = ("now", "battery", "serial")
"""The menu, page by page (Digipass GO 7: Time, Battery, Serial)."""

_ASLEEP: Final = Mode.ASLEEP
_DEBOUNCING: Final = Mode.DEBOUNCING
_TIME: Final = TokenType.TIME
