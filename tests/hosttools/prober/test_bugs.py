"""Each bug of a tiny server is caught, and the server that does it right raises no alarm."""

from typing import Final, NamedTuple

import pytest

from hosttools.prober.diff import diff
from hosttools.prober.finding import Measured, Verdict
from tests.hosttools.prober import tiny
from tests.hosttools.prober.probing import probed


class Caught(NamedTuple):
    """By which rule a bug is caught, and what it comes to."""

    bug: type[tiny.Tiny]
    rule: str
    verdict: Verdict
    measured: Measured


BUGS: Final = (
    Caught(tiny.ReplayWithin30s, "hotp.replay.same", Verdict.FAIL, "accepted"),
    Caught(tiny.ReplayAfter20Minutes, "hotp.replay.later", Verdict.FAIL, [1_261, 86_401]),
    Caught(tiny.RemembersTheLastCode, "hotp.replay.older", Verdict.FAIL, "accepted"),
    Caught(tiny.SkippedCodesStayGood, "hotp.behind", Verdict.FAIL, tiny.WINDOW - 1),
    Caught(tiny.WindowOffByOne, "hotp.look_ahead.used", Verdict.OK, tiny.WINDOW - 1),
    Caught(tiny.WindowOffByOneOnceUsed, "hotp.look_ahead.used", Verdict.WARN, tiny.WINDOW - 1),
    Caught(tiny.CountsFromOne, "hotp.first_counters", Verdict.FAIL, [1]),
    Caught(tiny.GapInAResync, "hotp.resync.gap", Verdict.FAIL, 3),
    Caught(tiny.ResyncInAnyOrder, "hotp.resync.swapped", Verdict.FAIL, "accepted"),
    Caught(tiny.ResyncWithOneCode, "hotp.resync.same_code_twice", Verdict.FAIL, "accepted"),
    Caught(tiny.ResyncGoesBack, "hotp.resync.behind", Verdict.FAIL, 4),
    Caught(tiny.ResyncPastTheWindowOnly, "hotp.resync.ahead", Verdict.WARN, tiny.RESYNC),
    Caught(tiny.ResyncPastTheWindowOnly, "hotp.resync.edge", Verdict.WARN, [0, 4, 5]),
    Caught(tiny.RefusesTheCodeAfterAResync, "hotp.resync.next_code", Verdict.FAIL, "refused"),
    Caught(tiny.ResyncLeavesItsCode, "hotp.resync.replay", Verdict.FAIL, "accepted"),
    Caught(tiny.TwiceIsASequence, "hotp.auto_resync.same_code_twice", Verdict.FAIL, "accepted"),
    Caught(tiny.ReplayIsASequence, "hotp.auto_resync.replay", Verdict.FAIL, "accepted"),
    Caught(tiny.FailuresAdvanceTheCounter, "failures.move_counter", Verdict.FAIL, 1),
    Caught(tiny.FarCodesMoveTheCounter, "failures.far_code", Verdict.FAIL, "yes"),
    Caught(tiny.RaceAcceptsTwo, "race.accepted", Verdict.FAIL, 2),
    Caught(tiny.ReadsNumbers, "malformed.accepted", Verdict.WARN, None),
    Caught(tiny.ComparesTheBeginning, "malformed.accepted", Verdict.FAIL, None),
    Caught(tiny.NoLock, "lockout.after", Verdict.FAIL, None),
    Caught(tiny.FailuresAddUp, "lockout.reset_by_success", Verdict.FAIL, "no"),
    Caught(tiny.LockNeverClears, "lockout.unlock", Verdict.FAIL, "no"),
    Caught(tiny.LockNeverClears, "lockout.duration", Verdict.OK, None),
    Caught(tiny.ResyncKeepsTheLock, "lockout.resync_unlocks", Verdict.FAIL, "no"),
    Caught(tiny.LockLeaks, "lockout.leaks", Verdict.FAIL, "yes"),
    Caught(tiny.LockedCodesCount, "lockout.counts", Verdict.WARN, "yes"),
    Caught(tiny.TimeReplay, "totp.replay", Verdict.FAIL, "accepted"),
    Caught(tiny.RemembersTheLastCode, "totp.replay.older", Verdict.FAIL, "accepted"),
    Caught(tiny.EarlierStepsStayGood, "totp.older", Verdict.WARN, "accepted"),
    Caught(tiny.WindowOffByOne, "totp.forward", Verdict.OK, tiny.STEPS - 1),
    Caught(tiny.StepsAreRounded, "totp.edge", Verdict.WARN, [15_000, 15_000]),
    Caught(tiny.ClockBackForgets, "totp.clock_back", Verdict.FAIL, "replay accepted"),
    Caught(tiny.RefusesTheCodeAfterAResync, "totp.resync.next_code", Verdict.FAIL, "refused"),
    Caught(tiny.ResyncLeavesItsCode, "totp.resync.replay", Verdict.FAIL, "accepted"),
    Caught(tiny.ResyncInAnyOrder, "totp.resync.swapped", Verdict.FAIL, "accepted"),
    Caught(tiny.ResyncWithOneCode, "totp.resync.same_code_twice", Verdict.FAIL, "accepted"),
)


def test_no_false_alarm() -> None:
    """The server that does it right: every rule is measured, and none fails or warns."""
    report = probed(tiny.Tiny())
    odd = {
        result.rule: result.finding.why
        for result in report.results
        if result.finding.verdict is not Verdict.OK
    }

    assert {} == odd


@pytest.mark.parametrize("caught", BUGS, ids=lambda caught: f"{caught.bug.__name__}-{caught.rule}")
def test_bug_is_caught(caught: Caught) -> None:
    """The rule comes to what the bug is, and to something else than without it."""
    found = probed(caught.bug(), [caught.rule])
    right = probed(tiny.Tiny(), [caught.rule])
    finding = next(result.finding for result in found.results if result.rule == caught.rule)

    assert (caught.verdict, finding.why) == (finding.verdict, finding.why)
    assert caught.measured in (None, finding.measured)
    assert caught.rule in [difference.rule for difference in diff(right, found)]
