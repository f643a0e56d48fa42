"""Signing by two factors, and what becomes of it."""

import dataclasses
import threading
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from hosttools.portal import Portal, Refusal, Why, auditlog, open_portal, sessions
from hosttools.portal.draws import SeededDraws
from hosttools.portal.epcs import (
    access,
    charts,
    devices,
    factors,
    prescriptions,
    proof,
    signedrecords,
    signing,
    tables,
)
from hosttools.portal.epcs.charts import Prescription, State
from hosttools.portal.epcs.factors import Factors, Known
from hosttools.portal.epcs.signing import Signed
from hosttools.portal.passwords import CHEAP
from hosttools.portal.practice import PIN
from hosttools.portal.sessions import Session
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.record import Status
from tests.hosttools.portal.conftest import START_NS
from tests.hosttools.portal.epcs.people import (
    BAKERS,
    DRAFT,
    OTHER_PATIENT,
    PATIENT,
    Doctor,
)

SECOND = 1_000_000_000


def sign(doctor: Doctor, *chosen: Prescription, by: Factors | None = None) -> Signed:
    """Sign, with right factors unless others are given."""
    ids = tuple(each.prescription_id for each in chosen)
    return signing.sign(doctor.portal, doctor.session, ids, by or doctor.factors())


def refused(act: Callable[[], object]) -> Refusal:
    """Return the refusal."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def test_one_prescription(portal: Portal, baker: Doctor) -> None:
    """It is signed, its record verifies, and the log tells of it."""
    mine = baker.ready()

    signed = sign(baker, mine)

    (record,) = signed.records
    assert BAKERS == signed.serial
    assert State.SIGNED is prescriptions.get(portal, baker.session, mine.prescription_id).state
    assert signedrecords.verify(portal, mine.prescription_id).ok
    entry = auditlog.entries(portal, mine.prescription_id)[-1]
    assert ("prescription signed", record.digest) == (entry.act, entry.told()["digest"])
    assert () == prescriptions.ready(portal, baker.session)


def test_the_record_has_what_the_law_wants(baker: Doctor) -> None:
    """21 CFR 1306.05 (a): who, to whom, what, how much, how taken, and of which day."""
    told = sign(baker, baker.ready()).records[0].told

    assert {
        "issued": "2026-01-05",
        "patient_name": "Mara Ivers",
        "patient_address": "3 Pine Road, Springfield, IL 62704",
        "drug": "Samplodone",
        "strength": "5 mg",
        "form": "tablet",
        "schedule": "II",
        "quantity": 20,
        "directions": "One at night",
        "refills": 0,
        "practitioner": "Ben Baker, MD",
        "dea_number": "BB0000024",
        "token": BAKERS,
        "factors": ["pin", "token"],
    }.items() <= told.items()
    assert told["practitioner_address"]


def test_a_password_in_place_of_the_pin(baker: Doctor) -> None:
    """Either is what only the doctor knows."""
    by = Factors(known=Known.PASSWORD, secret="practice-doctor", code=baker.fob.press())

    assert ["password", "token"] == sign(baker, baker.ready(), by=by).records[0].told["factors"]


def test_several_of_one_patient_in_one_act(portal: Portal, baker: Doctor) -> None:
    """One press signs them all, each with a signature of its own."""
    mine = [baker.ready() for _ in range(3)]

    signed = sign(baker, *mine)

    assert 3 == len({record.signature for record in signed.records})
    assert {signed.act_id} == {record.act_id for record in signed.records}
    assert 1 == portal.tokens.get(BAKERS).next_factor
    assert [True] * 3 == [found.ok for found in signedrecords.verify_all(portal)]


def nothing_was_signed(portal: Portal, *chosen: Prescription) -> bool:
    """Whether none of these was."""
    with portal.db.read() as at:
        left = [charts.by_id(portal, at, each.prescription_id) for each in chosen]
    return all(each is not None and each.state is not State.SIGNED for each in left)


def test_what_can_not_be_signed(portal: Portal, adams: Doctor, baker: Doctor) -> None:
    """Then no factor is looked at: the code is as good as before."""
    mine, other = baker.ready(), baker.ready(OTHER_PATIENT)
    draft = prescriptions.compose(portal, baker.session, PATIENT, DRAFT)
    theirs = adams.ready()
    by = baker.factors()
    cases = (
        ((), Why.BAD_INPUT),
        ((mine, mine), Why.BAD_INPUT),
        ((mine, other), Why.BAD_INPUT),
        ((mine, draft), Why.CONFLICT),
        ((mine, theirs), Why.NOT_FOUND),
    )

    for chosen, why in cases:
        assert why is refused(partial(sign, baker, *chosen, by=by)).code
    assert nothing_was_signed(portal, mine, other, draft, theirs)
    assert sign(baker, mine, by=by)


def test_wrong_factors_read_the_same(portal: Portal, baker: Doctor) -> None:
    """The user can't tell which was wrong; the log can."""
    mine = baker.ready()
    wrong_pin = refused(lambda: sign(baker, mine, by=baker.factors(secret="0000")))
    wrong_code = refused(lambda: sign(baker, mine, by=baker.factors(code="000000")))
    both = refused(lambda: sign(baker, mine, by=baker.factors(secret="0000", code="000000")))

    assert {(Why.WRONG_FACTOR, factors.REFUSED)} == {
        (each.code, each.user) for each in (wrong_pin, wrong_code, both)
    }
    assert ("wrong pin", "wrong pin") == (wrong_pin.operator, both.operator)
    assert wrong_code.operator.startswith("invalid")
    said = [
        str(entry.told()["said"])
        for entry in auditlog.entries(portal, limit=1000)
        if entry.act == "sign refused"
    ]
    assert [wrong_pin.operator, wrong_code.operator, both.operator] == said
    assert nothing_was_signed(portal, mine)


def test_a_wrong_pin_uses_no_code_up(portal: Portal, baker: Doctor) -> None:
    """What is known is asked first: without it, nobody gets at the token."""
    mine, by = baker.ready(), baker.factors()
    before = portal.tokens.get(BAKERS)
    refused(lambda: sign(baker, mine, by=dataclasses.replace(by, secret="0000")))
    refused(lambda: sign(baker, mine, by=baker.factors(secret="0000", code="000000")))

    assert before == portal.tokens.get(BAKERS)
    assert sign(baker, mine, by=by)


def test_a_wrong_code_is_counted(portal: Portal, baker: Doctor) -> None:
    """Ten of them lock the token, which is told before any factor is looked at."""
    mine = baker.ready()
    for _ in range(portal.tokens.policy.lock_after):
        refused(lambda: sign(baker, mine, by=baker.factors(code="000000")))
    assert Status.LOCKED is portal.tokens.get(BAKERS).status

    for secret in (PIN, "0000"):
        by = baker.factors(secret=secret)
        assert Why.LOCKED is refused(partial(sign, baker, mine, by=by)).code

    baker.prove()
    assert baker.resync().accepted
    assert sign(baker, mine)


def test_wrong_pins_are_limited(portal: Portal, clock: ServerClock, baker: Doctor) -> None:
    """After five even the right one has to wait; a right one before that forgets them."""
    mine = baker.ready()
    for _ in range(factors.MOST - 1):
        refused(lambda: sign(baker, mine, by=baker.factors(secret="0000")))
    assert sign(baker, mine)

    mine = baker.ready()
    for _ in range(factors.MOST):
        refused(lambda: sign(baker, mine, by=baker.factors(secret="0000")))
    assert Why.TOO_MANY is refused(lambda: sign(baker, mine)).code
    assert nothing_was_signed(portal, mine)

    clock.set(clock.now_ns() + factors.WITHIN_S * SECOND)
    sessions_again = sessions.log_in(portal, "dr.baker", "practice-doctor")[1]
    baker.session = sessions_again
    assert sign(baker, mine)


def test_two_of_one_kind_are_not_two_factors(portal: Portal, baker: Doctor) -> None:
    """A PIN in the place of the code is a malformed code, and a code no PIN."""
    mine = baker.ready()

    assert Why.BAD_INPUT is refused(lambda: sign(baker, mine, by=baker.factors(code=PIN))).code
    code = baker.fob.press()
    by = baker.factors(secret=code, code=code)
    assert Why.WRONG_FACTOR is refused(lambda: sign(baker, mine, by=by)).code
    assert nothing_was_signed(portal, mine)


def test_a_malformed_code_is_told_whatever_the_pin(baker: Doctor) -> None:
    """Else it would tell that the PIN was right. It costs no attempt."""
    mine = baker.ready()
    for secret in (PIN, *["0000"] * (factors.MOST + 1)):
        by = baker.factors(secret=secret, code="12345")
        assert Why.BAD_INPUT is refused(partial(sign, baker, mine, by=by)).code


def test_a_code_signs_once(portal: Portal, baker: Doctor) -> None:
    """The same code again signs nothing."""
    first, second, by = baker.ready(), baker.ready(), baker.factors()
    sign(baker, first, by=by)

    again = refused(lambda: sign(baker, second, by=by))

    assert (Why.WRONG_FACTOR, factors.REFUSED) == (again.code, again.user)
    assert "replayed" in again.operator
    assert nothing_was_signed(portal, second)


def test_a_doctor_without_a_token(portal: Portal, adams: Doctor) -> None:
    """One that was not added signs nothing."""
    mine = adams.ready()

    assert "no token in use" in refused(lambda: sign(adams, mine)).operator
    by = dataclasses.replace(adams.factors(), serial=adams.fob.serial)
    assert Why.NOT_FOUND is refused(lambda: sign(adams, mine, by=by)).code
    assert nothing_was_signed(portal, mine)


def test_another_doctors_token(portal: Portal, adams: Doctor, baker: Doctor) -> None:
    """The practitioner alone holds the token."""
    mine = adams.ready()
    by = dataclasses.replace(baker.factors(), serial=BAKERS)

    assert Why.NOT_FOUND is refused(lambda: sign(adams, mine, by=by)).code
    assert nothing_was_signed(portal, mine)


def test_a_deactivated_token(portal: Portal, baker: Doctor) -> None:
    """It signs nothing, named or not."""
    mine = baker.ready()
    baker.prove()
    devices.deactivate(portal, baker.session, BAKERS)

    assert Why.CONFLICT is refused(lambda: sign(baker, mine)).code
    by = dataclasses.replace(baker.factors(), serial=BAKERS)
    assert "revoked" == refused(lambda: sign(baker, mine, by=by)).operator


def test_which_of_two_tokens(portal: Portal, adams: Doctor) -> None:
    """It has to be said; a code of the other one is no good."""
    adams.prove()
    adams.add()
    portal.tokens.assign("GALH20140711", "dr.adams", portal.clock.now_ns())
    second = Doctor(portal, adams.session, "GALH20140711")
    assert second.add().accepted
    mine = adams.ready()

    assert Why.BAD_INPUT is refused(lambda: sign(adams, mine)).code
    by = dataclasses.replace(adams.factors(), serial="GALH20140711")
    assert Why.WRONG_FACTOR is refused(lambda: sign(adams, mine, by=by)).code
    by = dataclasses.replace(second.factors(), serial="galh-20140711")
    assert "GALH20140711" == sign(adams, mine, by=by).serial


def test_without_access(portal: Portal, baker: Doctor, davis: Session) -> None:
    """What was ready stays unsigned once access was taken away."""
    mine = baker.ready()
    access.revoke(portal, davis, "dr.baker")

    assert Why.NO_EPCS is refused(lambda: sign(baker, mine)).code
    assert nothing_was_signed(portal, mine)


def test_a_lost_account(portal: Portal, baker: Doctor) -> None:
    """Its token can't be used."""
    mine = baker.ready()
    proof.give_up(portal, baker.session)

    assert Why.NOT_REGISTERED is refused(lambda: sign(baker, mine)).code


def test_staff_sign_nothing(portal: Portal, baker: Doctor, clark: Session) -> None:
    """Not even with both factors."""
    mine, by = baker.ready(), baker.factors()

    assert (
        Why.DOCTORS_ONLY
        is refused(lambda: signing.sign(portal, clark, (mine.prescription_id,), by)).code
    )


def test_a_signed_prescription_is_closed(portal: Portal, baker: Doctor, clark: Session) -> None:
    """Neither changed, nor discarded, nor signed again."""
    mine = baker.ready()
    sign(baker, mine)
    wanted = mine.prescription_id
    acts: tuple[Callable[[], object], ...] = (
        lambda: prescriptions.edit(portal, clark, wanted, DRAFT),
        lambda: prescriptions.discard(portal, clark, wanted),
        lambda: prescriptions.mark_ready(portal, baker.session, wanted, mine.version),
        lambda: prescriptions.mark_unready(portal, baker.session, wanted),
        lambda: sign(baker, mine),
    )

    assert {Why.CONFLICT} == {refused(act).code for act in acts}
    assert signedrecords.verify(portal, wanted).ok


def test_a_change_while_the_password_is_looked_at(
    portal: Portal, baker: Doctor, clark: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit in that moment clears ready: nothing is signed, and the code is as good as new."""
    mine, by = baker.ready(), baker.factors()

    def check(*_: object) -> bool:
        prescriptions.edit(portal, clark, mine.prescription_id, DRAFT)
        return True

    monkeypatch.setattr(factors, "_CHECKS", {Known.PIN: check})
    assert Why.CONFLICT is refused(lambda: sign(baker, mine, by=by)).code
    monkeypatch.undo()

    assert 0 == portal.tokens.get(BAKERS).next_factor
    again = prescriptions.mark_ready(portal, baker.session, mine.prescription_id, 2)
    assert sign(baker, again, by=by)


def test_of_one_code_at_once_exactly_one_signs(url: str) -> None:
    """Six threads, six prescriptions, one code: one is signed."""
    with open_portal(
        url,
        clock=ServerClock(START_NS),
        draws=SeededDraws(1),
        hashing=CHEAP,
    ) as portal:
        session = sessions.log_in(portal, "dr.baker", "practice-doctor")[1]
        baker = Doctor(portal, session, BAKERS)
        mine = [baker.ready() for _ in range(6)]
        by = baker.factors()
        start = threading.Barrier(6)
        done: list[Signed | Why] = []

        def run(each: Prescription) -> None:
            start.wait()
            try:
                done.append(sign(baker, each, by=by))
            except Refusal as refusal:
                done.append(refusal.code)

        threads = [threading.Thread(target=run, args=(each,)) for each in mine]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert 1 == sum(isinstance(each, Signed) for each in done)
        assert {Why.WRONG_FACTOR, Why.TOO_MANY} >= {each for each in done if isinstance(each, Why)}
        assert 1 == len(signedrecords.verify_all(portal))


@settings(max_examples=15, deadline=None)
@given(presses=st.lists(st.integers(0, 12), min_size=1, max_size=12))
def test_no_code_ever_signs_twice(presses: list[int]) -> None:
    """Whatever order codes are entered in, those that sign are of rising presses."""
    with open_portal(clock=ServerClock(START_NS), draws=SeededDraws(1), hashing=CHEAP) as portal:
        baker = Doctor(portal, sessions.log_in(portal, "dr.baker", "practice-doctor")[1], BAKERS)
        codes = [baker.fob.press() for _ in range(13)]
        signed: list[int] = []
        for each in presses:
            try:
                sign(baker, baker.ready(), by=baker.factors(code=codes[each]))
            except Refusal:
                continue
            signed.append(each)

        assert sorted(set(signed)) == signed
        assert len(signed) == len(signedrecords.verify_all(portal))


@pytest.mark.parametrize(
    ("table", "values", "words"),
    [
        ("signed", {"record": "{}"}, "not what was signed"),
        ("signed", {"signature": "00" * 64}, "not what was signed"),
        ("signed", {"signature": "xyz"}, "damaged"),
        ("prescription", {"quantity": 200}, "changed since it was signed: quantity"),
        ("prescription", {"drug": "demozepam-1"}, "drug, strength, schedule"),
        ("prescription", {"state": "draft"}, "not called signed"),
    ],
)
def test_tampering_is_found(
    portal: Portal, baker: Doctor, table: str, values: dict[str, str | int], words: str
) -> None:
    """By whoever can write to the database, but has not the key."""
    mine = baker.ready()
    sign(baker, mine)
    with portal.db.write() as at:
        at.execute(update(getattr(tables, table)).values(**values))

    found = signedrecords.verify(portal, mine.prescription_id)

    assert not found.ok
    assert words in found.words


def test_a_record_in_another_ones_place(portal: Portal, baker: Doctor) -> None:
    """A good signature of another prescription is no good here."""
    first, second = baker.ready(), baker.ready()
    sign(baker, first, second)
    other = signedrecords.get(portal, second.prescription_id)
    with portal.db.write() as at:
        at.execute(
            update(tables.signed)
            .where(tables.signed.c.prescription == first.prescription_id)
            .values(record=other.text, signature=other.signature)
        )

    assert "another prescription's" in signedrecords.verify(portal, first.prescription_id).words


def test_signed_without_a_record(portal: Portal, baker: Doctor) -> None:
    """Whoever sets the state alone is found too."""
    mine = baker.ready()
    with portal.db.write() as at:
        prescriptions.mark_signed(at, mine)

    (found,) = signedrecords.verify_all(portal)

    assert (mine.prescription_id, False) == (found.prescription_id, found.ok)
    assert Why.NOT_FOUND is refused(lambda: signedrecords.verify(portal, mine.prescription_id)).code


def test_what_is_gone_from_the_database(portal: Portal, baker: Doctor) -> None:
    """The log still tells of it."""
    mine = baker.ready()
    sign(baker, mine)
    with portal.db.write() as at:
        at.execute(delete(tables.signed))
        at.execute(delete(tables.prescription))

    (found,) = signedrecords.verify_all(portal)

    assert (mine.prescription_id, False) == (found.prescription_id, found.ok)


def test_a_record_that_the_log_does_not_tell_of(portal: Portal, baker: Doctor) -> None:
    """Signed with the portal's own key, but past the act of signing."""
    mine = baker.ready()
    sign(baker, mine)
    told = signedrecords.get(portal, mine.prescription_id).text
    text = told.replace("One at night", "Ten at night")
    with portal.db.write() as at:
        at.execute(update(tables.prescription).values(directions="Ten at night"))
        at.execute(
            update(tables.signed).values(
                record=text, signature=portal.signer.sign(text.encode()).hex()
            )
        )

    assert told != text
    assert (
        "the log tells of no such record"
        == signedrecords.verify(portal, mine.prescription_id).words
    )


def test_no_factor_is_in_a_repr(baker: Doctor) -> None:
    """Neither the PIN nor the code."""
    by = baker.factors()

    assert by.secret not in repr(by)
    assert by.code not in repr(by)


def test_the_statement_names_who_may_sign() -> None:
    """What 21 CFR 1311.140 (a)(3) wants to be read: signing, by whom, and what follows."""
    for words in ("both factors", "you sign", "pharmacy", "name and DEA registration number"):
        assert words in signing.STATEMENT
