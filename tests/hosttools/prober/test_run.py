"""A probe goes by its plan: what it may, at its pace, with the tokens there are, and resumes."""

import json
import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_model.nvm import Config, configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, GALT
from hosttools.errors import UsageError
from hosttools.prober.finding import Verdict
from hosttools.prober.plan import make_plan
from hosttools.prober.registry import choose
from hosttools.prober.result import Report, Result
from hosttools.prober.run import Settings, run
from hosttools.refserver import Policy
from hosttools.servers import Answer, Can, Enrolment, ServerError
from hosttools.servers.reference import ReferenceServer
from hosttools.servers.safety import guard
from tests.hosttools.prober.probing import probed
from tests.hosttools.prober.tiny import (
    Known,
    RaceAcceptsTwo,
    RefusesTheCodeAfterAResync,
    ReplayWithin30s,
    Tiny,
)
from tests.hosttools.servers.fob import START_NS


class Elsewhere(Tiny):
    """A tiny server that is on another machine, and counts what it is asked."""

    host = "otp.example.org"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def verify(self, serial: str, code: str) -> Answer:
        """Check one code."""
        self.asked.append(code)
        return super().verify(serial, code)


class Closed(Tiny):
    """A tiny server on which no token can be made by program, and whose clock is the host's."""

    can = frozenset({Can.EVENT, Can.TIME, Can.RESYNC})


EVENT = configure("GALH00000042", GALH, Secret(b"12345678901234567890"))
TIMED = configure("GALT00000042", GALT, Secret(b"abcdefghij0123456789"))


def verdicts(report: Report) -> dict[str, Verdict]:
    """Return what each rule came to."""
    return {result.rule: result.finding.verdict for result in report.results}


def settings(**changes: object) -> Settings:
    """Return settings that give the same in every run."""
    base = Settings(start_ns=START_NS, draw=random.Random(1).randbytes)  # noqa: S311  # no secrets
    return replace(base, **changes)  # type: ignore[arg-type]  # as a test likes


def closed(config: Config) -> Closed:
    """Return a server that knows one token."""
    server = Closed()
    server.set_clock(START_NS)
    server.enrol(Enrolment.of_token(config))
    return server


def test_without_a_budget_nothing_is_refused() -> None:
    """Elsewhere, with no failure budget: what could lock somebody out is not sent."""
    server = Elsewhere()
    guarded = guard(server, authorised=["otp.example.org"])
    report = run(guarded, make_plan(choose(), guarded, fresh=True), settings())

    assert 0 == sum(result.bill.failures for result in report.results)
    assert Verdict.OK is verdicts(report)["hotp.first_counters"]
    assert Verdict.UNKNOWN is verdicts(report)["hotp.replay.same"]
    assert "failure budget is 0" in next(
        r.finding.why for r in report.results if r.rule == "hotp.replay.same"
    )


def test_a_budget_is_kept() -> None:
    """Elsewhere no more submissions are refused than the budget allows."""
    for budget in (1, 3, 20, 60):
        guarded = guard(Elsewhere(), authorised=["otp.example.org"], failure_budget=budget)
        report = run(guarded, make_plan(choose(), guarded, fresh=True), settings())

        failures = sum(result.bill.failures for result in report.results)
        assert 0 < failures <= budget


def test_pace() -> None:
    """Between two submissions there is as much time as was asked for."""
    slept: list[float] = []
    server = Elsewhere()
    plan = make_plan(choose(["hotp.replay.same"]), server, fresh=True)
    run(server, plan, settings(pace_s=1_000.0, sleep=slept.append))

    assert len(server.asked) - 1 == len(slept)
    assert all(990 < seconds for seconds in slept)


def test_resumes(tmp_path: Path) -> None:
    """What is known is kept at once, and not asked again."""
    path = tmp_path / "probe.json"
    server = Elsewhere()
    plan = make_plan(choose(["hotp.replay"]), server, fresh=True)

    def stop(result: Result) -> None:
        if result.rule == "hotp.replay.later":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(server, plan, settings(resume=path), progress=stop)
    kept = json.loads(path.read_text())
    asked = len(server.asked)
    report = run(server, plan, settings(resume=path))

    assert ["hotp.replay.same", "hotp.replay.later"] == [rule["id"] for rule in kept["rules"]]
    assert 0o600 == path.stat().st_mode & 0o777
    assert ["hotp.replay.same", "hotp.replay.later", "hotp.replay.older"] == list(verdicts(report))
    assert report.results[-1].bill.codes == len(server.asked) - asked


def test_does_not_resume_from_another_server(tmp_path: Path) -> None:
    """A file of another server is refused before anything is sent."""
    path = tmp_path / "probe.json"
    path.write_text(json.dumps({"schema": 1, "server": "another", "rules": []}))
    server = Elsewhere()
    with pytest.raises(UsageError, match="another"):
        run(server, make_plan(choose(), server, fresh=True), settings(resume=path))

    assert [] == server.asked


def test_one_event_token() -> None:
    """Where no token can be made, the one that is given tells what one can."""
    server = closed(EVENT)
    report = run(server, make_plan(choose(), server, fresh=False), settings(token=EVENT))
    found = {result.rule: result.finding for result in report.results}

    assert 5 == found["hotp.look_ahead.used"].measured
    assert 40 == found["hotp.resync.ahead"].measured
    assert "refused" == found["hotp.replay.same"].measured
    assert Verdict.UNKNOWN is found["hotp.look_ahead.fresh"].verdict
    assert Verdict.UNKNOWN is found["totp.replay"].verdict
    assert server.tokens[EVENT.serial].next == report.position


def test_one_token_goes_on_where_it_stands(tmp_path: Path) -> None:
    """A second run knows from the file at which counter the server and the token are."""
    path = tmp_path / "probe.json"
    server = closed(EVENT)
    first = make_plan(choose(["hotp.resync.ahead"]), server, fresh=False)
    run(server, first, settings(token=EVENT, resume=path))
    second = make_plan(choose(["hotp.replay.older"]), server, fresh=False)
    report = run(server, second, settings(token=EVENT, resume=path))

    assert Verdict.OK is verdicts(report)["hotp.replay.older"]


def test_one_time_token_waits_for_its_next_step() -> None:
    """On the host's clock, waits up to the patience; what takes longer is not measured."""
    server = closed(TIMED)
    now = [START_NS]

    def sleep(seconds: float) -> None:
        now[0] += round(seconds * 1e9)
        server.set_clock(now[0])

    report = run(
        server,
        make_plan(choose(["totp"]), server, fresh=False),
        settings(token=TIMED, host_ns=lambda: now[0], sleep=sleep, patience_s=600.0),
    )
    found = {result.rule: result.finding for result in report.results}

    assert 2 == found["totp.forward"].measured
    assert "refused" == found["totp.replay"].measured
    assert Verdict.UNKNOWN is found["totp.edge"].verdict
    assert Verdict.UNKNOWN is found["totp.first_use.back"].verdict


def test_needs_a_token() -> None:
    """A server without enrolment, and no token given: told how to give one."""
    server = Closed()
    with pytest.raises(UsageError, match="--seeds FILE"):
        run(server, make_plan(choose(), server, fresh=True), settings())


def test_without_a_clock() -> None:
    """Where the clock can't be moved, what takes days is unknown, and says why."""

    class HostTimed(Tiny):
        can = Tiny.can - {Can.CLOCK}

    plan = make_plan(choose(lockout=True), HostTimed(), fresh=True)
    skipped = {step.rule.id: step.skipped for step in plan.steps}
    for rule in ("hotp.replay.later", "lockout.duration", "totp.edge", "failures.throttle"):
        finding = skipped[rule]
        assert finding is not None
        assert (Verdict.UNKNOWN, True) == (finding.verdict, "not measured" in finding.why)
    assert skipped["hotp.look_ahead.used"] is None


def test_what_a_server_lacks_is_not_applicable() -> None:
    """No resync form, no rules of it."""

    class NoForm(Tiny):
        can = Tiny.can - {Can.RESYNC}

    report = probed(NoForm(), ["hotp.resync", "hotp.replay.same"])
    assert Verdict.NOT_APPLICABLE is verdicts(report)["hotp.resync.gap"]
    assert Verdict.OK is verdicts(report)["hotp.replay.same"]


def test_a_server_that_breaks_makes_rules_unknown() -> None:
    """An error of the server's ends the rule, not the probe."""

    class Broken(Tiny):
        def far(self, token: Known) -> range:  # noqa: ARG002  # the method's signature
            raise ServerError("tiny answered with 500")

    report = probed(Broken(), ["hotp.resync.ahead", "hotp.replay.same"])
    (broken,) = [result for result in report.results if result.rule == "hotp.resync.ahead"]
    assert (Verdict.UNKNOWN, "not measured: tiny answered with 500") == (
        broken.finding.verdict,
        broken.finding.why,
    )


def test_tokens_are_taken_back() -> None:
    """No token stays on the server."""
    server = Tiny()
    probed(server, ["hotp.look_ahead"])

    assert {} == server.tokens


@pytest.mark.parametrize("digits", [False, True])
def test_digits_on_request_only(digits: bool) -> None:  # noqa: FBT001  # a parameter
    """Codes are in the evidence if they were asked for, and nowhere else."""
    server = Elsewhere()
    plan = make_plan(choose(["hotp.look_ahead", "malformed"]), server, fresh=True)
    report = run(server, plan, settings(digits=digits))
    text = json.dumps(report.as_dict())

    assert digits == any(code in text for code in server.asked if len(code) >= 6)


def test_same_seed_same_report() -> None:
    """With the same secrets and the same server, everything is the same."""
    one, other = (probed(ReferenceServer(policy=Policy()), ["hotp"]) for _ in range(2))
    assert one == other


def test_a_server_for_time_tokens_only() -> None:
    """What event tokens would tell is not applicable; races, codes and locks are told by time."""

    class TimeOnly(Tiny):
        can = Tiny.can - {Can.EVENT}

    found = verdicts(probed(TimeOnly()))
    assert Verdict.NOT_APPLICABLE is found["hotp.replay.same"]
    for rule in (
        "race.accepted",
        "malformed.accepted",
        "lockout.after",
        "lockout.reset_by_success",
    ):
        assert Verdict.OK is found[rule], rule


def test_a_server_for_event_tokens_only() -> None:
    """No rule of time tokens is applicable, and every other is measured."""

    class EventOnly(Tiny):
        can = Tiny.can - {Can.TIME}

    found = verdicts(probed(EventOnly()))
    assert {Verdict.NOT_APPLICABLE} == {v for rule, v in found.items() if rule.startswith("totp")}
    assert {Verdict.OK} == {v for rule, v in found.items() if not rule.startswith("totp")}


def test_an_add_form() -> None:
    """Tokens are added with their first two codes where the server wants that."""
    server = ReferenceServer()
    assert Can.SYNC in server.can
    assert {Verdict.OK} == set(verdicts(probed(server, ["hotp.look_ahead", "totp"])).values())


def test_codes_in_a_servers_words_are_blotted_out() -> None:
    """A server that repeats what was typed, however it was typed, gives no code away."""

    class Echo(Elsewhere):
        def verify(self, serial: str, code: str) -> Answer:
            return replace(super().verify(serial, code), reason=f"you typed {code}, sorry")

    server = Echo()
    text = json.dumps(probed(server, ["malformed", "hotp.replay.same"]).as_dict())

    assert not [code for code in server.asked if len(code) > 1 and json.dumps(code)[1:-1] in text]


def test_errors_in_a_race_hide_no_log_in() -> None:
    """A server that breaks under twenty at once is still told to accept two."""

    class Breaks(RaceAcceptsTwo):
        def failed(self, token: Known, code: str) -> Answer:
            if threading.current_thread() is not threading.main_thread():
                raise ServerError("tiny answered with 500")
            return super().failed(token, code)

    (result,) = probed(Breaks(), ["race"]).results
    assert Verdict.FAIL is result.finding.verdict


def test_throttling_is_waited_out() -> None:
    """What comes after a failure is measured once the server listens again."""
    policy = Policy(throttle_s=30, lock_after=0)
    report = probed(ReferenceServer(policy=policy), ["failures", "lockout.after"])
    found = {result.rule: result.finding for result in report.results}

    assert 0 == found["failures.move_counter"].measured
    assert [30, 60, 90] == found["failures.throttle"].measured
    assert (None, Verdict.OK) == (found["lockout.after"].measured, found["lockout.after"].verdict)


def test_what_stayed_unknown_is_tried_again(tmp_path: Path) -> None:
    """A rule for which the budget did not suffice is measured with a larger one."""
    path = tmp_path / "probe.json"
    found = []
    for budget in (0, 10):
        guarded = guard(Elsewhere(), authorised=["otp.example.org"], failure_budget=budget)
        plan = make_plan(choose(["hotp.replay.same"]), guarded, fresh=True)
        found.append(verdicts(run(guarded, plan, settings(resume=path))))

    assert [{"hotp.replay.same": Verdict.UNKNOWN}, {"hotp.replay.same": Verdict.OK}] == found


def test_a_file_keeps_what_other_runs_found(tmp_path: Path) -> None:
    """Rules that are not asked for this time stay in the file."""
    path = tmp_path / "probe.json"
    for only in ("hotp.replay.same", "hotp.replay.older"):
        server = Tiny()
        run(server, make_plan(choose([only]), server, fresh=True), settings(resume=path))

    kept = [rule["id"] for rule in json.loads(path.read_text())["rules"]]
    assert ["hotp.replay.same", "hotp.replay.older"] == kept


def test_one_token_stopped_in_the_middle(tmp_path: Path) -> None:
    """Stopped within a rule, the file says where the token stands then."""
    path = tmp_path / "probe.json"

    class Stops(Closed):
        calls = 0

        def verify(self, serial: str, code: str) -> Answer:
            self.calls += 1
            if self.calls > 5:
                raise KeyboardInterrupt
            return super().verify(serial, code)

    server = Stops()
    server.set_clock(START_NS)
    server.enrol(Enrolment.of_token(EVENT))
    plan = make_plan(choose(["hotp.look_ahead.used"]), server, fresh=False)
    with pytest.raises(KeyboardInterrupt):
        run(server, plan, settings(token=EVENT, resume=path))

    assert server.tokens[EVENT.serial].next == json.loads(path.read_text())["position"] > 1


def test_tokens_are_numbered_within_a_rule() -> None:
    """Evidence tells tokens apart, those of a second measurement too."""
    (result,) = probed(ReplayWithin30s(), ["hotp.replay.same"]).results
    assert [1, 1, 2, 2] == [entry["token"] for entry in result.evidence]


def test_resync_of_time_tokens_on_the_hosts_clock() -> None:
    """New tokens whose clocks are shifted tell of it; only the next code has to be waited for."""

    class HostTimed(RefusesTheCodeAfterAResync):
        can = Tiny.can - {Can.CLOCK}

    server = HostTimed()
    now = [START_NS]
    server.set_clock(now[0])

    def sleep(seconds: float) -> None:
        now[0] += round(seconds * 1e9)
        server.set_clock(now[0])

    plan = make_plan(choose(["totp.resync"]), server, fresh=True)
    report = run(server, plan, settings(host_ns=lambda: now[0], sleep=sleep, patience_s=65.0))
    found = {result.rule: result.finding for result in report.results}

    assert (41, 39) == (found["totp.resync.ahead"].measured, found["totp.resync.back"].measured)
    assert Verdict.FAIL is found["totp.resync.next_code"].verdict
    assert Verdict.OK is found["totp.resync.swapped"].verdict
