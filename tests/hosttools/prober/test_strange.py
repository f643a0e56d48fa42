"""Servers that are set up strangely are measured as they are set up: no rule says what isn't so."""

import pytest

from hosttools.prober.finding import Verdict
from hosttools.refserver import Policy
from hosttools.servers.reference import ReferenceServer
from tests.hosttools.prober.probing import probed

WARN, NONE, UNKNOWN = Verdict.WARN, Verdict.NOT_APPLICABLE, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("policy", "only", "odd"),
    [
        (
            Policy(look_ahead=0),
            ["hotp.look_ahead", "hotp.behind", "hotp.auto_resync"],
            {"hotp.look_ahead.fresh": WARN, "hotp.look_ahead.used": WARN, "hotp.behind": NONE},
        ),
        (
            Policy(look_ahead=20, resync_window=20),
            ["hotp.resync"],
            {"hotp.resync.ahead": Verdict.FAIL},
        ),
        (
            Policy(lock_after=1),
            ["failures", "lockout"],
            {
                "failures.move_counter": UNKNOWN,
                "failures.far_code": UNKNOWN,
                "lockout.after": WARN,
                "lockout.reset_by_success": UNKNOWN,
            },
        ),
        (Policy(throttle_s=5), ["failures", "lockout.after", "lockout.leaks"], {}),
        (
            Policy(throttle_s=5, lock_after=0),
            ["lockout"],
            dict.fromkeys(
                (
                    "lockout.reset_by_success",
                    "lockout.scope",
                    "lockout.duration",
                    "lockout.unlock",
                    "lockout.resync_unlocks",
                    "lockout.leaks",
                    "lockout.counts",
                ),
                NONE,
            ),
        ),
        (
            Policy(steps_back=0, steps_forward=0),
            ["totp.back", "totp.forward", "totp.older", "totp.drift_tracking"],
            {"totp.first_use.back": WARN, "totp.back": WARN, "totp.older": NONE},
        ),
        (
            Policy(track_drift=False),
            ["totp.drift_tracking", "totp.resync.next_code"],
            {"totp.drift_tracking": WARN},
        ),
    ],
    ids=["look-0", "look-is-resync", "lock-1", "throttle", "no-lock", "steps-0", "no-drift"],
)
def test_policy(policy: Policy, only: list[str], odd: dict[str, Verdict]) -> None:
    """What warns, fails or can't be measured is what the setting asks for, and nothing else."""
    with ReferenceServer(policy=policy) as server:
        report = probed(server, only)
    found = {result.rule: result.finding.verdict for result in report.results}
    assert odd == {rule: verdict for rule, verdict in found.items() if verdict is not Verdict.OK}
