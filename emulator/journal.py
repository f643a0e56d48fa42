"""What happened on the bench, in order: one gap-free sequence.

A stimulus is appended before it is applied, an effect only once the state that it
announces is there. Whoever wants to know what happened reads this and nothing else.
Codes are credentials until they are used: records hold counters and steps, and an
effect's ``repr`` leaves the digits out.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from firmware_model.stimuli import Effect, Stimulus

DEFAULT_CAPACITY: Final = 100_000


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling that is neither stimulus nor effect."""

    at_ns: int
    text: str


class Record(NamedTuple):
    """One entry.

    Attributes:
        sequence: its number, from 1, without gaps.
        serial: the token it is about.
        event: a stimulus, an effect, or a note.
    """

    sequence: int
    serial: str
    event: Stimulus | Effect | Note


class Journal:
    """The newest entries, in memory.

    Args:
        capacity: how many entries are kept; older ones go, their numbers stay used.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._records: deque[Record] = deque(maxlen=capacity)
        self._head = 0

    @property
    def head(self) -> int:
        """Number of the newest entry; 0 before the first."""
        return self._head

    def append(self, serial: str, event: Stimulus | Effect | Note) -> None:
        """Add an entry."""
        self._head += 1
        self._records.append(Record(self._head, serial, event))

    def since(self, cursor: int) -> Iterator[Record]:
        """Return the entries after number ``cursor`` that are still kept, oldest first.

        Those of this moment: what is appended while they are read comes next time.
        """
        count = min(max(self._head - cursor, 0), len(self._records))
        return reversed(list(islice(reversed(self._records), count)))
