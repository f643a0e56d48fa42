"""Tokens of a doctor: added, out of step, resynced, locked, deactivated."""

import dataclasses
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hosttools.portal import Portal, Refusal, Why, auditlog, open_portal, sessions
from hosttools.portal.bugs import Bug
from hosttools.portal.draws import SeededDraws
from hosttools.portal.epcs import devices, forms, proof, tables
from hosttools.portal.epcs.devices import Device
from hosttools.portal.epcs.forms import Form, Outcome
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import Session
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.record import NS_PER_S, Status
from hosttools.refserver.verdict import Kind
from tests.hosttools.portal.conftest import START_NS
from tests.hosttools.portal.epcs.people import BAKERS, SERIAL, Doctor


@pytest.fixture
def proven(adams: Doctor) -> Doctor:
    """Return a doctor to whom device management is open."""
    adams.prove()
    return adams


@pytest.fixture
def added(proven: Doctor) -> Doctor:
    """Return a doctor whose fob is in use."""
    assert proven.add().accepted
    return proven


def test_adding_a_token(portal: Portal, proven: Doctor) -> None:
    """Two codes in a row, and its status is active."""
    outcome = proven.add()

    assert "Token Status: Active" == outcome.message
    assert (True, Status.ACTIVE, Kind.ACTIVE) == (
        outcome.accepted,
        outcome.status,
        outcome.verdict,
    )
    (device,) = devices.list_of(portal, proven.session)
    assert (SERIAL, "Active", portal.clock.now_ns()) == (
        device.serial,
        device.words,
        device.added_ns,
    )


@pytest.mark.parametrize("typed", ["galh 0000 0042", "GALH-0000-0042", " galh00000042 "])
def test_a_serial_as_people_type_it(proven: Doctor, typed: str) -> None:
    """Spaces, hyphens and small letters do not matter."""
    proven.fob.serial = typed

    assert proven.add().accepted


def test_refused_codes_can_be_tried_again(portal: Portal, proven: Doctor) -> None:
    """With another form; all refusals read the same, and the log says what it was."""
    swapped = proven.fob.pair()
    texts = {
        proven.add(*reversed(swapped)).message,
        proven.add("000000", "000001").message,
        proven.add(proven.fob.press(), proven.fob.press(2)).message,
    }

    assert 1 == len(texts)
    said = [
        str(entry.told()["said"])
        for entry in auditlog.entries(portal, SERIAL)
        if entry.act == "device sync"
    ]
    assert 3 == len(set(said))
    assert () == devices.list_of(portal, proven.session)
    assert proven.add().accepted


@pytest.mark.parametrize(
    ("serial", "reason"),
    [
        ("GALH99999999", "no token with this serial number"),
        (BAKERS, "dr.baker"),
        ("nonsense!", "no token with this serial number"),
        ("", "no token with this serial number"),
    ],
)
def test_serials_that_are_not_the_doctors(
    portal: Portal, proven: Doctor, serial: str, reason: str
) -> None:
    """Unknown, another's, or none at all: the user reads one text, the operator all."""
    proven.fob.serial = serial

    outcome = proven.add()

    assert (False, None, devices.NOT_YOURS) == (outcome.accepted, outcome.status, outcome.message)
    assert reason in str(auditlog.entries(portal)[-1].told()["said"])


@pytest.mark.parametrize("typed", ["123456", "practice-doctor", "12345678"])
def test_what_is_no_serial_is_not_kept(portal: Portal, proven: Doctor, typed: str) -> None:
    """It may be a code or a password, typed into the wrong field."""
    proven.fob.serial = typed

    outcome = proven.add()

    entry = auditlog.entries(portal)[-1]
    assert ("", "") == (outcome.serial, entry.subject)
    assert typed not in entry.facts


@pytest.mark.parametrize("status", [Status.EXPIRED, Status.REVOKED, Status.REPLACED])
def test_tokens_at_their_end(portal: Portal, proven: Doctor, status: Status) -> None:
    """One's own token that is no good any more reads as an unknown one."""
    now_ns = portal.clock.now_ns()
    if status is Status.EXPIRED:
        portal.tokens.expire(SERIAL, now_ns)
    elif status is Status.REVOKED:
        portal.tokens.revoke(SERIAL, now_ns)
    else:
        portal.tokens.replace(SERIAL, "GALT00000042", now_ns)

    outcome = proven.add()

    assert devices.NOT_YOURS == outcome.message
    assert status.value in str(auditlog.entries(portal)[-1].told()["said"])


def test_adding_twice(added: Doctor) -> None:
    """The second time it is told that it was added already."""
    outcome = added.add()

    assert (False, Kind.ALREADY_ACTIVE) == (outcome.accepted, outcome.verdict)


def submit(portal: Portal, doctor: Doctor, form_id: str, pair: tuple[str, str]) -> Outcome:
    """Submit the add form by its number."""
    return devices.add(portal, doctor.session, form_id, SERIAL, *pair)


def test_a_second_submit_is_an_error_and_harmless(portal: Portal, proven: Doctor) -> None:
    """Nothing changes, and the result of the first stays readable."""
    page = devices.begin(portal, proven.session, Form.ADD)
    pair = proven.fob.pair()
    first = submit(portal, proven, page.form_id, pair)
    before = portal.tokens.get(SERIAL)

    with pytest.raises(Refusal, match="only once") as caught:
        submit(portal, proven, page.form_id, pair)

    assert Why.DOUBLE_SUBMIT is caught.value.code
    assert before == portal.tokens.get(SERIAL)
    assert first == forms.result(portal, proven.session, page.form_id)
    assert "form submitted again" == auditlog.entries(portal)[-1].act


def test_a_form_of_refused_codes_is_used_up_too(portal: Portal, proven: Doctor) -> None:
    """Other codes need another form."""
    page = devices.begin(portal, proven.session, Form.ADD)
    refused = submit(portal, proven, page.form_id, ("000000", "000001"))

    with pytest.raises(Refusal) as caught:
        submit(portal, proven, page.form_id, proven.fob.pair())

    assert Why.DOUBLE_SUBMIT is caught.value.code
    assert refused == forms.result(portal, proven.session, page.form_id)


def test_a_form_that_is_open_has_no_result(portal: Portal, proven: Doctor) -> None:
    """It was not submitted yet."""
    page = devices.begin(portal, proven.session, Form.ADD)

    assert forms.result(portal, proven.session, page.form_id) is None


def test_a_form_is_good_for_a_while(portal: Portal, clock: ServerClock, proven: Doctor) -> None:
    """As long as the proof; whoever proves again needs another form."""
    old, late = (devices.begin(portal, proven.session, Form.ADD) for _ in range(2))
    clock.set(clock.now_ns() + forms.LIVES_S * NS_PER_S - 1)
    proven.prove()
    assert not submit(portal, proven, late.form_id, ("000000", "000001")).accepted
    clock.set(clock.now_ns() + 1)

    with pytest.raises(Refusal, match="ten minutes") as caught:
        submit(portal, proven, old.form_id, proven.fob.pair())
    assert Why.NOT_FOUND is caught.value.code
    assert forms.result(portal, proven.session, late.form_id) is not None


def test_a_form_of_another_time_is_none(portal: Portal, clock: ServerClock, proven: Doctor) -> None:
    """One that was opened before the clock was set back by a moment is."""
    page, other = (devices.begin(portal, proven.session, Form.ADD) for _ in range(2))
    clock.set(clock.now_ns() - NS_PER_S)
    assert not submit(portal, proven, page.form_id, ("000000", "000001")).accepted
    clock.set(clock.now_ns() - forms.LIVES_S * NS_PER_S)

    with pytest.raises(Refusal, match="ten minutes"):
        submit(portal, proven, other.form_id, proven.fob.pair())


def test_forms_that_nobody_submits_are_few(portal: Portal, proven: Doctor, baker: Doctor) -> None:
    """The newest of an account; those of others and what came of the others stay."""
    baker.prove()
    others = devices.begin(portal, baker.session, Form.ADD)
    done = devices.begin(portal, proven.session, Form.ADD)
    submit(portal, proven, done.form_id, ("000000", "000001"))
    opened = [
        devices.begin(portal, proven.session, Form.ADD).form_id for _ in range(forms.MOST_OPEN + 3)
    ]

    with portal.db.read() as at:
        kept = set(at.execute(select(tables.form.c.id)).scalars())
    assert forms.MOST_OPEN + 2 == len(kept)
    assert {others.form_id, done.form_id, opened[-1]} < kept


def test_a_bug_lets_staff_add_and_see_what_came_of_it(
    portal: Portal, adams: Doctor, clark: Session
) -> None:
    """All of the way, or nobody would find it."""
    portal.bugs = frozenset({Bug.STAFF_CAN_SYNC})
    page = devices.begin(portal, clark, Form.ADD)
    outcome = devices.add(portal, clark, page.form_id, SERIAL, *adams.fob.pair())

    assert outcome.accepted
    assert outcome == forms.result(portal, clark, page.form_id)


def test_a_form_is_of_its_account_and_kind(portal: Portal, added: Doctor, baker: Doctor) -> None:
    """Nobody submits or reads another's, nor the add form as a resync."""
    page = devices.begin(portal, added.session, Form.ADD)
    baker.prove()

    def refusals() -> list[Callable[[], object]]:
        codes = ("000000", "000001")
        return [
            lambda: forms.result(portal, baker.session, page.form_id),
            lambda: devices.add(portal, baker.session, page.form_id, SERIAL, *codes),
            lambda: devices.resync(portal, added.session, page.form_id, SERIAL, *codes),
            lambda: devices.add(portal, added.session, "no such form", SERIAL, *codes),
        ]

    for act in refusals():
        with pytest.raises(Refusal) as caught:
            act()
        assert Why.NOT_FOUND is caught.value.code
    assert forms.result(portal, added.session, page.form_id) is None


def test_of_submits_at_once_exactly_one_acts(url: str) -> None:
    """Eight threads, one form: one is judged, seven are double submits, the token is active."""
    with open_portal(
        url,
        clock=ServerClock(START_NS),
        draws=SeededDraws(1),
        hashing=CHEAP,
    ) as portal:
        session = sessions.log_in(portal, "dr.adams", "practice-doctor")[1]
        doctor = Doctor(portal, session, SERIAL)
        doctor.prove()
        page = devices.begin(portal, session, Form.ADD)
        pair = doctor.fob.pair()
        start = threading.Barrier(8)
        outcomes: list[Outcome | Why] = []

        def run() -> None:
            start.wait()
            try:
                outcomes.append(submit(portal, doctor, page.form_id, pair))
            except Refusal as refusal:
                outcomes.append(refusal.code)

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        acted = [each for each in outcomes if isinstance(each, Outcome)]
        assert [True] == [each.accepted for each in acted]
        assert 7 == outcomes.count(Why.DOUBLE_SUBMIT)
        assert acted[0] == forms.result(portal, session, page.form_id)
        assert 2 == portal.tokens.get(SERIAL).next_factor


def test_an_over_pressed_token_is_resynced(portal: Portal, added: Doctor) -> None:
    """The form shows the serial to be compared; two codes bring it back."""
    added.fob.press(50)
    page = devices.begin(portal, added.session, Form.RESYNC, "galh 0000-0042")

    outcome = devices.resync(portal, added.session, page.form_id, page.serial, *added.fob.pair())

    assert SERIAL == page.serial
    assert (True, Kind.RESYNCED) == (outcome.accepted, outcome.verdict)
    assert devices.RESYNCED == outcome.message


def test_a_resync_of_another_serial_than_the_form_shows(portal: Portal, added: Doctor) -> None:
    """Nothing is evaluated."""
    page = devices.begin(portal, added.session, Form.RESYNC, SERIAL)
    before = portal.tokens.get(SERIAL)

    outcome = devices.resync(portal, added.session, page.form_id, BAKERS, *added.fob.pair())

    assert devices.NOT_YOURS == outcome.message
    assert before == portal.tokens.get(SERIAL)


@pytest.mark.parametrize("skipped", [1000, 1001])
def test_the_edge_of_the_re_activation_window(portal: Portal, added: Doctor, skipped: int) -> None:
    """1,000 presses may be skipped; one more, and only support can help."""
    added.fob.press(skipped)

    outcome = added.resync()

    assert (skipped == 1000) is outcome.accepted
    if skipped > 1000:
        assert devices.OUTSIDE_WINDOW == outcome.message
        assert "1001 presses ahead" in str(auditlog.entries(portal, SERIAL)[-1].told()["said"])


def test_the_add_form_does_not_tell_of_the_window(proven: Doctor) -> None:
    """The exception is the resync's, of who holds the token."""
    proven.fob.press(1001)

    outcome = proven.add()

    assert Kind.OUTSIDE_WINDOW is outcome.verdict
    assert devices.OUTSIDE_WINDOW != outcome.message


def lock(portal: Portal, doctor: Doctor) -> None:
    """Have a token locked by refused codes."""
    for _ in range(portal.tokens.policy.lock_after):
        portal.tokens.verify(SERIAL, "000000", portal.clock.now_ns())
    (device,) = devices.list_of(portal, doctor.session)
    assert "Locked" == device.words


def test_a_resync_unlocks(portal: Portal, added: Doctor) -> None:
    """As the policy says by default."""
    lock(portal, added)

    assert added.resync().accepted
    assert "Active" == devices.list_of(portal, added.session)[0].words


def test_a_resync_that_does_not_unlock(portal: Portal, added: Doctor) -> None:
    """As another policy says: support has to."""
    portal.set_policy(dataclasses.replace(portal.tokens.policy, resync_unlocks=False))
    lock(portal, added)

    outcome = added.resync()

    assert (False, Kind.LOCKED, Status.LOCKED) == (
        outcome.accepted,
        outcome.verdict,
        outcome.status,
    )


def test_too_many_resyncs(portal: Portal, added: Doctor) -> None:
    """After as many refused pairs as the policy allows, a right one is refused too."""
    page = devices.begin(portal, added.session, Form.RESYNC, SERIAL)
    for number in range(portal.tokens.policy.resync_limit):
        page = devices.begin(portal, added.session, Form.RESYNC, SERIAL)
        devices.resync(
            portal, added.session, page.form_id, SERIAL, f"{number:06}", f"{number + 50:06}"
        )

    outcome = added.resync()

    assert (False, Kind.RESYNC_BLOCKED) == (outcome.accepted, outcome.verdict)


def test_a_deactivated_token_is_never_used_again(portal: Portal, added: Doctor) -> None:
    """It can be neither added, nor resynced, and stays on the list."""
    device = devices.deactivate(portal, added.session, "galh-00000042")

    assert "Deactivated" == device.words
    assert (device,) == devices.list_of(portal, added.session)
    assert not added.add().accepted
    assert not added.resync().accepted
    assert not portal.tokens.verify(SERIAL, added.fob.press(), portal.clock.now_ns()).accepted


def test_others_tokens_are_out_of_reach(portal: Portal, added: Doctor, baker: Doctor) -> None:
    """Neither resynced nor deactivated, nor is one that was not added."""
    for serial in (BAKERS, "GALT00000042", "", "?"):
        with pytest.raises(Refusal) as caught:
            devices.deactivate(portal, added.session, serial)
        assert (Why.NOT_FOUND, devices.NOT_YOURS) == (caught.value.code, caught.value.user)
        with pytest.raises(Refusal):
            devices.begin(portal, added.session, Form.RESYNC, serial)
    assert "Active" == devices.list_of(portal, baker.session)[0].words


def test_everything_takes_the_proof(portal: Portal, baker: Doctor) -> None:
    """Each verb by itself: a form that was opened does not keep the door open."""
    baker.prove()
    add = devices.begin(portal, baker.session, Form.ADD).form_id
    resync = devices.begin(portal, baker.session, Form.RESYNC, BAKERS).form_id
    sessions.prove(portal, baker.session, 0)
    pair = baker.fob.pair()
    acts: tuple[Callable[[], object], ...] = (
        lambda: devices.begin(portal, baker.session, Form.ADD),
        lambda: devices.add(portal, baker.session, add, BAKERS, *pair),
        lambda: devices.resync(portal, baker.session, resync, BAKERS, *pair),
        lambda: devices.deactivate(portal, baker.session, BAKERS),
    )

    for act in acts:
        with pytest.raises(Refusal) as caught:
            act()
        assert Why.NOT_PROVEN is caught.value.code
    assert forms.result(portal, baker.session, add) is None


def test_staff_are_told_whose_login_it_takes(portal: Portal, clark: Session) -> None:
    """In the procedure's sense: syncing is done under the doctor's login."""
    with pytest.raises(Refusal, match="Log in as the doctor") as caught:
        devices.begin(portal, clark, Form.ADD)

    assert Why.DOCTORS_ONLY is caught.value.code


def test_a_lost_account_can_do_nothing(portal: Portal, added: Doctor) -> None:
    """Its tokens stay what they are, and nothing can be done with them."""
    proof.give_up(portal, added.session)

    with pytest.raises(Refusal) as caught:
        devices.deactivate(portal, added.session, SERIAL)

    assert Why.NOT_REGISTERED is caught.value.code
    assert Status.ACTIVE is portal.tokens.get(SERIAL).status


def test_the_log_has_no_codes(portal: Portal, added: Doctor) -> None:
    """Neither accepted nor refused ones."""
    codes = added.fob.pair()
    added.add(*codes)

    facts = " ".join(entry.facts for entry in auditlog.entries(portal, limit=1000))
    assert not any(code in facts for code in codes)


@settings(max_examples=25, deadline=None)
@given(serial=st.text(max_size=40), code1=st.text(max_size=12), code2=st.text(max_size=12))
def test_whatever_is_typed(serial: str, code1: str, code2: str) -> None:
    """Any text is answered by an outcome that refuses; nothing breaks."""
    with open_portal(clock=ServerClock(START_NS), draws=SeededDraws(1), hashing=CHEAP) as portal:
        doctor = Doctor(portal, sessions.log_in(portal, "dr.adams", "practice-doctor")[1], SERIAL)
        doctor.prove()
        for typed in (serial, SERIAL):
            page = devices.begin(portal, doctor.session, Form.ADD)
            outcome = devices.add(portal, doctor.session, page.form_id, typed, code1, code2)
            assert not outcome.accepted
            assert outcome == forms.result(portal, doctor.session, page.form_id)


def test_a_token_that_the_server_forgot(portal: Portal, added: Doctor) -> None:
    """It is off the list; taken in again, it is to be added again."""
    record = portal.tokens.get(SERIAL)
    portal.tokens.remove(SERIAL)
    assert () == devices.list_of(portal, added.session)
    assert devices.NOT_YOURS == added.add().message

    fresh = dataclasses.replace(record, status=Status.ASSIGNED, form_mark="")
    portal.tokens.enrol(fresh, portal.clock.now_ns())
    assert () == devices.list_of(portal, added.session)
    assert added.add().accepted
    assert "Active" == devices.list_of(portal, added.session)[0].words


def test_a_token_that_is_anothers_now(portal: Portal, added: Doctor) -> None:
    """The list is of what the server says, not of what once was."""
    record = portal.tokens.get(SERIAL)
    portal.tokens.remove(SERIAL)
    portal.tokens.enrol(dataclasses.replace(record, holder="dr.baker"), portal.clock.now_ns())

    assert () == devices.list_of(portal, added.session)


@pytest.mark.parametrize("holder", ["dr.baker", ""])
def test_an_old_form_does_not_reach_a_token_that_is_anothers_now(
    portal: Portal, added: Doctor, holder: str
) -> None:
    """Whose it is counts when the form is submitted, not when it was opened."""
    page = devices.begin(portal, added.session, Form.RESYNC, SERIAL)
    record = portal.tokens.get(SERIAL)
    portal.tokens.remove(SERIAL)
    if holder:
        portal.tokens.enrol(dataclasses.replace(record, holder=holder), portal.clock.now_ns())
    before = portal.tokens.list()

    outcome = devices.resync(portal, added.session, page.form_id, page.serial, *added.fob.pair())

    assert (False, devices.NOT_YOURS) == (outcome.accepted, outcome.message)
    assert outcome == forms.result(portal, added.session, page.form_id)
    assert before == portal.tokens.list()


def test_every_status_has_its_words() -> None:
    """A status that is added later must not break the page."""
    assert all(Device(SERIAL, status, 0).words for status in Status)
