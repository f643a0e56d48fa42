"""The shadow twin: a virtual token that shows what a real one will show next.

It clones a signing factor. So it is made only of a token that the codes name beyond
doubt, and its digits are told only to whoever asks for them by name.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.errors import EmulatorError
from emulator.statedir import StateDir
from firmware_model.errors import FirmwareError
from firmware_model.oath import MAX_COUNTER, Key, hotp
from firmware_model.physics import Physics, new_physics
from firmware_model.profile import SECOND
from hosttools.diagnosis.event import event_facts
from hosttools.diagnosis.explain import Explanation
from hosttools.diagnosis.timed import TimeFacts, time_facts
from hosttools.errors import HostError, UsageError
from hosttools.manufacture import config_of

SURE: Final = 0.99
"""Probability from which a twin is made; our default."""

CODES: Final = 2
"""Codes that it takes: one alone fits too many counters."""

MAX_PREDICTED: Final = 100

WARNING: Final = (
    "a clone of a signing factor: whoever has it can sign in its holder's place; use it on a"
    " test bench only, never against a server that the token signs for, and delete it afterwards"
)


class Predicted(NamedTuple):
    """A code that the token has not shown yet.

    Attributes:
        factor: its counter or step.
        code: the digits. A credential.
        from_ns: when a time token begins to show it, ns since 1970, UTC; ``None``: at a press.
    """

    factor: int
    code: str
    from_ns: int | None

    def __repr__(self) -> str:
        return f"<Predicted {self.factor}>"


def check_sure(explanation: Explanation | None) -> Explanation:
    """Return an explanation that a twin can be made from.

    Raises:
        UsageError: it is none.
    """
    if explanation is None:
        raise UsageError("no token of these shows such codes: there is nothing to be twin of")
    known = len(explanation.known)
    if known < CODES or known < len(explanation.seen):
        raise UsageError(
            f"{known} of {len(explanation.seen)} codes are of {explanation.subject.config.serial};"
            f" a twin takes {CODES} or 3, all of one token: press it again and add the code"
        )
    if explanation.probability < SURE:
        raise UsageError(
            f"it is {explanation.subject.config.serial} with a probability of"
            f" {explanation.probability:.3f}; a twin takes {SURE}: press it again and add the code"
        )
    return explanation


def make_twin(
    explanation: Explanation | None,
    times_ns: Sequence[int],
    directory: Path,
    last_ns: int | None = None,
) -> None:
    """Make a state directory with a twin of the token, for ``galh serve --state``.

    Its bench stands at the time of the last code. An event token's next press shows what
    the real one shows next; a time token's clock is as far off, and goes on at the rate
    that is known of it.

    Args:
        explanation: the best one.
        times_ns: see :func:`hosttools.diagnosis.timed.time_facts`.
        directory: a new or an empty one; or a state directory without this token.
        last_ns: as for ``times_ns``.

    Raises:
        UsageError: not sure enough, the token is in the directory already, or no code is left.
        HostError: it can't be written.
    """
    sure = check_sure(explanation)
    seed, config = sure.subject.seed, sure.subject.config
    at_ns = times_ns[-1]
    physics: Physics | None = None
    try:
        if sure.subject.timed:
            facts = time_facts(sure, times_ns, last_ns)
            physics = new_physics(
                config.profile,
                at_ns,
                tolerance_ppb=round((facts.ppm or 0.0) * 1000),
                offset_ns=facts.offset_ns,
            )
        else:
            following = dataclasses.replace(seed, counter=_next_counter(sure))
            config = config_of(following, config.profile)
        with StateDir(directory, holder="galh diagnose") as store:
            if config.serial in store:
                raise UsageError(f"{config.serial} is in {directory} already; give a new directory")
            bench = Bench(VirtualClock(max(at_ns, store.now_ns or at_ns)), store=store)
            try:
                bench.open(config, physics=physics)
            finally:
                bench.close()
    except (EmulatorError, FirmwareError) as e:
        raise HostError(f"no twin of {config.serial} in {directory}: {e}") from e


def predict(
    explanation: Explanation | None, times_ns: Sequence[int], count: int
) -> tuple[Predicted, ...]:
    """Return the token's next codes: an explicit export of unused credentials.

    Args:
        explanation: the best one.
        times_ns: as for :func:`make_twin`.
        count: how many, 1 to :data:`MAX_PREDICTED`.

    Raises:
        UsageError: not sure enough, a number out of range, or no code is left.
    """
    if not 1 <= count <= MAX_PREDICTED:
        raise UsageError(f"{count} codes to predict; allowed are 1 to {MAX_PREDICTED}")
    sure = check_sure(explanation)
    config = sure.subject.config
    facts: TimeFacts | None = None
    if sure.subject.timed:
        facts = time_facts(sure, times_ns)
        first = max(seen.pressed for seen in sure.known) + 1
    else:
        first = _next_counter(sure)
    key = Key(config.secret, config.algorithm)
    return tuple(
        Predicted(
            factor,
            hotp(key, factor, config.digits),
            None
            if facts is None
            else config.t0_s * SECOND + factor * config.step_ns - facts.offset_ns,
        )
        for factor in range(first, min(first + count, MAX_COUNTER + 1))
    )


def _next_counter(explanation: Explanation) -> int:
    counter, last = event_facts(explanation).next_counter, explanation.subject.config.last_counter
    if counter >= last:
        raise UsageError(
            f"{explanation.subject.config.serial} counts to {last}; no code of it is left"
        )
    return counter
