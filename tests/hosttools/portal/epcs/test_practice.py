"""What the practice begins with, on every kind of database."""

from hosttools.portal import open_portal, sessions
from hosttools.portal.draws import SeededDraws
from hosttools.portal.epcs import (
    access,
    authenticator,
    prescriptions,
    proof,
    registration,
    rules,
    signedrecords,
    signing,
)
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.passwords import CHEAP
from hosttools.portal.spares import mailbox
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.conftest import START_NS
from tests.hosttools.portal.epcs.people import BAKERS, SERIAL, Doctor

SECOND = 1_000_000_000


def test_the_whole_way(url: str) -> None:
    """A doctor adds, signs, over-presses, resyncs, loses the account and comes back."""
    clock = ServerClock(START_NS)
    with open_portal(url, clock=clock, draws=SeededDraws(1), hashing=CHEAP) as portal:
        adams = Doctor(portal, sessions.log_in(portal, "dr.adams", "practice-doctor")[1], SERIAL)
        baker = Doctor(portal, sessions.log_in(portal, "dr.baker", "practice-doctor")[1], BAKERS)
        davis = sessions.log_in(portal, "davis", "practice-admin")[1]

        def sign() -> None:
            mine = adams.ready()
            signing.sign(portal, adams.session, (mine.prescription_id,), adams.factors())

        adams.prove()
        assert adams.add().accepted
        sign()
        adams.fob.press(200)
        assert adams.resync().accepted
        sign()

        authenticator.enrol_start(portal, adams.session)
        authenticator.scan(portal, adams.session)
        shown = authenticator.current_code(portal, adams.session.account)
        assert shown is not None
        authenticator.enrol_finish(portal, adams.session, shown.code)
        proof.give_up(portal, adams.session)

        registration.prove_identity(portal, adams.session, "Alice Adams", "BA0000012", Channel.CALL)
        newest = mailbox.messages(portal, adams.session)[0]
        letter = mailbox.read(portal, adams.session, newest.id).body
        code = next(word for word in letter.replace(".", " ").split() if word.isdigit())
        registration.activate(portal, adams.session, code, adams.told())
        access.nominate(portal, davis, "dr.adams")
        access.approve(portal, baker.session, "dr.adams", baker.factors())
        sign()

        assert [True] * 3 == [found.ok for found in signedrecords.verify_all(portal)]


def test_it_is_filled_once(url: str) -> None:
    """Opening it again finds what is there."""
    for _ in range(2):
        with open_portal(url, draws=SeededDraws(1), hashing=CHEAP) as portal:
            session = sessions.log_in(portal, "dr.adams", "practice-doctor")[1]
            assert 3 == len(prescriptions.patients(portal, session))
            for doctor in access.list_of(portal, session):
                assert rules.dea_number(doctor.dea_number) == doctor.dea_number
