"""What went wrong in a run: counted, and the first of it told in full; added up over workers.

How often what was answered, and how fast, is in Locust's own statistics.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from hosttools.load.person import Told

TOLD: Final = 50
"""Wrong verdicts that are told in full, of each process and of all; the rest are counted."""

_ERRORS: Final = 20
_LONGEST: Final = 300


class Tally:
    """Wrong verdicts and errors.

    Attributes:
        wrong: how many verdicts were wrong.
        told: the first of them, as :meth:`hosttools.load.referee.Wrong.as_dict` has them.
        errors: how often which error came, the first :data:`_ERRORS` kinds of it.
    """

    def __init__(self) -> None:
        self.wrong = 0
        self.told: list[dict[str, Any]] = []
        self.errors: Counter[str] = Counter()
        self._room = TOLD

    def add(self, told: Told) -> None:
        """Enter what a holder tells."""
        if told.wrong is not None:
            self._count(1, [told.wrong.as_dict()])
        if told.error:
            self._count_error(told.error[:_LONGEST], 1)

    def merge(self, part: Mapping[str, Any]) -> None:
        """Enter what :meth:`take` of another tally gave."""
        self._count(part["wrong"], part["told"])
        for error, number in part["errors"].items():
            self._count_error(error, number)

    def take(self) -> dict[str, Any]:
        """Return what was entered since this was asked before, and let go of it."""
        part = {"wrong": self.wrong, "told": self.told, "errors": dict(self.errors)}
        self.wrong, self.told, self.errors = 0, [], Counter()
        return part

    def _count(self, number: int, told: list[dict[str, Any]]) -> None:
        self.wrong += number
        kept = told[: self._room]
        self._room -= len(kept)
        self.told += kept

    def _count_error(self, error: str, number: int) -> None:
        known = error in self.errors or len(self.errors) < _ERRORS
        self.errors[error if known else "other errors"] += number
