"""A server of twenty lines that does it right, and what it looks like with one bug each.

Its codes are those of the ``cryptography`` package. Each bug is a class that overrides
what the bug is in.
"""
# ruff: noqa: D102  # an overridden method does what its class says

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from firmware_model.profile import TokenType
from hosttools.servers import Answer, Can, Enrolment, Outcome, Server

WINDOW: Final = 5
STEPS: Final = 2
RESYNC: Final = 40
LOCK_AFTER: Final = 4
LOCK_S: Final = 600
STEP_S: Final = 30

ACCEPTED: Final = Answer(Outcome.ACCEPTED)
REFUSED: Final = Answer(Outcome.REFUSED)
LOCKED: Final = Answer(Outcome.LOCKED, "locked")


@dataclass(slots=True)
class Known:
    """A token as the server knows it; the last two are for bugs."""

    code: Callable[[int], str]
    timed: bool
    next: int = 0
    drift: int = 0
    failures: int = 0
    locked_s: int | None = None
    used: list[tuple[str, int]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class Tiny(Server):
    """The server that does it right."""

    name = "tiny"
    can = frozenset(Can) - {Can.SYNC, Can.VIEW, Can.PROCEDURE}

    def __init__(self) -> None:
        self.tokens: dict[str, Known] = {}
        self.now_s = 0
        self.one = threading.RLock()

    def enrol(self, token: Enrolment) -> None:
        """Make a token known."""
        hotp = HOTP(token.secret.reveal(), token.digits, SHA1())  # noqa: S303  # what HOTP is made of
        timed = token.token_type is TokenType.TIME
        self.tokens[token.serial] = Known(
            lambda factor: hotp.generate(factor).decode() if factor >= 0 else "", timed
        )

    def verify(self, serial: str, code: str) -> Answer:
        """Check one code."""
        with self.one:
            token = self.tokens[serial]
            if self.locked(token):
                return LOCKED
            factor = self.find(token, self.window(token), code)
            return self.failed(token, code) if factor is None else self.took(token, factor, code)

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Check two codes in a row."""
        with self.one:
            token = self.tokens[serial]
            if self.locked(token):
                return LOCKED
            for first in self.far(token):
                if token.code(first) == code1:
                    for second in self.after(first):
                        if token.code(second) == code2:
                            return self.resynced(token, second)
            return REFUSED

    def find(self, token: Known, window: Iterable[int], code: str) -> int | None:
        """Return the factor in a window whose code it is."""
        return next((factor for factor in window if token.code(factor) == code), None)

    def window(self, token: Known) -> range:
        """Return the factors that one code may have."""
        if token.timed:
            return self.around(token, STEPS)
        return range(token.next, token.next + WINDOW + 1)

    def far(self, token: Known) -> range:
        """Return the factors that the first of two codes may have."""
        if token.timed:
            return self.around(token, RESYNC)
        return range(token.next, token.next + RESYNC + 1)

    def around(self, token: Known, steps: int) -> range:
        """Return the time steps near the one that a token should be in."""
        now = self.step() + token.drift
        return range(max(token.next, now - steps), now + steps + 1)

    def after(self, first: int) -> list[int]:
        """Return the factors that the second of two codes may have."""
        return [first + 1]

    def step(self) -> int:
        """Return the time step."""
        return self.now_s // STEP_S

    def took(self, token: Known, factor: int, code: str) -> Answer:
        """Accept."""
        token.next, token.failures, token.refused = factor + 1, 0, []
        token.drift = factor - self.step()
        token.used.append((code, self.now_s))
        return ACCEPTED

    def resynced(self, token: Known, second: int) -> Answer:
        """Accept a pair."""
        token.next, token.drift = second + 1, second - self.step()
        return ACCEPTED

    def failed(self, token: Known, code: str) -> Answer:
        """Refuse."""
        token.refused.append(code)
        token.failures += 1
        if token.failures >= LOCK_AFTER:
            token.locked_s = self.now_s
        return REFUSED

    def locked(self, token: Known) -> bool:
        """Return whether a token is locked; a lock ends by itself."""
        if token.locked_s is not None and self.now_s - token.locked_s >= LOCK_S:
            token.failures, token.locked_s = 0, None
        return token.locked_s is not None

    def unlock(self, serial: str) -> None:
        """Forget a token's failures."""
        self.tokens[serial].failures, self.tokens[serial].locked_s = 0, None

    def remove(self, serial: str) -> None:
        """Make a token unknown."""
        del self.tokens[serial]

    def set_clock(self, now_ns: int) -> None:
        """Put the clock."""
        self.now_s = now_ns // 1_000_000_000


class _Forgiving(Tiny):
    """Accepts more than the window; what, is up to the bug."""

    def failed(self, token: Known, code: str) -> Answer:
        return ACCEPTED if self.forgives(token, code) else super().failed(token, code)

    def forgives(self, token: Known, code: str) -> bool:
        raise NotImplementedError


class ReplayWithin30s(_Forgiving):
    """Takes a double click for one."""

    def forgives(self, token: Known, code: str) -> bool:
        return token.used[-1:] != [] and token.used[-1][0] == code and self.age(token) <= STEP_S

    def age(self, token: Known) -> int:
        """Return how long ago the last code was used."""
        return self.now_s - token.used[-1][1]


class ReplayAfter20Minutes(_Forgiving):
    """Remembers used codes for a while only."""

    def forgives(self, token: Known, code: str) -> bool:
        return any(code == used and self.now_s - at > 1_200 for used, at in token.used)


class RemembersTheLastCode(_Forgiving):
    """Compares with the last code in place of the counter."""

    def forgives(self, token: Known, code: str) -> bool:
        return code in [used for used, _ in token.used[:-1]]


class SkippedCodesStayGood(_Forgiving):
    """Lets the counter go back to codes that were never used."""

    def forgives(self, token: Known, code: str) -> bool:
        behind = range(token.next - WINDOW, token.next)
        return self.find(token, behind, code) is not None and code not in dict(token.used)


class TwiceIsASequence(_Forgiving):
    """Resyncs by two log-ins, of which it forgets that they have to differ."""

    def forgives(self, token: Known, code: str) -> bool:
        return code in token.refused and self.find(token, self.far(token), code) is not None


class ReplayIsASequence(_Forgiving):
    """Resyncs by two log-ins, and looks behind the counter too (LinOTP#110)."""

    def forgives(self, token: Known, code: str) -> bool:
        factor = self.find(token, range(token.next - RESYNC, token.next), code)
        return factor is not None and token.code(factor - 1) in token.refused


class WindowOffByOne(Tiny):
    """Takes a window of 5 for 5 counters."""

    def window(self, token: Known) -> range:
        return super().window(token)[:-1]


class WindowOffByOneOnceUsed(Tiny):
    """Counts the window from the last code that was used."""

    def window(self, token: Known) -> range:
        return super().window(token)[: -1 if token.used else None]


class CountsFromOne(Tiny):
    """Begins at counter 1."""

    def enrol(self, token: Enrolment) -> None:
        super().enrol(token)
        self.tokens[token.serial].next = 1


class ReadsNumbers(Tiny):
    """Compares codes as numbers."""

    def find(self, token: Known, window: Iterable[int], code: str) -> int | None:
        try:
            return super().find(token, window, f"{int(code):06d}")
        except ValueError:
            return None


class ComparesTheBeginning(Tiny):
    """Compares as many digits as were typed."""

    def find(self, token: Known, window: Iterable[int], code: str) -> int | None:
        return next((f for f in window if token.code(f).startswith(code[:6])), None)


class GapInAResync(Tiny):
    """Takes two codes for a sequence with presses between them."""

    def around(self, token: Known, steps: int) -> range:
        """Return the time steps near the one that a token should be in."""
        now = self.step() + token.drift
        return range(max(token.next, now - steps), now + steps + 1)

    def after(self, first: int) -> list[int]:
        return list(range(first + 1, first + 5))


class ResyncInAnyOrder(Tiny):
    """Takes the two codes in any order."""

    def around(self, token: Known, steps: int) -> range:
        """Return the time steps near the one that a token should be in."""
        now = self.step() + token.drift
        return range(max(token.next, now - steps), now + steps + 1)

    def after(self, first: int) -> list[int]:
        return [first + 1, first - 1]


class ResyncWithOneCode(Tiny):
    """Takes one code twice."""

    def around(self, token: Known, steps: int) -> range:
        """Return the time steps near the one that a token should be in."""
        now = self.step() + token.drift
        return range(max(token.next, now - steps), now + steps + 1)

    def after(self, first: int) -> list[int]:
        return [first + 1, first]


class ResyncGoesBack(Tiny):
    """Looks for a pair behind the counter too."""

    def far(self, token: Known) -> range:
        return range(token.next - RESYNC, super().far(token).stop)


class ResyncPastTheWindowOnly(Tiny):
    """Looks for a pair where one code would not do."""

    def far(self, token: Known) -> range:
        return range(token.next + WINDOW + 1, super().far(token).stop)


class RefusesTheCodeAfterAResync(Tiny):
    """Counts the second code twice."""

    def resynced(self, token: Known, second: int) -> Answer:
        return super().resynced(token, second + 1)


class ResyncLeavesItsCode(Tiny):
    """Counts the first code only."""

    def resynced(self, token: Known, second: int) -> Answer:
        return super().resynced(token, second - 1)


class ResyncKeepsTheLock(Tiny):
    """Accepts a locked token's pair, and keeps the lock."""

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        token = self.tokens[serial]
        locked_s, token.locked_s = token.locked_s, None
        answer = super().resync(serial, code1, code2)
        token.locked_s = locked_s
        return answer


class FailuresAdvanceTheCounter(Tiny):
    """Moves on whatever was typed."""

    def failed(self, token: Known, code: str) -> Answer:
        token.next += 1
        return super().failed(token, code)


class FarCodesMoveTheCounter(Tiny):
    """Moves on to a code that it refuses."""

    def failed(self, token: Known, code: str) -> Answer:
        token.next = self.find(token, range(token.next, token.next + 200), code) or token.next
        return super().failed(token, code)


class FailuresAddUp(Tiny):
    """Forgets no failure."""

    def took(self, token: Known, factor: int, code: str) -> Answer:
        failures = token.failures
        answer = super().took(token, factor, code)
        token.failures = failures
        return answer


class NoLock(Tiny):
    """Counts failures and does nothing about them."""

    def locked(self, token: Known) -> bool:  # noqa: ARG002  # the method's signature
        return False


class LockNeverClears(Tiny):
    """Locks for good."""

    def locked(self, token: Known) -> bool:
        return token.locked_s is not None

    def unlock(self, serial: str) -> None:
        self.tokens[serial].failures = 0


class LockLeaks(Tiny):
    """Checks a code before it looks at the lock."""

    def verify(self, serial: str, code: str) -> Answer:
        token = self.tokens[serial]
        if self.locked(token) and self.find(token, self.window(token), code) is not None:
            return Answer(Outcome.LOCKED, "right, but locked")
        return super().verify(serial, code)


class LockedCodesCount(Tiny):
    """Moves the counter while locked."""

    def verify(self, serial: str, code: str) -> Answer:
        token = self.tokens[serial]
        if self.locked(token):
            token.next = (self.find(token, self.window(token), code) or token.next - 1) + 1
        return super().verify(serial, code)


class RaceAcceptsTwo(Tiny):
    """Reads, and writes later: the second reads before the first wrote.

    The others come when both are done, or their failures would lock the second out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._read: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._changed = threading.Condition()

    def verify(self, serial: str, code: str) -> Answer:
        if threading.current_thread() is threading.main_thread():
            return super().verify(serial, code)
        token = self.tokens[serial]
        with self._changed:
            turn = self._read[serial] = self._read.get(serial, 0) + 1
            awaited = self._read if turn <= 2 else self._done
            self._changed.notify_all()
            before = token.next
            self._changed.wait_for(lambda: awaited.get(serial, 0) > 1)
        with self.one:
            now, token.next = token.next, before
            answer = super().verify(serial, code)
            token.next = max(now, token.next)
        with self._changed:
            self._done[serial] = self._done.get(serial, 0) + 1
            self._changed.notify_all()
        return answer


class TimeReplay(Tiny):
    """Has no memory of time steps."""

    def took(self, token: Known, factor: int, code: str) -> Answer:
        super().took(token, factor, code)
        token.next = 0 if token.timed else token.next
        return ACCEPTED


class EarlierStepsStayGood(Tiny):
    """Remembers which steps were used, and not that time goes on."""

    def window(self, token: Known) -> range:
        if token.timed:
            now = self.step() + token.drift
            return range(now - STEPS, now + STEPS + 1)
        return super().window(token)

    def took(self, token: Known, factor: int, code: str) -> Answer:
        if token.timed and code in dict(token.used):
            return self.failed(token, code)
        return super().took(token, factor, code)


class StepsAreRounded(Tiny):
    """Rounds to the nearest step."""

    def step(self) -> int:
        return (self.now_s + STEP_S // 2) // STEP_S


class ClockBackForgets(Tiny):
    """Takes a step in the future for a mistake, and begins anew."""

    def window(self, token: Known) -> range:
        if token.timed and token.next > self.step() + 1:
            token.next = 0
        return super().window(token)
