"""What a study counts: whole numbers in arrays, so that parts add up in any order.

Nothing here is an average or a share: those are made of the sums, once.
"""

import enum
import io
import zipfile
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from hosttools.study.model import MOST_MONTHS, Study
from hosttools.study.tables import Ints, Records


class Count(enum.IntEnum):
    """What is counted over the whole study, for each policy."""

    TOKENS = 0
    """Holders, each with a token; a replacement is none of its own."""
    PRESSES = 1
    """Times that a button went down."""
    ACCIDENTS = 2
    """Of these, by pockets and children."""
    USES = 3
    """Times that a holder wanted a code."""
    SUBMITTED = 4
    """Codes that the server was sent."""
    ACCEPTED = 5
    REPLAYED = 6
    REFUSED = 7
    """Refused, and counted against the lock."""
    BLOCKED = 8
    """Not looked at: locked or throttled."""
    GUESSED = 9
    """Codes that were accepted, or taken for a replay, by the chance that codes are equal."""
    FORMS = 10
    """Resync forms that were submitted."""
    FORMS_TAKEN = 11
    ADD_REFUSED = 12
    """Tokens that the add form refused: the clock was too far off."""
    REPLACED = 13
    """Tokens whose battery or counter was used up."""
    YEARS = 14
    """Whole years of holders."""
    YEARS_RESYNCED = 15
    """Of these, with a resync form or more."""
    YEARS_CALLED = 16
    """Of these, with a call to support or more."""
    YEARS_LOCKED = 17
    EVER_CALLED = 18
    """Holders who called support once or more."""
    EVER_LOCKED = 19
    EVER_REFUSED = 20
    """Holders who were out of step once or more."""


class Monthly(enum.IntEnum):
    """What is counted month by month, for each policy."""

    OUT = 0
    """Tokens whose next code would be refused, at the month's end."""
    DESYNCS = 1
    """Codes typed as shown, first of their use, refused as they lay outside the window."""
    LATE = 2
    """Likewise, of time tokens, because the code was typed too late."""
    RESYNCS = 3
    """Resync forms that were accepted."""
    CALLS = 4
    """Calls to support."""
    LOCKS = 5
    """Tokens that were locked."""


NEEDS: Final = 4097
"""Windows that are told apart: 0 to 4,095, and wider."""


SUMS: Final = np.dtype(
    [
        ("counts", np.int64, (len(Count),)),
        ("monthly", np.int64, (MOST_MONTHS, len(Monthly))),
        ("first", np.int64, (MOST_MONTHS + 1,)),
        ("need", np.int64, (2, NEEDS)),
    ]
)
"""One policy's sums, as the compiled loop adds to them."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of some tokens of a study, under each of its policies.

    Attributes:
        counts: by policy and :class:`Count`.
        monthly: by policy, month and :class:`Monthly`.
        first: holders, by policy and the month of their first desync; the last for those
            without.
        need: years of holders, by policy, event tokens and time tokens, and the widest window
            that any code of the year needed.
    """

    counts: Ints
    monthly: Ints
    first: Ints
    need: Ints

    @classmethod
    def empty(cls, study: Study) -> Self:
        """Return the sums of no tokens."""
        return cls.of(study, np.zeros(len(study.policies), SUMS))

    @classmethod
    def of(cls, study: Study, sums: Records) -> Self:
        """Return what was counted, one record a policy."""
        months = study.months
        return cls(
            counts=sums["counts"].copy(),
            monthly=sums["monthly"][:, :months].copy(),
            first=sums["first"][:, : months + 1].copy(),
            need=sums["need"].copy(),
        )

    def merged(self, other: "Tally") -> "Tally":
        """Return the sums of both. Exact, so in any order."""
        pairs = zip(self._arrays(), other._arrays(), strict=True)  # noqa: SLF001  # one of us
        return Tally(*(mine + its for mine, its in pairs))

    def same(self, other: "Tally") -> bool:
        """Return whether both are equal to the last digit."""
        pairs = zip(self._arrays(), other._arrays(), strict=True)  # noqa: SLF001  # one of us
        return all(np.array_equal(mine, its) for mine, its in pairs)

    def to_bytes(self) -> bytes:
        """Return it for a file."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, allow_pickle=False, **dict(zip(_NAMES, self._arrays(), strict=True))
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, study: Study) -> Self:
        """Read what :meth:`to_bytes` gave.

        Raises:
            ValueError: it is something else, or of a study of another shape.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                read = cls(*(file[name] for name in _NAMES))
        except (OSError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError) as e:
            raise ValueError(f"no sums: {e}") from None
        pairs = zip(read._arrays(), cls.empty(study)._arrays(), strict=True)  # noqa: SLF001  # our own
        if any(a.shape != b.shape or a.dtype != b.dtype for a, b in pairs):
            raise ValueError("sums of another study")
        return read

    def _arrays(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.counts, self.monthly, self.first, self.need


_NAMES: Final = ("counts", "monthly", "first", "need")
