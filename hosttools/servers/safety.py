"""Whose server may be asked, and how often it may say no: a wrong code locks people out.

A server on this machine is the tester's own. Any other has to be named as authorised,
and refuses only as often as the failure budget allows. What may fail once that is spent
is never sent.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from emulator.loopback import is_loopback
from emulator.serverview import ServerView
from firmware_model.nvm import Config
from hosttools.errors import HostError, UsageError
from hosttools.servers.seam import Answer, Enrolment, Outcome, Reply, Server

A = TypeVar("A", Answer, Reply)


class BudgetError(HostError):
    """A submission that was not sent, since the server refused as often as it may."""


class FailureBudget:
    """How many more refused submissions a server may see. Any thread may ask.

    Args:
        limit: how many altogether.

    Raises:
        UsageError: less than none.
    """

    def __init__(self, limit: int) -> None:
        if limit < 0:
            raise UsageError(f"a failure budget of {limit}; allowed is 0 and more")
        self.limit = limit
        self._spent = 0
        self._lock = threading.Lock()

    @property
    def spent(self) -> int:
        """How many were refused, and may have been."""
        return self._spent

    def allow(self, *, expected_to_fail: bool) -> None:
        """Put one aside for a submission that may fail; let others pass while none was too many.

        Raises:
            BudgetError: it must not be sent.
        """
        with self._lock:
            if self._spent + expected_to_fail > self.limit:
                may = "may fail" if expected_to_fail else "might fail, as others did"
                raise BudgetError(
                    f"not sent, as it {may}: {self._spent} of {self.limit} refused submissions"
                    " are used up; give a larger failure budget if nobody can be locked out"
                )
            self._spent += expected_to_fail

    def settle(self, *, expected_to_fail: bool, refused: bool) -> None:
        """Enter what became of a submission that was allowed."""
        with self._lock:
            self._spent += refused - expected_to_fail


class Guarded(Server):
    """A server that is not on this machine, asked with care.

    A submission may fail unless it is made within ``expecting(Outcome.ACCEPTED)``. What
    ends in an error may have been refused, and counts.

    Args:
        server: the server.
        budget: how often it may refuse.

    Attributes:
        budget: what is left of that.
    """

    def __init__(self, server: Server, budget: FailureBudget) -> None:
        self.name = server.name
        self.can = server.can
        self.host = server.host
        self.acts = server.acts
        self.budget = budget
        self._server = server
        self._here = threading.local()

    @contextmanager
    def expecting(self, outcome: Outcome) -> Iterator[None]:
        """Say what the submissions of this thread should come to, within."""
        before = self._may_fail
        self._here.may_fail = outcome is not Outcome.ACCEPTED
        try:
            with self._server.expecting(outcome):
                yield
        finally:
            self._here.may_fail = before

    @property
    def _may_fail(self) -> bool:
        may_fail: bool = getattr(self._here, "may_fail", True)
        return may_fail

    def _submit(self, submit: Callable[[], A]) -> A:
        may_fail = self._may_fail
        self.budget.allow(expected_to_fail=may_fail)
        refused = True  # an error: nobody knows
        try:
            answer = submit()
            refused = not answer.accepted
        finally:
            self.budget.settle(expected_to_fail=may_fail, refused=refused)
        return answer

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the add form, if it may be."""
        return self._submit(lambda: self._server.sync(serial, code1, code2))

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code, if it may be."""
        return self._submit(lambda: self._server.verify(serial, code))

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Submit the resync form, if it may be."""
        return self._submit(lambda: self._server.resync(serial, code1, code2))

    def ask(self, act: str, user: str, given: Mapping[str, Any]) -> Reply:
        """Have a further act done, if it may be."""
        return self._submit(lambda: self._server.ask(act, user, given))

    def unpack(self, user: str, parcel: int) -> Config:
        """Take a fob out of its parcel."""
        return self._server.unpack(user, parcel)

    def enrol(self, token: Enrolment) -> None:
        """Make a token known."""
        self._server.enrol(token)

    def unlock(self, serial: str) -> None:
        """Forget a token's failures."""
        self._server.unlock(serial)

    def remove(self, serial: str) -> None:
        """Make a token unknown again."""
        self._server.remove(serial)

    def view(self, serial: str) -> ServerView:
        """Return what it believes of a token."""
        return self._server.view(serial)

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time."""
        self._server.set_clock(now_ns)

    def close(self) -> None:
        """Let go of the server."""
        self._server.close()


def guard(server: Server, *, authorised: Collection[str] = (), failure_budget: int = 0) -> Server:
    """Return a server as it may be asked: itself if it is on this machine.

    Args:
        server: the server, to which nothing was sent yet.
        authorised: the hosts that may be tested, as their owners agreed.
        failure_budget: how many submissions a server elsewhere may refuse.

    Raises:
        UsageError: it is elsewhere, and not authorised.
    """
    budget = FailureBudget(failure_budget)
    return Guarded(server, budget) if check_host(server.host, authorised) else server


def check_host(host: str | None, authorised: Collection[str]) -> bool:
    """Return whether a host is elsewhere, and may be tested.

    Args:
        host: which; ``None``: this machine.
        authorised: the hosts that may be.

    Raises:
        UsageError: it is elsewhere, and not authorised.
    """
    if host is None or is_loopback(host):
        return False
    if host.lower() not in {each.strip("[]").lower() for each in authorised}:
        raise UsageError(
            f"{host} is not this machine, and nothing was sent there: if its owner agreed to the"
            f" test, say so with --authorised {host}"
        )
    return True
