"""Replaying a case: whether it comes out as it did, or where it first differs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from emulator.annotations import Placed
from emulator.journal import Record
from emulator.journalform import to_log
from firmware_model.stimuli import Effect
from hosttools.cases.acts import CHECKPOINT, EFFECTS, STIMULI, acts_of
from hosttools.cases.judging import Judged
from hosttools.cases.model import Case, digest_of, mapping_of
from hosttools.cases.rerun import Life, Outcome, rerun


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first differs.

    Attributes:
        sequence: number of the case's record; for what came after the last record of a
            token, or its end, that of the last one.
        serial: which token.
        expected: what the case says, as text.
        got: what came of it now.
    """

    sequence: int
    serial: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a case.

    Attributes:
        digest_expected: over all tokens at the end, as the case has it.
        digest_got: the same now.
        first_difference: ``None``: there is none.
        judged: submissions, judged again where that can be.
        outcome: all of it.
    """

    digest_expected: str
    digest_got: str
    first_difference: Difference | None
    judged: tuple[Judged, ...]
    outcome: Outcome

    @property
    def same(self) -> bool:
        """Whether it all came out as it did."""
        return self.first_difference is None and self.digest_expected == self.digest_got

    @property
    def verdicts(self) -> int:
        """How many submissions could be judged again."""
        return sum(judged.kind is not None for judged in self.judged)


def replay(case: Case) -> Replayed:
    """Do all again, and compare effects, checkpoints, verdicts and digests.

    Raises:
        CaseError: it can't be done again.
    """
    outcome = rerun(case, acts_of(case))
    found = [
        *(_verdict(judged) for judged in outcome.judged if not judged.same),
        *_astray(case, outcome),
    ]
    ends: dict[str, str | None] = {}
    for token in case.tokens:
        records = [record for record in case.records if record.serial == token.serial]
        lives = outcome.lives[token.serial]
        found += _effects(records, lives)
        ends[token.serial] = lives[-1].digest() if token.digest is not None else None
        if ends[token.serial] != token.digest:
            last = records[-1].sequence
            found.append(
                Difference(last, token.serial, f"digest {token.digest}", f"{ends[token.serial]}")
            )
    return Replayed(
        case.digest,
        digest_of(ends),
        min(found, key=lambda difference: difference.sequence, default=None),
        outcome.judged,
        outcome,
    )


def _verdict(judged: Judged) -> Difference:
    told = judged.told
    return Difference(
        judged.sequence,
        judged.serial,
        f"{told.server} says {told.verdict} to {told.verb}",
        f"the reference server says {judged.kind}",
    )


def _astray(case: Case, outcome: Outcome) -> Iterator[Difference]:
    serials = {record.sequence: record.serial for record in case.records}
    for sequence, told, got in outcome.astray:
        yield Difference(sequence, serials[sequence], f"digest {told}", f"digest {got}")


def _effects(records: list[Record], lives: list[Life]) -> Iterator[Difference]:
    """Compare what a token did, life by life; of each life only its first difference."""
    told = _told(records)
    for place, (life, (expected, last)) in enumerate(zip(lives, told, strict=True)):
        ended = life.stopped or place + 1 < len(lives)
        for record, effect in zip_longest(expected, life.effects):
            if record is None and ended:
                break  # killed, or failed, before it could tell
            was, now = _text(record and record.event), _text(effect)
            if was != now:
                sequence = last if record is None else record.sequence
                yield Difference(sequence, records[0].serial, was, now)
                break


def _told(records: list[Record]) -> list[tuple[list[Record], int]]:
    """Return the effects of each life, and the number of its last record."""
    lives: list[tuple[list[Record], int]] = []
    booted_ns: int | None = None
    for record in records:
        event = record.event
        if isinstance(event, Placed) and (event.why != CHECKPOINT or not lives):
            lives.append(([], record.sequence))
            booted_ns = None if event.why == CHECKPOINT else mapping_of(event).get("now_ns")
        elif lives:
            effects, _ = lives[-1]
            # What power-on did is told after the state that came of it, before anything is
            # done to the token; after that, its clock may be set back.
            if type(event) in STIMULI:
                booted_ns = None
            if type(event) in EFFECTS and (booted_ns is None or event.at_ns > booted_ns):
                effects.append(record)
            lives[-1] = effects, record.sequence
    return lives


def _text(event: object) -> str:
    """Return an effect as text, without its code."""
    if type(event) not in EFFECTS:
        return "nothing"
    effect: Effect = event  # type: ignore[assignment]  # by type
    data = to_log(Record(0, "", effect))
    return json.dumps({name: data[name] for name in data if name not in {"sequence", "serial"}})
