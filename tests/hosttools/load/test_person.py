"""A holder under load, without Locust: at servers in this process."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from hosttools.errors import UsageError
from hosttools.load.anyserver import AnyServerRules
from hosttools.load.person import HABITS, Person, Place, Sent, Thunk, Told
from hosttools.load.rules import PolicyRules, Verb
from hosttools.refserver import Policy
from hosttools.servers import Answer, Can, Enrolment, Server, ServerError
from hosttools.servers.reference import ReferenceServer
from hosttools.servers.safety import guard
from tests.hosttools.prober import tiny

POLICY = Policy(look_back=50, resync_window=100, operator_search=0)
RULES = PolicyRules(POLICY, adds=True, exact=True)


def at_once(thunks: Sequence[Thunk]) -> list[Sent | None]:
    """Do several things in threads of their own; one alone in this."""
    if len(thunks) == 1:
        return [thunks[0]()]
    with ThreadPoolExecutor(len(thunks)) as pool:
        return list(pool.map(lambda thunk: thunk(), thunks))


def lived(
    server: Server,
    *,
    people: int = 3,
    acts: int = 40,
    number: int = 0,
    **more: Any,  # noqa: ANN401  # what a place has
) -> list[Told]:
    """Let some holders live at a server, and return what they tell."""
    told: list[Told] = []
    settings: dict[str, Any] = {
        "rules": RULES,
        "seed": 1,
        "base": 0,
        "draw": random.Random(1).randbytes,  # noqa: S311  # the same tokens each time
        "now_ns": lambda: 1_767_600_000_000_000_000,
        "at_once": at_once,
        **more,
    }
    place = Place(server=server, tell=told.append, **settings)
    holders = [Person(place, number + n) for n in range(people)]
    for _ in range(acts):
        for holder in holders:
            holder.act()
    for holder in holders:
        holder.end()
    return told


def counted(told: list[Told]) -> Counter[tuple[str, str]]:
    """Return how often what was answered."""
    return Counter((each.what, each.said) for each in told)


def wrongs(told: list[Told]) -> list[str]:
    """Return what was wrong."""
    return [f"{t.wrong.sent}: {t.wrong.got}" for t in told if t.wrong]


def test_the_reference_server_is_right() -> None:
    """All kinds of verdicts come up, and none is wrong, by its policy and by any."""
    for rules in (RULES, AnyServerRules()):
        told = lived(ReferenceServer(policy=POLICY), rules=rules, people=6, acts=60)
        found = counted(told)

        assert [] == wrongs(told)
        assert 6 == found["enrol", "done"] == found["sync", "accepted"]
        for kind in ("accepted", "refused", "replayed"):
            assert found["verify", kind]
        assert found["resync", "accepted"]


def test_decisions_follow_from_the_seed() -> None:
    """The same seed, the same requests; another seed or number, others."""
    first, again, other, neighbour = (
        [told[:2] for told in lived(ReferenceServer(policy=POLICY), **more)]
        for more in ({}, {}, {"seed": 2}, {"number": 3})
    )

    assert first == again
    assert first != other
    assert first != neighbour


def test_holders_have_tokens_of_their_own() -> None:
    """No two get one serial number, whichever worker they are of; the base says where to begin."""
    serials: list[str] = []

    class Noting(ReferenceServer):
        def enrol(self, token: Enrolment) -> None:
            serials.append(token.serial)
            super().enrol(token)

    server = Noting()
    for number in (0, 20_000, 40_000):
        lived(server, number=number, acts=1, base=99_999_950, people=5)

    assert "GALH99999950" == serials[0]
    assert "GALH00000050" == serials[1]
    assert 15 == len(set(serials))


def test_a_race_is_caught() -> None:
    """A server that reads, and writes later, accepts one code twice; only at once."""
    told = lived(tiny.RaceAcceptsTwo(), rules=AnyServerRules(), race=1.0, acts=5)

    assert wrongs(told)
    assert all("times at once" in wrong for wrong in wrongs(told))
    assert [] == wrongs(lived(tiny.RaceAcceptsTwo(), rules=AnyServerRules(), race=0.0))


@pytest.mark.parametrize(
    "bug",
    [tiny.ReplayWithin30s, tiny.SkippedCodesStayGood, tiny.RefusesTheCodeAfterAResync],
    ids=lambda bug: bug.__name__,
)
def test_a_bug_is_caught(bug: Callable[[], Server]) -> None:
    """Also what goes wrong one after another."""
    told = lived(
        bug(),
        rules=AnyServerRules(),
        people=10,
        acts=60,
        habits=replace(HABITS, previous_code=0.2, submitted_twice=0.2),
    )

    assert wrongs(told)


def test_a_wrong_verdict_costs_the_token() -> None:
    """Nobody knows what the server believes of it: its holder gets another."""
    found = counted(lived(tiny.RaceAcceptsTwo(), rules=AnyServerRules(), race=1.0, people=1))

    assert found["enrol", "done"] > 1


class Flaky(ReferenceServer):
    """Acts on everything, and loses every third answer."""

    calls = 0

    def verify(self, serial: str, code: str) -> Answer:
        """Judge a code, and perhaps not tell."""
        answer = super().verify(serial, code)
        self.calls += 1
        if self.calls % 3 == 0:
            raise ServerError("the line broke")
        return answer


def test_lost_answers_are_told_and_explained() -> None:
    """They are errors, not wrong verdicts."""
    told = lived(Flaky(policy=POLICY), race=0.0)

    assert [] == wrongs(told)
    assert {"no answer"} == {t.said for t in told if t.error == "the line broke"}


def test_a_server_that_takes_no_tokens() -> None:
    """That is told, and tried again with another token."""

    class Full(ReferenceServer):
        def enrol(self, token: Enrolment) -> None:
            raise ServerError(f"full, no room for {token.serial}")

    assert {("enrol", "failed"): 12} == counted(lived(Full(), acts=4))


def test_a_server_without_forms_is_asked_for_none() -> None:
    """Neither add form, nor resync, nor at once: fresh codes, then another token."""

    class Plain(tiny.Tiny):
        can = frozenset({Can.EVENT, Can.ENROL})

    told = lived(Plain(), rules=AnyServerRules(), people=10, acts=80, race=1.0)
    found = counted(told)

    assert [] == wrongs(told)
    assert {"enrol", "verify"} == {what for what, _ in found}
    assert found["enrol", "done"] > 10


def test_tokens_are_removed_in_the_end() -> None:
    """Unless they are to stay."""
    for tidy, left in ((True, 0), (False, 3)):  # and more, where a holder got another
        server = tiny.Tiny()
        lived(server, rules=AnyServerRules(), tidy=tidy)

        assert left == min(len(server.tokens), 3)


def test_a_failure_budget_is_kept() -> None:
    """What may be refused is not sent to a server elsewhere, and no more than allowed."""
    for budget in (0, 5):
        server = ReferenceServer(policy=POLICY)
        server.host = "otp.example.org"
        guarded = guard(server, authorised=["otp.example.org"], failure_budget=budget)
        told = lived(guarded, people=6, acts=60, race=0.0)
        refused = [t for t in told if t.said in {"refused", "replayed"}]

        assert [] == wrongs(told)
        assert budget == len(refused)
        assert [t for t in told if t.said == "not sent"]


def test_time_tokens_live_by_the_hosts_clock() -> None:
    """Their holders wait, and leave out hours."""
    now_ns = [1_767_600_000_000_000_000]

    def sleep(seconds: float) -> None:
        assert seconds <= 300
        now_ns[0] += round(seconds * 1e9)

    server = ReferenceServer(policy=POLICY, clock=lambda: now_ns[0])
    told = lived(server, people=1, timed=1.0, now_ns=lambda: now_ns[0], sleep=sleep)
    found = counted(told)

    assert [] == wrongs(told)
    assert found["sync", "accepted"] == found["enrol", "done"] == 1
    assert found["verify", "accepted"] > 10


def test_a_class_of_ones_own_presses() -> None:
    """Without a token it is told so."""
    person = Person(Place(server=ReferenceServer(), rules=RULES, tell=print, seed=1, base=0), 0)
    with pytest.raises(UsageError, match="has no token"):
        person.press()

    person.begin()
    code = person.press()

    assert code is not None
    assert person.submit(Verb.VERIFY, code).accepted
