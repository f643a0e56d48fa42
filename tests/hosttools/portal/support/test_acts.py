"""What an operator does to a token."""

import dataclasses
from collections.abc import Callable

import pytest

from firmware_model.oath import Secret
from firmware_model.products import GALH
from hosttools.portal import Portal, Refusal, Why, auditlog, sessions, support
from hosttools.portal.practice import PEOPLE, Person
from hosttools.portal.sessions import Session
from hosttools.refserver import Kind, Policy, Status
from hosttools.seedfiles import SeedRecord, new_seed
from tests.hosttools.portal.support.conftest import SERIAL, WHY, Code

OTHERS = [person for person in PEOPLE if person.account.name != "support"]


def test_a_token_comes_back_that_only_support_can_reset(
    portal: Portal, operator: Session, added: str, code: Code
) -> None:
    """The resync form does not reach it, the operator does, and the holder goes on."""
    now_ns = portal.clock.now_ns()
    refused = portal.tokens.resync(added, code(3000), code(3001), now_ns)
    verdict = support.reset(portal, operator, added, code(3000), code(3001), WHY)

    assert (Kind.OUTSIDE_WINDOW, Kind.RESET) == (refused.kind, verdict.kind)
    assert 2998 == verdict.distance
    assert portal.tokens.verify(added, code(3002), now_ns).accepted


@pytest.mark.parametrize(
    ("first", "second", "why", "said"),
    [
        (20_000, 20_001, Why.OUT_OF_WINDOW, "not found, allowed are 10000 presses"),
        (5, 7, Why.REFUSED_CODE, "not consecutive"),
        (6, 5, Why.REFUSED_CODE, "wrong pair order"),
        (0, 1, Why.REFUSED_CODE, "replayed"),
        (9, 9, Why.REFUSED_CODE, "same code twice"),
    ],
)
def test_a_refused_reset_says_all_to_the_operator(
    portal: Portal,
    operator: Session,
    added: str,
    code: Code,
    *,
    first: int,
    second: int,
    why: Why,
    said: str,
) -> None:
    """And is in the log, and changes nothing."""
    before = portal.tokens.get(added)
    with pytest.raises(Refusal) as refused:
        support.reset(portal, operator, added, code(first), code(second), WHY)

    assert why is refused.value.code
    assert said in refused.value.user
    assert before == portal.tokens.get(added)
    entry = auditlog.entries(portal, added)[-1]
    assert ("support", "token reset", False, WHY) == (
        entry.actor, entry.act, entry.told()["accepted"], entry.told()["reason"],
    )  # fmt: skip
    assert not any(digits in entry.facts for digits in (code(first), code(second)))


def test_unlocks(portal: Portal, operator: Session, added: str) -> None:
    """A locked token is active again."""
    portal.set_policy(Policy(lock_after=1))
    portal.tokens.verify(added, "000000", portal.clock.now_ns())
    assert Status.LOCKED is portal.tokens.get(added).status

    assert Status.ACTIVE is support.unlock(portal, operator, added, WHY).status


@pytest.mark.parametrize(
    ("act", "status"), [(support.revoke, Status.REVOKED), (support.expire, Status.EXPIRED)]
)
def test_takes_out_of_use_for_good(
    portal: Portal,
    operator: Session,
    added: str,
    code: Code,
    *,
    act: Callable[..., object],
    status: Status,
) -> None:
    """No code, no unlock and no reset lead back."""
    act(portal, operator, added, WHY)

    assert not portal.tokens.verify(added, code(2), portal.clock.now_ns()).accepted
    leads_back: list[Callable[[], object]] = [
        lambda: support.unlock(portal, operator, added, WHY),
        lambda: support.reset(portal, operator, added, code(2), code(3), WHY),
    ]
    for back in leads_back:
        with pytest.raises(Refusal) as refused:
            back()
        assert Why.CONFLICT is refused.value.code
    assert status is portal.tokens.get(added).status


def test_replaces(portal: Portal, operator: Session, added: str) -> None:
    """The old one names the new one."""
    support.enrol(portal, operator, [_seed("GALH00004712")], "dr.adams", WHY)
    support.replace(portal, operator, added, "galh-0000-4712", WHY)

    record = portal.tokens.get(added)
    assert (Status.REPLACED, "GALH00004712") == (record.status, record.replaced_by)


def test_gives_to_another_doctor(portal: Portal, operator: Session, seed: SeedRecord) -> None:
    """As long as nobody has added it."""
    support.enrol(portal, operator, [seed], "dr.adams", WHY)
    support.assign(portal, operator, SERIAL, "Dr.Baker", WHY)

    assert "dr.baker" == portal.tokens.get(SERIAL).holder


@pytest.mark.parametrize("name", ["clark", "nobody"])
def test_only_a_doctor_holds_a_token(
    portal: Portal, operator: Session, seed: SeedRecord, name: str
) -> None:
    """Nobody else can be given one."""
    with pytest.raises(Refusal):
        support.enrol(portal, operator, [seed], name, WHY)
    assert SERIAL not in {record.serial for record in portal.tokens.list()}


def test_takes_in_all_or_none(portal: Portal, operator: Session, added: str) -> None:
    """One that is known already keeps out those before it."""
    seeds = [_seed("GALH00004712"), _seed(added)]
    with pytest.raises(Refusal) as refused:
        support.enrol(portal, operator, seeds, "dr.adams", WHY)

    assert Why.CONFLICT is refused.value.code
    assert "GALH00004712" not in {record.serial for record in portal.tokens.list()}


def test_forgets(portal: Portal, operator: Session, added: str) -> None:
    """Its history stays."""
    support.remove(portal, operator, added, WHY)

    with pytest.raises(Refusal, match="no token"):
        support.unlock(portal, operator, added, WHY)
    assert portal.tokens.audit(added)


@pytest.mark.parametrize(
    ("serial", "why"), [("GALH99999999", Why.NOT_FOUND), ("?!", Why.BAD_INPUT)]
)
def test_a_token_has_to_be_there(portal: Portal, operator: Session, serial: str, why: Why) -> None:
    """And its number has to be one."""
    with pytest.raises(Refusal) as refused:
        support.revoke(portal, operator, serial, WHY)
    assert why is refused.value.code


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 201, "two\x00"])
def test_a_reason_is_given(portal: Portal, operator: Session, added: str, reason: str) -> None:
    """Or nothing is done."""
    with pytest.raises(Refusal, match="A reason of"):
        support.revoke(portal, operator, added, reason)
    assert Status.ACTIVE is portal.tokens.get(added).status


@pytest.mark.parametrize("person", OTHERS, ids=[one.account.name for one in OTHERS])
def test_nobody_else_sits_at_the_desk(
    portal: Portal, added: str, seed: SeedRecord, person: Person
) -> None:
    """Neither to look nor to act; nothing is changed."""
    session = sessions.log_in(portal, person.account.name, person.password)[1]
    before = portal.tokens.get(added), len(portal.tokens.audit())
    fresh = dataclasses.replace(seed, serial="GALH00004712", secret=Secret(bytes(range(20))))
    verbs: list[Callable[[], object]] = [
        lambda: support.tokens(portal, session),
        lambda: support.token(portal, session, added),
        lambda: support.people(portal, session),
        lambda: support.orders(portal, session),
        lambda: support.mail(portal, session, "dr.adams"),
        lambda: support.log(portal, session),
        lambda: support.reset(portal, session, added, "1", "2", WHY),
        lambda: support.unlock(portal, session, added, WHY),
        lambda: support.revoke(portal, session, added, WHY),
        lambda: support.expire(portal, session, added, WHY),
        lambda: support.replace(portal, session, added, "GALH00004712", WHY),
        lambda: support.assign(portal, session, added, "dr.adams", WHY),
        lambda: support.assign(portal, session, added, "nobody", WHY),
        lambda: support.enrol(portal, session, [fresh], "dr.adams", WHY),
        lambda: support.remove(portal, session, added, WHY),
        lambda: support.set_policy(portal, session, "rfc-strict", WHY),
        lambda: support.restore_epcs(portal, session, "dr.adams", WHY),
        lambda: support.resend(portal, session, 1, WHY),
    ]
    for verb in verbs:
        with pytest.raises(Refusal) as refused:
            verb()
        assert Why.NOT_ALLOWED is refused.value.code

    assert before == (portal.tokens.get(added), len(portal.tokens.audit()))
    assert "default" == portal.policy_name


def _seed(serial: str) -> SeedRecord:
    return new_seed(GALH, serial, test_seed="another")
