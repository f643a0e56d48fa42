"""Whose server may be asked, and how often it may say no."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from firmware_model.oath import Secret
from firmware_model.profile import TokenType
from hosttools.errors import UsageError
from hosttools.servers import Answer, Can, Enrolment, Outcome, Reply, Server, ServerError
from hosttools.servers.safety import BudgetError, FailureBudget, Guarded, guard
from hosttools.testing import BACKSTOP_S

SERIAL = "GALH12345678"


class Fake(Server):
    """A server that accepts ``good`` and counts what it is sent."""

    name = "fake"
    can = frozenset({Can.EVENT})

    def __init__(self, host: str | None) -> None:
        self.host = host
        self.sent: list[str] = []

    def verify(self, serial: str, code: str) -> Answer:
        """Take a code."""
        self.sent.append(f"{serial} {code}")
        if code == "lost":
            raise ServerError("gone")
        return Answer(Outcome.ACCEPTED if code == "good" else Outcome.REFUSED)

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Take a pair."""
        return self.verify(serial, f"{code1}{code2}")

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Take a pair."""
        return self.verify(serial, f"{code1}{code2}")

    def enrol(self, token: Enrolment) -> None:
        """Note it."""
        self.sent.append(f"enrol {token.serial}")

    def unlock(self, serial: str) -> None:
        """Note it."""
        self.sent.append(f"unlock {serial}")

    def remove(self, serial: str) -> None:
        """Note it."""
        self.sent.append(f"remove {serial}")

    def set_clock(self, now_ns: int) -> None:
        """Note it."""
        self.sent.append(f"clock {now_ns}")

    def close(self) -> None:
        """Note it."""
        self.sent.append("close")


def elsewhere(budget: int = 0) -> tuple[Fake, Guarded]:
    """Return a server on another machine, authorised."""
    fake = Fake("otp.example.org")
    guarded = guard(fake, authorised=["otp.example.org"], failure_budget=budget)
    assert isinstance(guarded, Guarded)
    return fake, guarded


@pytest.mark.parametrize("host", [None, "localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_free(host: str | None) -> None:
    """A server on this machine is asked as it is."""
    fake = Fake(host)
    assert guard(fake) is fake


@pytest.mark.parametrize("host", ["otp.example.org", "10.0.0.1", "0.0.0.0", "127.0.0.1.x.org"])  # noqa: S104  # a host's name
def test_others_must_be_named(host: str) -> None:
    """Another machine is refused unless that very host is authorised; nothing is sent."""
    fake = Fake(host)
    for authorised in ([], ["example.org"], [f"x.{host}"]):
        with pytest.raises(UsageError, match=f"--authorised {host}"):
            guard(fake, authorised=authorised)
    assert [] == fake.sent
    assert isinstance(guard(fake, authorised=[host.upper()]), Guarded)


def test_nothing_that_may_fail_by_default() -> None:
    """Without a budget only what should be accepted is sent."""
    fake, guarded = elsewhere()
    with pytest.raises(BudgetError, match="0 of 0 refused submissions are used up"):
        guarded.verify(SERIAL, "bad")
    for pair in (guarded.sync, guarded.resync):
        with pytest.raises(BudgetError):
            pair(SERIAL, "go", "od")
    assert [] == fake.sent
    with guarded.expecting(Outcome.ACCEPTED):
        assert guarded.verify(SERIAL, "good").accepted
        assert guarded.sync(SERIAL, "go", "od").accepted
        assert guarded.resync(SERIAL, "go", "od").accepted


def test_one_surprise_ends_it() -> None:
    """A code that should have been accepted and was not is the last one sent."""
    fake, guarded = elsewhere()
    with guarded.expecting(Outcome.ACCEPTED):
        guarded.verify(SERIAL, "bad")
        with pytest.raises(BudgetError, match="1 of 0"):
            guarded.verify(SERIAL, "good")
    assert 1 == len(fake.sent)


def test_budget_is_spent_by_refusals_only() -> None:
    """What may fail and is accepted after all costs nothing."""
    fake, guarded = elsewhere(2)
    for code in ("good", "bad", "good", "bad"):
        guarded.verify(SERIAL, code)
    with pytest.raises(BudgetError, match="2 of 2"):
        guarded.verify(SERIAL, "bad")
    with guarded.expecting(Outcome.ACCEPTED):
        assert guarded.verify(SERIAL, "good").accepted
    assert (5, 2) == (len(fake.sent), guarded.budget.spent)


def test_lost_answers_count() -> None:
    """A submission without an answer may have been refused, and counts."""
    _, guarded = elsewhere(1)
    with pytest.raises(ServerError):
        guarded.verify(SERIAL, "lost")
    assert 1 == guarded.budget.spent


def test_expectation_ends_with_its_block() -> None:
    """What is expected holds within its block, and in its thread."""
    _, guarded = elsewhere()
    refused: list[BudgetError] = []

    def other() -> None:
        try:
            guarded.verify(SERIAL, "good")
        except BudgetError as e:
            refused.append(e)

    with guarded.expecting(Outcome.ACCEPTED):
        with guarded.expecting(Outcome.REFUSED), pytest.raises(BudgetError):
            guarded.verify(SERIAL, "good")
        assert guarded.verify(SERIAL, "good").accepted
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(BACKSTOP_S)
    assert 1 == len(refused)
    with pytest.raises(BudgetError):
        guarded.verify(SERIAL, "good")


def test_what_is_under_way_is_put_aside() -> None:
    """Two at a time can't both have the last of the budget."""
    budget = FailureBudget(1)
    budget.allow(expected_to_fail=True)
    with pytest.raises(BudgetError):
        budget.allow(expected_to_fail=True)
    budget.settle(expected_to_fail=True, refused=False)
    budget.allow(expected_to_fail=True)


def test_budget_below_none() -> None:
    """A budget of less than none is no budget."""
    with pytest.raises(UsageError, match="-1"):
        guard(Fake(None), failure_budget=-1)


def test_all_else_goes_through() -> None:
    """What no wrong code is part of reaches the server."""
    fake, guarded = elsewhere()
    token = Enrolment(serial=SERIAL, token_type=TokenType.EVENT, secret=Secret(bytes(20)))
    with guarded:
        guarded.enrol(token)
        guarded.unlock(SERIAL)
        guarded.set_clock(5)
        guarded.remove(SERIAL)
    words = [f"enrol {SERIAL}", f"unlock {SERIAL}", "clock 5", f"remove {SERIAL}", "close"]
    assert words == fake.sent


def test_a_guard_forgets_no_verb() -> None:
    """Every verb of a server has one in the guard that reaches it."""
    verbs = {name for name in vars(Server) if not name.startswith("_")} - {"host", "acts"}
    assert verbs <= set(vars(Guarded))


def test_further_acts_count() -> None:
    """What an act refuses is taken from the budget as a refused code is."""

    class Desk(Fake):
        def ask(self, act: str, user: str, given: Mapping[str, Any]) -> Reply:
            self.sent.append(f"{act} {user} {sorted(given)}")
            return Reply(accepted=act == "good", told={})

    fake = Desk("otp.example.org")
    guarded = guard(fake, authorised=["otp.example.org"], failure_budget=1)
    assert not guarded.ask("bad", "somebody", {}).accepted
    with pytest.raises(BudgetError):
        guarded.ask("bad", "somebody", {})

    assert ["bad somebody []"] == fake.sent
