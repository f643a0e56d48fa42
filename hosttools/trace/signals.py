"""What a token's signals do when: a pure function of the token and what happens to it.

The model is run from deadline to deadline, so that every change has the nanosecond
at which it happens. Nothing in a sample tells a code: a lit one is named by its counter
or time step.
"""

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from firmware_model.climate import temperature
from firmware_model.contact import press_edges
from firmware_model.damage import Damage
from firmware_model.machine import step
from firmware_model.oath import Key
from firmware_model.profile import MILLISECOND, SECOND
from firmware_model.state import State, lcd, load, next_deadline, voltage
from firmware_model.stimuli import Advance, Edge, NvmWrite, ShiftTime, Stimulus
from firmware_model.table import Mode
from hosttools.errors import UsageError

TAIL_NS: Final = 100 * MILLISECOND
"""How long a trace goes on after the last change, so that one can see it rest."""

_FALL_POINTS: Final = 8
"""Samples of a supply that sinks: enough to see a line."""

_BEFORE_NS: Final = 1_000
"""How long before the end of a load its last voltage is taken: a tick of the VCD."""

_WORKING: Final = frozenset({Mode.COMMITTING, Mode.COMPUTING, Mode.LIT})


class Sample(NamedTuple):
    """All signals from a moment on, until the next sample.

    Attributes:
        at_ns: bench time, ns since 1970, UTC.
        contact: whether the button's contact is closed, bounces included.
        button: the same after the debouncer.
        mode: what the firmware is doing.
        nvm_write: whether a slot of the NVM is being written.
        nvm_writes: writes that went into the NVM since the trace began, torn ones included.
        lit: whether the LCD is driven.
        screen: ``dark``, ``code``, or the text of a screen that is no code.
        factor: counter or time step of the press under way or of the code lit.
        bars: time bars lit.
        millivolts: supply at the terminals.
        nanoamps: current drawn.
        milli_celsius: temperature.
    """

    at_ns: int
    contact: bool
    button: bool
    mode: Mode
    nvm_write: bool
    nvm_writes: int
    lit: bool
    screen: str
    factor: int | None
    bars: int
    millivolts: int
    nanoamps: int
    milli_celsius: int


class Kind(enum.Enum):
    """What values a signal has."""

    BIT = "bit"
    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"


class Signal(NamedTuple):
    """One signal as it is written down.

    Attributes:
        name: with its unit.
        kind: what values it has.
        value: finds it in a sample; ``None``: it has none then.
    """

    name: str
    kind: Kind
    value: Callable[[Sample], int | float | str | None]


SIGNALS: Final = (
    Signal("contact", Kind.BIT, lambda s: int(s.contact)),
    Signal("button", Kind.BIT, lambda s: int(s.button)),
    Signal("nvm_write", Kind.BIT, lambda s: int(s.nvm_write)),
    Signal("lcd_lit", Kind.BIT, lambda s: int(s.lit)),
    Signal("cpu", Kind.TEXT, lambda s: s.mode.name.lower()),
    Signal("lcd_screen", Kind.TEXT, lambda s: s.screen),
    Signal("nvm_writes", Kind.INTEGER, lambda s: s.nvm_writes),
    Signal("factor", Kind.INTEGER, lambda s: s.factor),
    Signal("time_bars", Kind.INTEGER, lambda s: s.bars),
    Signal("supply_v", Kind.REAL, lambda s: s.millivolts / 1_000),
    Signal("supply_ua", Kind.REAL, lambda s: s.nanoamps / 1_000),
    Signal("temperature_c", Kind.REAL, lambda s: s.milli_celsius / 1_000),
)
"""Every signal, in the order in which it is written.

Lines first: some readers of VCD trip over the short names (``#``, ``$``) that the
first few get, unless they are those of lines.
"""


def presses(times: Iterable[tuple[int, int]], damage: Damage) -> list[Edge]:
    """Return the contact's edges of presses of a finger, bounces included.

    Args:
        times: when each begins, bench time, and for how long it is held, ns.
        damage: what is worn.

    Raises:
        UsageError: one begins before the one before has come to rest.
    """
    edges: list[Edge] = []
    for at_ns, hold_ns in sorted(times):
        if edges and at_ns <= edges[-1].at_ns:
            raise UsageError(
                "a press begins before the one before has let go and stopped bouncing;"
                " press later or hold for less"
            )
        edges += press_edges(at_ns, hold_ns, damage)
    return edges


def signals(
    initial_state: State,
    stimuli: Sequence[Stimulus],
    key: Key,
    *,
    until_ns: int | None = None,
) -> Iterator[Sample]:
    """Run a token and yield its signals: at the start, at every change, and at the end.

    Temperature and voltage at rest are read at every other change, not in between.

    Args:
        initial_state: the token at the start.
        stimuli: what happens to it, in order.
        key: prepared from its secret and algorithm.
        until_ns: bench time of the end; ``None``: :data:`TAIL_NS` after the last change.
            The dashes of a broken memory, which stay for years, are not waited for.

    Yields:
        Samples strictly rising in time. The last one may repeat the one before.

    Raises:
        UsageError: a stimulus after the end, or one that sets the bench's clock.
        StimulusError: a stimulus that can't happen.
    """
    sent: Sample | None = None
    waiting: Sample | None = None
    for sample in _run(initial_state, stimuli, key, until_ns):
        # Of what happens in the same nanosecond, the last counts.
        if waiting is not None and sample.at_ns > waiting.at_ns and _differ(sent, waiting):
            yield waiting
            sent = waiting
        waiting = sample
    if waiting is not None:
        yield waiting


def _differ(one: Sample | None, other: Sample) -> bool:
    return one is None or one[1:] != other[1:]


def _run(
    state: State, stimuli: Sequence[Stimulus], key: Key, until_ns: int | None
) -> Iterator[Sample]:
    supply, writes = _Supply(state), 0
    yield _sample(state, supply, writes)
    for stimulus in (*stimuli, None):
        if isinstance(stimulus, ShiftTime):
            raise UsageError("a trace has one time axis: the bench's clock can't be set during it")
        if stimulus is not None and until_ns is not None and stimulus.at_ns > until_ns:
            raise UsageError(
                f"something happens {(stimulus.at_ns - until_ns) / SECOND:g} s after the end of"
                " the trace; make it longer"
            )
        last_ns = until_ns if stimulus is None else stimulus.at_ns
        while True:
            due_ns = _due(state, last_ns)
            arrived = due_ns is None
            if due_ns is None:
                due_ns = state.now_ns + TAIL_NS if last_ns is None else last_ns
            for at_ns in supply.points(state.now_ns, due_ns):
                yield _sample(step(state, Advance(at_ns), key)[0], supply, writes)
            wanted = stimulus if arrived and stimulus is not None else Advance(due_ns)
            state, effects = step(state, wanted, key)
            writes += sum(isinstance(effect, NvmWrite) for effect in effects)
            supply.follow(state)
            yield _sample(state, supply, writes)
            if arrived:
                break


def _due(state: State, last_ns: int | None) -> int | None:
    """When the token next does something by itself; ``None``: not until the end."""
    due_ns = next_deadline(state)
    if due_ns is None or (last_ns is not None and due_ns >= last_ns):
        return None
    if last_ns is None and state.mode is Mode.ERROR:
        return None
    return due_ns


def _sample(state: State, supply: "_Supply", writes: int) -> Sample:
    return Sample(
        at_ns=state.now_ns,
        contact=state.closed,
        button=state.button,
        mode=state.mode,
        nvm_write=state.mode is Mode.COMMITTING,
        nvm_writes=writes,
        lit=bool(state.text),
        screen=_screen(state),
        factor=state.factor if state.mode in _WORKING else None,
        bars=lcd(state).bars,
        millivolts=supply.at(state.now_ns),
        nanoamps=load(state.config, state.mode, lit=bool(state.text)),
        milli_celsius=temperature(state.physics.climate, state.now_ns),
    )


def _screen(state: State) -> str:
    if not state.text:
        return "dark"
    text = state.text.strip()
    # While lit, all but digits is no code: Err of a weak battery.
    return "code" if state.mode is Mode.LIT and text.isdigit() else text


class _Supply:
    """The voltage at the terminals: the model's, and how it sinks to it.

    A load that is switched on pulls it down in a straight line within the profile's
    ``droop_ns``, as :func:`firmware_model.cell.droop_ns` has it; without the load it is
    back at once.
    """

    def __init__(self, state: State) -> None:
        self._droop_ns = state.config.profile.droop_ns
        self._load = _load(state)
        self._from_ns = self._end_ns = state.now_ns
        self._from_mv = self._to_mv = voltage(state)

    def at(self, at_ns: int) -> int:
        """Return the voltage, mV, rounded down."""
        if at_ns >= self._end_ns:
            return self._to_mv
        change_mv = self._to_mv - self._from_mv
        return self._from_mv + change_mv * (at_ns - self._from_ns) // self._droop_ns

    def points(self, after_ns: int, before_ns: int) -> Iterator[int]:
        """Yield the times between two moments at which a fall is sampled."""
        if after_ns >= self._end_ns:
            return
        times = {
            self._from_ns + self._droop_ns * part // _FALL_POINTS
            for part in range(1, _FALL_POINTS + 1)
        }
        if before_ns < self._end_ns:
            times.add(before_ns - _BEFORE_NS)  # how low it got, should that end the load
        yield from sorted(at_ns for at_ns in times if after_ns < at_ns < before_ns)

    def follow(self, state: State) -> None:
        """Take up what happened."""
        drawn, target = _load(state), voltage(state)
        here = self.at(state.now_ns)
        if drawn > self._load and target < here:
            self._from_ns, self._from_mv = state.now_ns, here
            self._to_mv, self._end_ns = target, state.now_ns + self._droop_ns
        elif drawn != self._load or state.now_ns >= self._end_ns:
            self._end_ns, self._to_mv = state.now_ns, target
        self._load = drawn


def _load(state: State) -> int:
    return load(state.config, state.mode, lit=bool(state.text))
