"""The actions of the transition table, and the state they work on.

:class:`Run` is a state taken apart while one step runs through it; it never
outlives the step. Each action of ``table.py`` has one function here.
"""

from collections.abc import Callable, Mapping
from typing import Final

from firmware_model.errors import StimulusError
from firmware_model.nvm import SLOT_A, SLOT_B, SLOT_SIZE, Config, decode_slot, encode_slot
from firmware_model.oath import MAX_COUNTER, Key, code_text
from firmware_model.profile import SECOND, HoldAction, StepChange, TokenType
from firmware_model.segments import decode, encode
from firmware_model.state import BILLION, NEVER, State, bars_at, clock_after
from firmware_model.stimuli import (
    Accepted,
    Bars,
    Dark,
    Effect,
    Extended,
    Lit,
    NvmWrite,
    Refusal,
    Refused,
    Shown,
)
from firmware_model.table import TABLE, Action, Mode, Trigger


class Run:
    """A state taken apart while a step runs through it."""

    __slots__ = (
        "button",
        "clock_at",
        "clock_ns",
        "clock_ppb",
        "closed",
        "config",
        "counter",
        "done",
        "effects",
        "factor",
        "held",
        "key",
        "mode",
        "now",
        "older",
        "sequence",
        "settle",
        "slot_a",
        "slot_b",
        "text",
        "tick",
        "wanted",
    )

    def __init__(self, state: State, key: Key | None) -> None:
        self.key = key
        self.wanted = 0  # the counter that a programming tool asks for
        self.effects: list[Effect] = []
        (
            self.config,
            self.slot_a,
            self.slot_b,
            self.older,
            self.sequence,
            self.counter,
            self.now,
            self.mode,
            self.done,
            self.closed,
            self.settle,
            self.button,
            self.held,
            self.tick,
            self.factor,
            self.text,
            self.clock_at,
            self.clock_ns,
            self.clock_ppb,
        ) = state

    def freeze(self) -> State:
        """Put the state together again."""
        # State(...) would take the arguments apart and put them together again.
        return _new_tuple(
            State,
            (
                self.config,
                self.slot_a,
                self.slot_b,
                self.older,
                self.sequence,
                self.counter,
                self.now,
                self.mode,
                self.done,
                self.closed,
                self.settle,
                self.button,
                self.held,
                self.tick,
                self.factor,
                self.text,
                self.clock_at,
                self.clock_ns,
                self.clock_ppb,
            ),
        )

    def fire(self, trigger: Trigger) -> None:
        """Take the table's transition; a pair that is not in it changes nothing."""
        transition = COMPILED[self.mode][trigger]
        if transition is None:
            return
        action, self.mode = transition
        action(self)
        if self.closed and not self.button and self.mode is _ASLEEP:
            self.mode = _DEBOUNCING  # the look at the contact before going to sleep

    def token_time(self) -> int:
        """What the token's own clock says, ns since 1970, UTC."""
        return self.clock_ns + clock_after(self.now - self.clock_at, self.clock_ppb)

    def time_factor(self) -> int:
        """The step of the token's own clock; before T0 it stays at step 0."""
        config = self.config
        return max((self.token_time() - config.t0_s * SECOND) // config.step_ns, 0)


def _nothing(_run: Run) -> None:
    pass


def _accept_event(run: Run) -> None:
    blank(run)
    run.factor = run.counter
    run.effects.append(Accepted(run.now, run.factor))
    run.done = run.now + run.config.profile.commit_ns


def _accept_time(run: Run) -> None:
    blank(run)
    run.factor = run.time_factor()
    run.effects.append(Accepted(run.now, run.factor))
    run.done = run.now + run.config.profile.compute_ns


def _commit(run: Run) -> None:
    _write_slot(run, run.factor + 1)
    run.done = run.now + run.config.profile.compute_ns


def _light(run: Run) -> None:
    run.done = run.now + run.config.profile.lit_ns
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
    # The first bench time at which the token's clock has got there: rounded up.
    ahead_ns = change_ns - run.clock_ns
    tick = run.clock_at - (-ahead_ns * BILLION // (BILLION + run.clock_ppb))
    run.tick = min(tick, NEVER)  # with T0 far ahead the step outlasts all time


def _extend(run: Run) -> None:
    run.done = run.now + run.config.profile.lit_ns
    run.effects.append(Extended(run.now, run.factor))


def blank(run: Run) -> None:
    """Darken the LCD and drop what was still to happen on it."""
    run.done = run.tick = NEVER
    if run.text:
        run.text = ""
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


def _show_screen(run: Run) -> None:
    run.done = run.tick = NEVER
    run.text = screen_text(run.config, run.mode, run.counter, run.factor)
    run.effects.append(Shown(run.now, run.text))


def _refusal(reason: Refusal) -> Callable[[Run], None]:
    def refuse(run: Run) -> None:
        run.effects.append(Refused(run.now, reason))

    return refuse


def _refuse_dead(run: Run) -> None:
    blank(run)
    run.effects.append(Refused(run.now, Refusal.DEAD))


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
    run.sequence = sequence = _after(run.sequence)
    run.counter = counter
    data = encode_slot(sequence, counter)
    run.effects.append(NvmWrite(run.now, run.older, data))
    if run.older == SLOT_A:
        run.slot_a, run.older = data, SLOT_B
    else:
        run.slot_b, run.older = data, SLOT_A


def _after(sequence: int) -> int:
    # Counters decide at power-on, so a sequence may start again when its bytes are full.
    return (sequence + 1) & MAX_COUNTER


def tear(run: Run) -> None:
    """Leave the slot under way with the bytes that its time so far has written."""
    commit_ns = run.config.profile.commit_ns
    spent_ns = run.now - (run.done - commit_ns)
    written = SLOT_SIZE * spent_ns // commit_ns
    part = encode_slot(_after(run.sequence), run.factor + 1)[:written]
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
}
# Lists indexed by number: an Enum's hash is Python code and would be half of a step's cost.
COMPILED: Final = [
    [
        (ACTIONS[row[trigger].action], row[trigger].to) if trigger in row else None
        for trigger in Trigger
    ]
    for row in (TABLE[mode] for mode in Mode)
]
_new_tuple: Final = tuple.__new__
_ASLEEP: Final = Mode.ASLEEP
_DEBOUNCING: Final = Mode.DEBOUNCING
_TIME: Final = TokenType.TIME
