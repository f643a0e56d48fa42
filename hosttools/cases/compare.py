"""Two cases side by side: where their histories part, and how each ends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from emulator.journal import Record
from emulator.journalform import kind_of, to_log
from hosttools.cases.model import Case
from hosttools.cases.replay import Difference


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two cases share, and what not.

    Attributes:
        first_difference: the first record that is not the same in both, with its number
            in the first case; ``None``: the same happened.
        same_end: whether all tokens end with the same digests.
        only_in_first: tokens that the other has not.
        only_in_second: likewise.
        kinds: kinds of records of which one has more, with how many in each.
    """

    first_difference: Difference | None
    same_end: bool
    only_in_first: tuple[str, ...]
    only_in_second: tuple[str, ...]
    kinds: Mapping[str, tuple[int, int]]

    @property
    def same(self) -> bool:
        """Whether the same happened, with the same end."""
        return self.first_difference is None and self.same_end


def compare(first: Case, second: Case) -> Comparison:
    """Compare two cases, record by record of each token; secrets and numbers don't count."""
    found = []
    for serial in dict.fromkeys((*first.serials, *second.serials)):
        difference = _first(serial, _of(first, serial), _of(second, serial))
        if difference is not None:
            found.append(difference)
    one, two = _counts(first), _counts(second)
    kinds = {
        kind: (one.get(kind, 0), two.get(kind, 0))
        for kind in sorted(one.keys() | two.keys())
        if one.get(kind) != two.get(kind)
    }
    return Comparison(
        min(found, key=lambda difference: difference.sequence, default=None),
        first.digest == second.digest,
        tuple(serial for serial in first.serials if serial not in second.serials),
        tuple(serial for serial in second.serials if serial not in first.serials),
        kinds,
    )


def _of(case: Case, serial: str) -> list[Record]:
    return [record for record in case.records if record.serial == serial]


def _first(serial: str, first: list[Record], second: list[Record]) -> Difference | None:
    for one, two in zip_longest(first, second):
        was, now = _text(one), _text(two)
        if was != now:
            sequence = one.sequence if one is not None else first[-1].sequence if first else 0
            return Difference(sequence, serial, was, now)
    return None


def _text(record: Record | None) -> str:
    if record is None:
        return "nothing"
    data = to_log(record._replace(sequence=0, key=None))
    return json.dumps({name: data[name] for name in data if name not in {"sequence", "serial"}})


def _counts(case: Case) -> dict[str, int]:
    counts: dict[str, int] = {}
    for record in case.records:
        kind = kind_of(record.event)
        counts[kind] = counts.get(kind, 0) + 1
    return counts
