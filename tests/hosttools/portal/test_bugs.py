"""Each bug in the judging of codes bites, and without one the judge is the reference server's.

What is wrong in the portal's other verbs is found by walking the procedure, see
``tests/hosttools/servers/test_portal.py``, and so is each of these by the prober (``--full``).
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools import refserver
from hosttools.portal import Portal, Refusal, sessions, wrong
from hosttools.portal.bugs import TOLD, Bug
from hosttools.portal.epcs import prescriptions, signing
from hosttools.portal.epcs.factors import Factors, Known
from hosttools.prober.finding import Measured, Verdict
from hosttools.prober.registry import RULES
from hosttools.refserver import Policy, Record, Status, Store
from hosttools.scenarios.library import names
from hosttools.servers.reference import ReferenceServer
from hosttools.testing import BACKSTOP_S
from tests.hosttools.portal.epcs.people import BAKERS, DRAFT, PATIENT, Doctor
from tests.hosttools.prober.probing import probed

PAGE: Final = Path(__file__).parents[3] / "docs" / "portal-bugs.md"
SECRET: Final = Secret(b"12345678901234567890")
POLICY: Final = Policy(
    look_ahead=5, resync_window=20, resync_steps=10, lock_after=4, operator_search=50
)
NOW_NS: Final = 1_767_225_600_000_000_000

JUDGED: Final[dict[Bug, tuple[Verdict, Measured]]] = {
    Bug.REPLAY: (Verdict.FAIL, "accepted"),
    Bug.OLD_CODES_GOOD: (Verdict.FAIL, 5),
    Bug.WINDOW_OFF_BY_ONE: (Verdict.OK, 4),
    Bug.RESYNC_WRONG_WINDOW: (Verdict.FAIL, 5),
    Bug.RESYNC_GAP: (Verdict.FAIL, 4),
    Bug.RESYNC_SAME_CODE: (Verdict.FAIL, "accepted"),
    Bug.RESYNC_CODE_GOOD: (Verdict.FAIL, "accepted"),
    Bug.CODE_AFTER_RESYNC_REFUSED: (Verdict.FAIL, "refused"),
    Bug.RESYNC_KEEPS_LOCK: (Verdict.FAIL, "no"),
    Bug.SERVER_RUNS_AHEAD: (Verdict.FAIL, 1),
    Bug.NO_LOCK: (Verdict.FAIL, None),
    Bug.FAILURES_ADD_UP: (Verdict.FAIL, "no"),
    Bug.LOCK_LEAK: (Verdict.FAIL, "yes"),
    Bug.DRIFT_FORGOTTEN: (Verdict.WARN, 0),
}
"""Those that are in the judge, and what their rule comes to on a store that has it."""


def found(rule: str, *bugs: Bug) -> tuple[Verdict, Measured]:
    """Return what a rule comes to on the reference server with bugs."""
    with Store(":memory:", POLICY) as store:
        store.judge = wrong.judge_with(lambda: frozenset(bugs))
        report = probed(ReferenceServer(store), [rule])
    finding = next(result.finding for result in report.results if result.rule == rule)
    return finding.verdict, finding.measured


@pytest.mark.parametrize("bug", JUDGED, ids=lambda bug: bug.value)
def test_rule_finds_it(bug: Bug) -> None:
    """The rule that is told comes to what the bug is, and to something else without it."""
    rule = TOLD[bug].finder

    assert JUDGED[bug] == found(rule, bug)
    assert JUDGED[bug] != found(rule)


def test_reads_numbers() -> None:
    """A code without its leading zero is taken, and then only with the bug."""
    rule = TOLD[Bug.READS_NUMBERS].finder
    verdict, measured = found(rule, Bug.READS_NUMBERS)

    assert Verdict.WARN is verdict
    assert isinstance(measured, list)
    assert "leading zero dropped" in measured
    assert (Verdict.OK, []) == found(rule)


def test_time_codes_are_replayed_too() -> None:
    """The bug is one of both kinds of token."""
    assert (Verdict.FAIL, "accepted") == found("totp.replay", Bug.REPLAY)


def test_every_bug_has_its_finder() -> None:
    """All are told of, and what is said to find one is a rule or a scenario."""
    assert set(Bug) == TOLD.keys()
    assert set() == {told.finder for told in TOLD.values()} - RULES.keys() - set(names())
    assert len(TOLD) == len({told.title for told in TOLD.values()})


def test_page_tells_of_all() -> None:
    """docs/portal-bugs.md has a row for each, in the words of the enum, and no other."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [
        f"| `{bug.value}` | {told.title} | {told.sees} | `{told.finder}` |"
        for bug, told in TOLD.items()
    ]

    assert rows == [line for line in lines if line.startswith("| `")]


@given(
    presses=st.lists(st.integers(0, 40), min_size=1, max_size=6),
    status=st.sampled_from(Status),
    timed=st.booleans(),
)
def test_without_a_bug_nothing_is_wrong(presses: list[int], status: Status, *, timed: bool) -> None:
    """Code by code, pair by pair, the same record and the same verdict."""
    judge = wrong.judge_with(frozenset)
    kind = TokenType.TIME if timed else TokenType.EVENT
    record = Record(serial="GALH00000042", token_type=kind, secret=SECRET, status=status)
    low = NOW_NS // 30_000_000_000 - 20 if timed else 0
    for press in presses:
        one, two = (hotp(Key(SECRET), low + press + more) for more in range(2))
        for form in ("sync", "resync"):
            wanted = getattr(refserver, form)(record, POLICY, one, two, NOW_NS)
            assert wanted == getattr(judge, form)(record, POLICY, one, two, NOW_NS)
        right = refserver.verify(record, POLICY, one, NOW_NS)
        assert right == judge.verify(record, POLICY, one, NOW_NS)
        record = right[0]


@pytest.mark.parametrize(("bugs", "signed"), [((), 1), ((Bug.CODE_TWICE_RACE,), 2)])
def test_code_twice_at_once(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, bugs: tuple[Bug, ...], signed: int
) -> None:
    """Two submissions that have both seen the token before either used the code up."""
    portal.bugs = frozenset(bugs)
    _, session = sessions.log_in(portal, "dr.baker", "practice-doctor")
    baker = Doctor(portal, session, BAKERS)
    both = threading.Barrier(2, timeout=BACKSTOP_S)

    def knows(*_: object) -> bool:
        both.wait()
        return True

    monkeypatch.setattr("hosttools.portal.epcs.factors._CHECKS", {Known.PIN: knows})
    code = baker.fob.press()

    def sign(_: int) -> bool:
        made = prescriptions.compose(portal, session, PATIENT, DRAFT)
        prescriptions.mark_ready(portal, session, made.prescription_id, made.version)
        factors = Factors(known=Known.PIN, secret="2468", code=code)
        try:
            signing.sign(portal, session, (made.prescription_id,), factors)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert signed == sum(pool.map(sign, range(2)))


def test_deactivated_works() -> None:
    """A revoked token's code is taken, and the token stays revoked."""
    record = Record(
        serial="GALH00000042", token_type=TokenType.EVENT, secret=SECRET, status=Status.REVOKED
    )
    judge = wrong.judge_with(lambda: frozenset({Bug.DEACTIVATED_WORKS}))
    after, verdict = judge.verify(record, POLICY, hotp(Key(SECRET), 0), NOW_NS)

    assert verdict.accepted
    assert (Status.REVOKED, 1) == (after.status, after.next_factor)
