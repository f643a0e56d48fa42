"""The practice portal on the seam: it is measured as what it is, and each bug is found."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from starlette.types import ASGIApp

from emulator.http.house import House
from firmware_model.oath import Key, hotp
from hosttools.errors import UsageError
from hosttools.portal import Portal, open_portal
from hosttools.portal.bugs import TOLD, Bug
from hosttools.portal.http.app import make_app
from hosttools.portal.http.desk import PortalDesk
from hosttools.portal.passwords import CHEAP
from hosttools.prober.finding import Measured
from hosttools.prober.registry import RULES
from hosttools.refserver import Policy
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.policies import POLICIES
from hosttools.scenarios import Status, run
from hosttools.scenarios.library import read
from hosttools.scenarios.results import Result
from hosttools.scenarios.under_test import Bed
from hosttools.servers import Can, NotOfferedError, Outcome, Server, ServerError
from hosttools.servers.portal import PortalServer, open_server
from hosttools.servers.portalacts import ACTS
from hosttools.servers.reference import ReferenceServer
from tests.hosttools.prober.probing import probed
from tests.hosttools.prober.test_windows import policies
from tests.hosttools.servers import real
from tests.hosttools.servers.fob import EVENT, SECOND_OF_ONE_USER, START_NS, TIMED, Fob

ServeApp = Callable[[ASGIApp, House], str]

PAGE: Final = Path(__file__).parents[3] / "docs" / "servers.md"
PROCEDURE: Final = "epcs-procedure"
BY_RULE: Final = tuple(bug for bug in Bug if TOLD[bug].finder in RULES)
BY_PROCEDURE: Final = tuple(bug for bug in Bug if TOLD[bug].finder == PROCEDURE)

NARROW: Final = Policy(
    look_ahead=2,
    look_back=5,
    resync_window=6,
    steps_back=2,
    steps_forward=1,
    resync_steps=5,
    pair_gap=1,
    lock_after=3,
    operator_search=20,
)
NEAR: Final = (
    "hotp.look_ahead.fresh",
    "hotp.look_ahead.used",
    "hotp.resync.ahead",
    "hotp.resync.gap",
    "totp.first_use.back",
    "totp.first_use.forward",
    "lockout.after",
    "lockout.resync_unlocks",
)
"""What a policy fixes."""


def measured(server: Server, rules: Iterable[str] = NEAR) -> Mapping[str, Measured]:
    """Return what the prober makes of some rules."""
    report = probed(server, rules)
    return {result.rule: result.finding.measured for result in report.results}


@pytest.fixture
def portal() -> Iterator[Portal]:
    """Return a portal in this process, whose policy may be any."""
    with open_portal(clock=ServerClock(START_NS), policy=NARROW, hashing=CHEAP) as opened:
        yield opened


@pytest.fixture
def near(portal: Portal, serve_app: ServeApp) -> Iterator[PortalServer]:
    """Return the adapter to it, over HTTP."""
    desk = PortalDesk(portal=portal)
    with PortalServer(serve_app(make_app(desk), desk)) as server:
        server.take_out_tokens()
        yield server


def test_each_holder_is_a_doctor(portal: Portal, serve_app: ServeApp) -> None:
    """With ``doctors=each`` nobody is held up by what the portal allows another one."""
    desk = PortalDesk(portal=portal)
    with PortalServer(serve_app(make_app(desk), desk), hires=True) as server:
        server.take_out_tokens()
        for token in (EVENT, SECOND_OF_ONE_USER, TIMED):
            fob = Fob(server, token)
            assert server.verify(fob.serial, fob.press()).accepted

    holders = {record.serial: record.holder for record in portal.tokens.list()}
    assert {
        EVENT.serial: "dr.mallory",
        SECOND_OF_ONE_USER.serial: "dr.mallory",
        TIMED.serial: "dr.trudy",
    } == holders


def walked(server: Server) -> Result:
    """Walk the whole procedure."""
    return run(read(PROCEDURE), lambda _: nullcontext(Bed(server)))


def test_policy_is_found(near: PortalServer) -> None:
    """The prober finds on the portal what it finds on the reference server of that policy."""
    found = measured(near)
    with ReferenceServer(policy=NARROW) as reference:
        assert measured(reference) == found
    assert [2, 6, 3] == [found[rule] for rule in (NEAR[0], NEAR[2], "lockout.after")]


@pytest.mark.full
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", ["default", "rfc-strict", "exostar-like", "privacyidea"])
def test_named_policy_is_found(portal_url: str, name: str) -> None:
    """All rules, those of time tokens, locks and throttling among them."""
    with real.portal(portal_url) as server:
        server.set_policy(name)
        found = measured(server, ())
    with ReferenceServer(policy=POLICIES[name].policy) as reference:
        assert measured(reference, ()) == found


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_any_policy_is_found(portal: Portal, near: PortalServer) -> None:
    """Whatever the policy: of random ones, what a policy fixes."""

    @settings(max_examples=5)
    @given(policy=policies())
    def finds(policy: Policy) -> None:
        portal.set_policy(policy)
        with ReferenceServer(policy=policy) as reference:
            assert measured(reference) == measured(near)

    finds()


@pytest.mark.full
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("bug", BY_RULE, ids=lambda bug: bug.value)
def test_rule_finds_the_bug(portal_url: str, bug: Bug) -> None:
    """What the prober measures is not what it is without the bug."""
    rule = TOLD[bug].finder
    with real.portal(portal_url) as server:
        right = measured(server, [rule])[rule]
        server.set_bugs((bug.value,))

        assert right != measured(server, [rule])[rule]


def test_procedure(portal_url: str) -> None:
    """The customer's whole walk passes on the portal as it is, and leaves no token of its own."""
    with real.portal(portal_url) as server:
        result = walked(server)

        assert (Status.PASSED, "") == (result.status, result.reason)
        with pytest.raises(ServerError, match="no token"):
            server.view("GALH00314159")


@pytest.mark.parametrize("bug", BY_PROCEDURE, ids=lambda bug: bug.value)
def test_procedure_finds_the_bug(serve_app: ServeApp, bug: Bug) -> None:
    """The walk ends where the bug shows; on a portal of its own, which it may leave damaged."""
    with open_portal(clock=ServerClock(START_NS), hashing=CHEAP) as portal:
        desk = PortalDesk(portal=portal)
        with PortalServer(serve_app(make_app(desk), desk)) as server:
            server.take_out_tokens()
            server.set_bugs((bug.value,))

            assert Status.FAILED is walked(server).status


def test_limits_on_people_are_no_hindrance(portal_url: str) -> None:
    """However often the clock goes back, and the phone with it, tokens are added."""
    with real.portal(portal_url) as server:
        for _ in range(8):
            server.set_clock(START_NS + 120_000_000_000)
            fob = Fob(server)
            server.set_clock(START_NS)
            assert server.verify(fob.serial, fob.press()).accepted
            server.remove(fob.serial)


def test_locked_is_told(portal_url: str) -> None:
    """A locked token is told from one whose code was wrong."""
    with real.portal(portal_url) as server:
        fob = Fob(server)
        wrong = [server.verify(fob.serial, code).outcome for code in fob.wrong(11)]

    assert {Outcome.REFUSED} == set(wrong[:10])
    assert Outcome.LOCKED is wrong[10]


def test_refusals_are_all_alike(portal_url: str) -> None:
    """Of a used code, a wrong one and one that is far off a user is told the same."""
    with real.portal(portal_url) as server:
        fob = Fob(server)
        used = fob.press()
        server.verify(fob.serial, used)
        far = hotp(Key(fob.token.secret), fob.factor + 500)
        told = {server.verify(fob.serial, code) for code in (used, far, *fob.wrong(1))}

    assert 1 == len(told)


def test_tokens_of_a_doctor_are_theirs(portal_url: str) -> None:
    """A user who is a doctor of the practice holds the token; others' are with dr.adams."""
    with real.portal(portal_url) as server:
        told = server.ask("support_token", "support", {"serial": Fob(server).serial})

    assert "dr.adams" == told.told["row"]["holder"]


def test_page_tells_of_all_acts() -> None:
    """docs/servers.md has each with its request, and no other."""
    text = PAGE.read_text(encoding="utf-8").partition("### Its further acts")[2]
    rows = [f"| `{name}` | `{act.method} {act.path}` |" for name, act in ACTS.items()]
    told = [line for line in text.splitlines() if line.startswith("| `")]

    assert rows == told[: len(rows)]
    assert sorted(PortalServer.acts) == sorted(line.split("`")[1] for line in told)


def test_acts_are_routes(portal: Portal) -> None:
    """Each is one of the API's, and of the API alone."""
    paths = make_app(PortalDesk(portal=portal)).openapi()["paths"]
    there = {(m.upper(), _unnamed(path)) for path, methods in paths.items() for m in methods}

    assert [] == [
        name
        for name, act in ACTS.items()
        if (act.method, f"/api/v1{_unnamed(act.path)}") not in there
    ]


def _unnamed(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_acts(portal_url: str) -> None:
    """An act is asked by its name; what there is not is not offered, and nobody else logs in."""
    with real.portal(portal_url) as server:
        assert Can.PROCEDURE in server.can
        reply = server.ask("open_form", "clark", {"form": "add"})
        assert (False, "doctors_only") == (reply.accepted, reply.told["code"])
        with pytest.raises(NotOfferedError):
            server.ask("../../healthz", "clark", {})
        with pytest.raises(ServerError, match="none of the practice"):
            server.ask("devices", "mallory", {})
        with pytest.raises(ServerError, match="form_id is missing"):
            server.ask("form_result", "dr.adams", {})


def test_an_act_reaches_no_other_path(portal_url: str) -> None:
    """What is put into a path stays one piece of it."""
    with real.portal(portal_url) as server:
        reply = server.ask("form_result", "dr.adams", {"form_id": "../../session"})

    assert not reply.accepted


@pytest.mark.parametrize("target", ["policy=loose", "bug=typo", "colour=red"])
def test_settings_that_are_not(portal_url: str, target: str) -> None:
    """A policy, bug or setting that there is not is a usage error."""
    with pytest.raises(UsageError):
        open_server(f"{portal_url},{target}")


def test_settings(portal_url: str) -> None:
    """Policy and bugs are set on the portal, and a clock that people live by is not."""
    with open_server(f"{portal_url},policy=exostar-like,bug=replay+one-factor") as server:
        told = server.ask("verify_log", "support", {})

        assert told.accepted
        assert Can.CLOCK in server.can
    with real.portal(portal_url):
        pass  # as others expect it


def test_no_portal() -> None:
    """Where nobody answers, that is said."""
    with pytest.raises(ServerError, match="no answer"):
        PortalServer("http://127.0.0.1:1")
