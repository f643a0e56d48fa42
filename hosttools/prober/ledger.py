"""What was sent to a server and what it said: evidence, and the bill.

Evidence is counters, steps and answers. Digits are in it on request only: a code that a
server refused for being too far ahead is still good after a resync.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from hosttools.servers import Answer

MAX_EVIDENCE: Final = 400
"""Entries kept of one rule: more than any search takes."""


class Bill(NamedTuple):
    """What measuring cost."""

    codes: int
    failures: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission.

    Attributes:
        did: the verb.
        token: number of the token within the rule, from 1.
        sent: what the codes were, as ``counter 12 (+3)``; never digits.
        answer: the outcome's word.
        reason: the server's own words.
        after_s: server time since the rule began, seconds.
        codes: the digits, if they were asked for.
    """

    did: str
    token: int
    sent: str
    answer: str
    reason: str
    after_s: float
    codes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON has it."""
        found: dict[str, object] = {
            "did": self.did,
            "token": self.token,
            "sent": self.sent,
            "answer": self.answer,
            "after_s": self.after_s,
        }
        if self.reason:
            found["reason"] = self.reason
        if self.codes:
            found["codes"] = list(self.codes)
        return found


class Ledger:
    """Counts and records submissions; paces them. Any thread may enter one.

    Args:
        digits: whether codes are kept.
        pace_s: seconds between submissions, at least.
        sleep: waits.
        monotonic: tells how long it is since the last one, seconds.
    """

    def __init__(
        self,
        *,
        digits: bool = False,
        pace_s: float = 0.0,
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._digits = digits
        self._pace_s = pace_s
        self._sleep = sleep
        self._monotonic = monotonic
        self._next_s: float | None = None
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._codes = 0
        self._failures = 0
        self._tokens = 0
        self._began_ns = 0

    def begin(self, now_ns: int) -> None:
        """Begin a rule: evidence and bill start anew."""
        self._entries, self._codes, self._failures, self._tokens = [], 0, 0, 0
        self._began_ns = now_ns

    @property
    def evidence(self) -> tuple[Entry, ...]:
        """What was sent since the rule began."""
        return tuple(self._entries)

    @property
    def bill(self) -> Bill:
        """What it cost."""
        return Bill(self._codes, self._failures)

    def number(self) -> int:
        """Return the number of another token within the rule, from 1."""
        self._tokens += 1
        return self._tokens

    def wait_turn(self) -> None:
        """Wait until the next submission may be sent."""
        if not self._pace_s:
            return
        now_s = self._monotonic()
        if self._next_s is not None and now_s < self._next_s:
            self._sleep(self._next_s - now_s)
            now_s = self._next_s
        self._next_s = now_s + self._pace_s

    def enter(
        self, did: str, token: int, sent: str, codes: tuple[str, ...], answer: Answer, now_ns: int
    ) -> None:
        """Record a submission and its answer."""
        words = answer.reason
        if not self._digits:
            for code in filter(None, codes):  # shorter than what clean() blots out
                words = words.replace(code, "#" * len(code))
        entry = Entry(
            did=did,
            token=token,
            sent=sent,
            answer=answer.outcome.value,
            reason=words,
            after_s=round((now_ns - self._began_ns) / 1e9, 3),
            codes=codes if self._digits else (),
        )
        with self._lock:
            self._codes += len(codes)
            self._failures += not answer.accepted
            if len(self._entries) < MAX_EVIDENCE:
                self._entries.append(entry)
