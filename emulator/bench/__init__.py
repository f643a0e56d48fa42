"""The bench: tokens on one clock, and every verb that can be done to them.

Ports, HTTP and Python are thin layers over these verbs; none grows one of its own.
Time goes from deadline to deadline, in order, ties by who was there first. On a
virtual clock a press runs through to its result at once; on a real one its ticket
resolves when the time has come and somebody calls :meth:`Bench.pump`.

A bench belongs to one thread. Its verbs are in a module for each group of them.
"""

from emulator.bench.button import MAX_HOLD_NS, ButtonVerbs
from emulator.bench.clock import ClockVerbs
from emulator.bench.history import HistoryVerbs
from emulator.bench.matter import MatterVerbs

__all__ = ["MAX_HOLD_NS", "Bench"]


class Bench(HistoryVerbs, ButtonVerbs, ClockVerbs, MatterVerbs):
    """Tokens on one clock.

    Args:
        clock: real or virtual; read once per verb.
        store: where tokens and the journal are kept; ``None``: nothing is kept.
        journal: where what happens is told; ``None``: one of its own.

    Attributes:
        journal: where what happens is told.
        faults: what arms faults; ``None``: nothing does.
        traffic: whether ports tell the journal what goes over them.

    Raises:
        ConflictError: the clock is virtual and stands before the store's checkpoint.
        UsageError: the clock stands at a time that no token lives in.
        StateError: the store's journal can't be read or written.
    """
