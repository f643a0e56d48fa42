"""A token at one moment, as a flat, frozen, hashable value.

Flat and a tuple on purpose: five years of presses run through it, and a tuple is
the cheapest frozen value that Python can make.
"""

from typing import Final, NamedTuple

from firmware_model.nvm import Config
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd, encode
from firmware_model.table import Mode

NEVER: Final = 2**63 - 1
"""A deadline that is not there; later than any time the model can hold."""

LAST_NS: Final = 2**62
"""Latest time that a token lives in, and its negative the earliest: the year 2116.

Far enough from NEVER that no deadline gets there.
"""

MAX_PPB: Final = 100_000_000
"""Largest rate error of a crystal, parts per billion: a tenth, far past any real one."""

BILLION: Final = 1_000_000_000


class Crystal(NamedTuple):
    """The token's own clock: where it stood at one moment, and its rate since.

    Attributes:
        at_ns: bench time of the breakpoint.
        clock_ns: what the token's clock said then, ns since 1970, UTC.
        ppb: rate error in parts per billion; positive runs fast. 11.6 ppm, a
            second a day, is 11,600.
    """

    at_ns: int
    clock_ns: int
    ppb: int = 0


class State(NamedTuple):
    """One token at one moment. Times are ns; deadlines that are not set are NEVER.

    Attributes:
        config: the factory record and the profile. (NVM)
        slot_a, slot_b: bytes of the two counter slots. (NVM)
        older: offset in the image of the slot that the next commit writes.
        sequence: commits so far.
        counter: next counter to be used.
        now_ns: bench time of this state.
        mode: what the firmware is doing. (RAM, and all that follow)
        done_ns: when that is over.
        closed: whether the contact is closed.
        settle_ns: when the debouncer will believe the contact.
        button: the debounced button.
        held_ns: when the hold action begins.
        tick_ns: when bars or time step change.
        factor: counter or time step of the press under way or of the code lit.
        text: what the LCD's digits show; empty when dark.
        clock_at_ns, clock_ns, clock_ppb: the :class:`Crystal`. (physics)
    """

    config: Config
    slot_a: bytes
    slot_b: bytes
    older: int
    sequence: int
    counter: int
    now_ns: int
    mode: Mode
    done_ns: int
    closed: bool
    settle_ns: int
    button: bool
    held_ns: int
    tick_ns: int
    factor: int
    text: str
    clock_at_ns: int
    clock_ns: int
    clock_ppb: int

    def __repr__(self) -> str:
        return f"<State {self.config.serial} {self.mode.name} counter={self.counter}>"


def image(state: State) -> bytes:
    """Return the NVM image of a state, byte for byte. It holds the secret."""
    return state.config.factory_record + state.slot_a + state.slot_b


def crystal(state: State) -> Crystal:
    """Return the physics of the token's clock."""
    return Crystal(state.clock_at_ns, state.clock_ns, state.clock_ppb)


def clock_after(elapsed_ns: int, ppb: int) -> int:
    """Return how far a clock of that rate error gets in ``elapsed_ns``, rounded down.

    One long stretch and many short ones agree exactly, because every reading is
    counted from the same breakpoint.
    """
    return elapsed_ns + elapsed_ns * ppb // BILLION


def token_time(state: State, at_ns: int | None = None) -> int:
    """Return what the token's own clock believes, ns since 1970, UTC.

    Args:
        state: the token.
        at_ns: bench time, not before the state's breakpoint; ``None``: now.
    """
    at = state.now_ns if at_ns is None else at_ns
    return state.clock_ns + clock_after(at - state.clock_at_ns, state.clock_ppb)


def bars_at(config: Config, factor: int, token_time_ns: int) -> tuple[int, int]:
    """Return the bars for the time left in a step, and when the next change comes.

    Args:
        config: the token's settings; one without bars counts as one with one bar.
        factor: the step of the code shown.
        token_time_ns: what the token's own clock says.

    Returns:
        Bars lit (0 once the step is over), and the time of the token's clock at
        which their number changes.
    """
    step_ns, count = config.step_ns, config.profile.time_bars or 1
    end_ns = config.t0_s * SECOND + (factor + 1) * step_ns
    left_ns = min(max(end_ns - token_time_ns, 0), step_ns)
    bars = -(-left_ns * count // step_ns)
    return bars, end_ns - (bars - 1) * step_ns // count


def lcd(state: State) -> Lcd:
    """Return what the LCD shows."""
    count = state.config.profile.time_bars
    bars = 0
    if count and state.mode is Mode.LIT:
        bars = bars_at(state.config, state.factor, token_time(state))[0]
    return Lcd(encode(state.text.rjust(state.config.digits)), bars, count)


def remaining_ns(state: State) -> int:
    """Return the bench time until the LCD goes dark by itself; 0 if dark or not by itself."""
    return state.done_ns - state.now_ns if state.mode is Mode.LIT else 0


def next_counter(state: State) -> int | None:
    """Return the next counter to be used; ``None`` for a time token or a broken memory."""
    if state.config.token_type is TokenType.TIME or state.mode is Mode.ERROR:
        return None
    return state.counter


def next_deadline(state: State) -> int | None:
    """Return the bench time at which the token next does something by itself.

    A driver may jump there in one step; ``None``: it sleeps until somebody presses.
    """
    deadline = min(state.done_ns, state.settle_ns, state.held_ns, state.tick_ns)
    return None if deadline == NEVER else deadline
