"""What is known to be wrong, or odd, with servers that others wrote: found by the prober itself."""

import pytest

from hosttools.prober.finding import Finding, Verdict
from hosttools.prober.plan import make_plan
from hosttools.prober.registry import choose
from hosttools.prober.result import Report
from hosttools.prober.run import Settings, run
from hosttools.servers import Server
from hosttools.servers.django_otp import DjangoOtp
from tests.hosttools.prober.probing import probed
from tests.hosttools.servers import real


def finding(report: Report, rule: str) -> Finding:
    """Return what a rule came to."""
    return next(result.finding for result in report.results if result.rule == rule)


def test_django_otp_reads_numbers() -> None:
    """Leading zeros may be dropped, and more: it compares int(code)."""
    with DjangoOtp() as server:
        found = finding(probed(server, ["malformed.accepted"]), "malformed.accepted")

    assert Verdict.WARN is found.verdict
    assert isinstance(found.measured, list)
    assert {"leading zero dropped", "plus sign", "full-width digits"} <= set(found.measured)


def test_django_otp_makes_wait() -> None:
    """One second, then two, then four; no lock, and a right code waits too."""
    with DjangoOtp() as server:
        report = probed(server, ["failures.throttle", "lockout.after"])

    assert [1, 2, 4] == finding(report, "failures.throttle").measured
    assert (None, Verdict.OK) == (
        finding(report, "lockout.after").measured,
        finding(report, "lockout.after").verdict,
    )


def test_liboath_shrinks_its_window() -> None:
    """The window is one less once a code was taken, and nothing ever locks."""
    with real.liboath(window=6) as server:
        report = probed(server, ["hotp.look_ahead", "failures.throttle", "lockout.after"])

    used = finding(report, "hotp.look_ahead.used")
    assert 6 == finding(report, "hotp.look_ahead.fresh").measured
    assert (5, Verdict.WARN) == (used.measured, used.verdict)
    assert "6 for a new token and 5 once a code was taken" in used.why
    assert Verdict.FAIL is finding(report, "lockout.after").verdict


@pytest.mark.full
@pytest.mark.timeout(900)
def test_privacyidea_refuses_the_code_after_a_resync() -> None:
    """Of a time token; of an event token it takes it. A locked token's resync keeps the lock."""
    with real.launched_privacyidea() as launched, real.emptied(launched) as server:
        real.with_clock(server)
        report = _near(server)

    assert Verdict.OK is finding(report, "hotp.resync.next_code").verdict
    after = finding(report, "totp.resync.next_code")
    assert ("refused", Verdict.FAIL) == (after.measured, after.verdict)
    locked = finding(report, "lockout.resync_unlocks")
    assert ("no", Verdict.FAIL) == (locked.measured, locked.verdict)


def _near(server: Server) -> Report:
    """Probe with edges looked for nearby only: it answers twenty times in a second."""
    rules = ["hotp.resync.next_code", "totp.resync.next_code", "lockout.resync_unlocks"]
    plan = make_plan(choose(rules, lockout=True), server, fresh=True)
    return run(server, plan, Settings(reach=20))
