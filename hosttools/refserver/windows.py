"""Which factors a server looks at: what it accepts, and where it looks to explain a refusal.

Theory of operation. ``e`` is where the server expects the token, ``n`` the
lowest factor it still allows; for an event token they are the same::

    event   [n - look_back .. n)  |  [n .. n + look_ahead]  ..  n + resync_window
            replays                  accepted                   out of sync

    time    [n - look_back .. n)  |  [e - steps_back .. e + steps_forward], n and up
            replays                  accepted; e - resync_steps .. e + resync_steps: out of sync

Of a pair, the first code lies in the resync window; the second may lie past
its edge.
"""

from dataclasses import dataclass

from firmware_model.profile import TokenType
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record


@dataclass(frozen=True, slots=True)
class Windows:
    """Where one submission is looked for. All are ranges of factors.

    Attributes:
        expected: next counter, or the step that the token should be in.
        accepted: factors that a code, or the first code of a pair, may have.
        behind: used or skipped factors that are still recognised.
        ahead: where a refused code is looked for, to tell the operator.
        gap: how far the second code of a pair may lie after the first.
    """

    expected: int
    accepted: range
    behind: range
    ahead: range
    gap: int

    def pairs(self, first: list[int], second: list[int]) -> list[tuple[int, int]]:
        """Return the pairs in order and near enough to each other, nearest to expected first."""
        found = [(a, b) for a in first for b in second if 1 <= b - a <= self.gap]
        return sorted(found, key=lambda pair: (abs(pair[0] - self.expected), pair))

    def nearest(self, factors: list[int]) -> int | None:
        """Return the factor nearest to the one expected; ``None`` of none."""
        return min(factors, key=lambda f: (abs(f - self.expected), f), default=None)


def for_code(record: Record, policy: Policy, now_ns: int) -> Windows:
    """Return where a single code is looked for."""
    low, expected = record.next_factor, record.expected_factor(now_ns)
    if record.token_type is TokenType.EVENT:
        accepted = range(low, low + policy.look_ahead + 1)
        ahead = range(low, low + policy.resync_window + 1)
    else:
        accepted = _around(low, expected, policy.steps_back, policy.steps_forward)
        ahead = _around(low, expected, policy.resync_steps, policy.resync_steps)
    return Windows(expected, accepted, range(low - policy.look_back, low), ahead, 1)


def for_pair(record: Record, policy: Policy, now_ns: int) -> Windows:
    """Return where the two codes of a form are looked for."""
    low, expected = record.next_factor, record.expected_factor(now_ns)
    if record.token_type is TokenType.EVENT:
        gap = 1
        accepted = range(low, low + policy.resync_window + 1)
        far = max(policy.resync_window, policy.operator_search)
        ahead = range(low, low + far + gap + 1)
    else:
        gap = policy.pair_gap
        accepted = _around(low, expected, policy.resync_steps, policy.resync_steps)
        far = max(policy.resync_steps, policy.operator_search)
        ahead = _around(low, expected, far, far + gap)
    return Windows(expected, accepted, range(low - policy.look_back, low), ahead, gap)


def _around(low: int, expected: int, back: int, forward: int) -> range:
    return range(max(low, expected - back), expected + forward + 1)
