"""An independent count: press n times, submit, for every n. Knows nothing of the prober."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

from firmware_model.oath import Secret
from hosttools.servers import Can, Enrolment, Server
from tests.hosttools.servers.fob import EVENT, START_NS, TIMED, Fob

_STEP_NS = 30_000_000_000


class Count:
    """Counts on a server, each time with a token that it never saw.

    Args:
        server: takes new tokens.
        most: the largest n.
    """

    def __init__(self, server: Server, most: int) -> None:
        self._server = server
        self._most = most
        self._numbers = count(1)

    def look_ahead(self, *, used: bool) -> int:
        """Count presses that may be skipped, before or after a success."""

        def accepted(skipped: int) -> bool:
            fob = self._fob(EVENT)
            if used:
                assert self._server.verify(fob.serial, fob.press()).accepted
            for _ in range(skipped):
                fob.press()
            return self._server.verify(fob.serial, fob.press()).accepted

        return self._all(accepted)

    def resync(self) -> int:
        """Count presses that may be skipped before two codes in a row."""

        def accepted(skipped: int) -> bool:
            fob = self._fob(EVENT)
            for _ in range(skipped):
                fob.press()
            first, second = fob.press(), fob.press()
            return self._server.resync(fob.serial, first, second).accepted

        return self._all(accepted)

    def steps(self, sign: int) -> int:
        """Count steps that a new token's clock may be ahead (1) or behind (-1)."""

        def accepted(steps: int) -> bool:
            fob = self._fob(TIMED)
            # Past what the add form used up, if there is one.
            now = fob.now_ns // _STEP_NS + steps + 1
            self._server.set_clock(now * _STEP_NS + _STEP_NS // 2)
            return self._server.verify(fob.serial, fob.code(now + sign * steps)).accepted

        return self._all(accepted)

    def _fob(self, like: Enrolment) -> Fob:
        number = next(self._numbers)
        token = replace(
            like,
            serial=f"{like.serial[:4]}{number:08d}",
            secret=Secret(number.to_bytes(20)),
            user=f"user{number}",
        )
        if Can.CLOCK in self._server.can:
            self._server.set_clock(START_NS)
        return Fob(self._server, token)

    def _all(self, accepted: Callable[[int], bool]) -> int:
        """Try every n; return the last of those from 0 on that were accepted, without a hole."""
        answers = [accepted(n) for n in range(self._most + 1)]
        edge = answers.index(False) if False in answers else len(answers)
        assert not any(answers[edge:]), f"accepted past the edge: {list(_trues(answers))}"
        return edge - 1


def _trues(answers: list[bool]) -> Iterator[int]:
    return (n for n, answer in enumerate(answers) if answer)
