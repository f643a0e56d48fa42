"""A case's acts done again, on the firmware model and the reference server alone.

No bench, no clock and no port: what comes out follows from the acts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from firmware_model.codec import digest
from firmware_model.errors import FirmwareError
from firmware_model.machine import step
from firmware_model.oath import Key
from firmware_model.state import State
from firmware_model.stimuli import Advance, Effect, Stimulus
from hosttools.cases.acts import CHECKPOINT, Act, Happen, Place, Press, Stop
from hosttools.cases.judging import Judged, judge
from hosttools.cases.model import Case, key_id_in
from hosttools.errors import CaseError


@dataclass(slots=True)
class Life:
    """What a token did from one start to the next.

    Attributes:
        key_id: name of the key that it had, which its digest is taken under.
        state: where it came to.
        effects: what it did, in order.
        stopped: whether its memory failed.
    """

    key_id: str
    state: State
    effects: list[Effect] = field(default_factory=list)
    stopped: bool = False

    def digest(self) -> str:
        """Return the digest of where it came to, under the original key's name."""
        return digest(self.state, key_id=self.key_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of acts.

    Attributes:
        lives: of each token, oldest first.
        astray: checkpoints at which a token is not where it was then: number of the
            record, and the two digests, that of the record first.
        judged: submissions, judged again.
    """

    lives: dict[str, list[Life]]
    astray: tuple[tuple[int, str, str], ...]
    judged: tuple[Judged, ...]


def rerun(case: Case, acts: Iterable[Act]) -> Outcome:
    """Do acts again: all of the case's, or some of them.

    Args:
        case: what they belong to.
        acts: see :func:`hosttools.cases.acts_of`; in any order.

    Raises:
        CaseError: one could not have been, with the number of its record.
    """
    known = {serial: _Token(case) for serial in case.serials}
    acts = sorted(acts, key=lambda act: act.sequence)
    for sequence, serial, deed in sorted(_deeds(acts), key=lambda deed: deed[0]):
        try:
            known[serial].take(sequence, deed)
        except (FirmwareError, CaseError) as e:
            raise CaseError(f"record {sequence} can't be done again: {e}") from None
    for end in case.tokens:
        try:
            known[end.serial].go_to(end.at_ns)
        except FirmwareError as e:
            raise CaseError(f"{end.serial} can't come to the case's end: {e}") from None
    astray = [found for token in known.values() for found in token.astray]
    return Outcome(
        {serial: token.lives for serial, token in known.items()},
        tuple(sorted(astray)),
        judge(case, acts),
    )


def _deeds(acts: Iterable[Act]) -> Iterable[tuple[int, str, Stimulus | Place | Stop]]:
    for act in acts:
        if isinstance(act, Press):
            yield from ((number, act.serial, edge) for number, edge in act.edges)
        elif isinstance(act, Happen):
            yield act.sequence, act.serial, act.stimulus
        elif isinstance(act, Place | Stop):
            yield act.sequence, act.serial, act


class _Token:
    """One token, through all its lives."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.lives: list[Life] = []
        self.astray: list[tuple[int, str, str]] = []
        self._key: Key | None = None

    def take(self, sequence: int, deed: Stimulus | Place | Stop) -> None:
        """Have one thing done to it."""
        if isinstance(deed, Place):
            self._place(sequence, deed)
        elif isinstance(deed, Stop):
            self.go_to(deed.until_ns)
            self._life.stopped = True
        elif not self._life.stopped:
            self._step(deed)

    def go_to(self, at_ns: int | None) -> None:
        """Let time pass, if it is not later already."""
        if at_ns is None or not self.lives or self._life.stopped:
            return
        if self._life.state.now_ns < at_ns:
            self._step(Advance(at_ns))

    @property
    def _life(self) -> Life:
        if not self.lives:
            raise CaseError("nothing says where the token was before")
        return self.lives[-1]

    def _place(self, sequence: int, act: Place) -> None:
        placed, state = act.placed, self._case.state(act.placed)
        assert isinstance(placed.state, str)  # noqa: S101  # Case.state saw to it
        key_id = key_id_in(placed.state)
        if placed.why == CHECKPOINT and self.lives:
            told = digest(_at(state, placed.at_ns), key_id=key_id)
            found = digest(_at(self._life.state, placed.at_ns), key_id=self._life.key_id)
            if told != found:
                self.astray.append((sequence, told, found))
            return
        self.go_to(act.until_ns)
        self.lives.append(Life(key_id, state))
        self._key = _key(state)

    def _step(self, stimulus: Stimulus) -> None:
        life = self._life
        assert self._key is not None  # noqa: S101  # a life has one
        life.state, effects = step(life.state, stimulus, self._key)
        life.effects += effects


def _at(state: State, at_ns: int) -> State:
    return step(state, Advance(at_ns), _key(state))[0] if state.now_ns < at_ns else state


def _key(state: State) -> Key:
    return Key(state.config.secret, state.config.algorithm)
