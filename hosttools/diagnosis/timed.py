"""What the steps of a time token's codes say: how far its clock is off, and how fast it runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from firmware_model.profile import SECOND
from hosttools.diagnosis.event import gaps
from hosttools.diagnosis.explain import Explanation
from hosttools.diagnosis.subject import time_step
from hosttools.errors import UsageError


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """Where a time token's clock is.

    Attributes:
        steps: of each code; ``None``: none of this token's.
        gaps: from each code that is the token's to the next one.
        offset_steps: steps that the last of them is ahead of a right clock.
        low_ns: its clock is ahead by at least so much; below 0: behind.
        high_ns: and by less than that.
        ppm: how fast it ran since the last sign of life; ``None``: not known.
        ppm_error: by how much that may be wrong, either way.
    """

    steps: tuple[int | None, ...]
    gaps: tuple[int, ...]
    offset_steps: int
    low_ns: int
    high_ns: int
    ppm: float | None = None
    ppm_error: float = 0.0

    @property
    def offset_ns(self) -> int:
        """The middle of what its clock may be ahead by."""
        return (self.low_ns + self.high_ns) // 2


def time_facts(
    explanation: Explanation, times_ns: Sequence[int], last_ns: int | None = None
) -> TimeFacts:
    """Return where a time token's clock is, by an explanation with at least one code of it.

    Args:
        explanation: what the codes are.
        times_ns: when the last code was shown, or each.
        last_ns: when its offset was last known, ns since 1970, UTC: 0, or what the server
            or the seed file says; ``None``: not known.

    Raises:
        UsageError: a last sign of life that is not before the codes.
    """
    config = explanation.subject.config
    if len(times_ns) == len(explanation.seen):
        pairs = zip(times_ns, explanation.seen, strict=True)
        shown = [(at_ns, seen.pressed) for at_ns, seen in pairs if seen is not None]
    else:
        shown = [(times_ns[-1], explanation.known[-1].pressed)]
    at_ns, step = shown[-1]
    lows = [config.t0_s * SECOND + factor * config.step_ns - then for then, factor in shown]
    # Each code narrows it down; if they contradict each other, the times are not exact.
    low_ns, high_ns = max(lows), min(lows) + config.step_ns
    if low_ns >= high_ns:
        low_ns, high_ns = lows[-1], lows[-1] + config.step_ns
    ppm = None
    error = 0.0
    if last_ns is not None:
        elapsed_ns = at_ns - last_ns
        if elapsed_ns <= 0:
            raise UsageError("the last sign of life is not before the codes; give an earlier time")
        before_ns = explanation.subject.drift_steps * config.step_ns
        ppm = ((low_ns + high_ns) / 2 - before_ns) / elapsed_ns * 1e6
        # The offset of then was known to a step at best, as that of now is.
        error = ((high_ns - low_ns) / 2 + config.step_ns / 2) / elapsed_ns * 1e6
    steps = tuple(None if seen is None else seen.factor for seen in explanation.seen)
    return TimeFacts(
        steps, gaps(explanation), step - time_step(config, at_ns), low_ns, high_ns, ppm, error
    )
