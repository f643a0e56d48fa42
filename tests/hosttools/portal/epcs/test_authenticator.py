"""The authenticator app on the practice phone."""

import dataclasses

import pytest

from firmware_model.oath import Key, totp
from hosttools.portal import Portal, Refusal, Why, auditlog
from hosttools.portal.epcs import authenticator, devices, proof
from hosttools.portal.epcs.forms import Form
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.record import Status
from hosttools.seedfiles import read_seed_bytes
from tests.hosttools.portal.epcs.people import Doctor

SECOND = 1_000_000_000


def shown(portal: Portal, doctor: Doctor) -> str:
    """Return what the app shows."""
    found = authenticator.current_code(portal, doctor.session.account)
    assert found is not None
    return found.code


@pytest.fixture
def app(portal: Portal, clock: ServerClock, adams: Doctor) -> Doctor:
    """Return a doctor whose app was set up; the code that did it is used."""
    adams.prove()
    authenticator.enrol_start(portal, adams.session)
    authenticator.scan(portal, adams.session)
    authenticator.enrol_finish(portal, adams.session, shown(portal, adams))
    clock.set(clock.now_ns() + 1200 * SECOND)
    return adams


def submit(portal: Portal, doctor: Doctor, code: str) -> Why:
    """Return why a code of the app is refused."""
    with pytest.raises(Refusal) as caught:
        proof.submit_app(portal, doctor.session, code)
    assert code not in str(caught.value) + caught.value.operator
    return caught.value.code


def test_the_app_opens_device_management(portal: Portal, app: Doctor) -> None:
    """What it shows is as good as a code by phone."""
    session = proof.submit_app(portal, app.session, shown(portal, app))

    assert devices.begin(portal, session, Form.ADD)


def test_the_qr_code_is_of_any_app(portal: Portal, adams: Doctor) -> None:
    """The URI is read by our own reader, and gives the codes that the portal takes."""
    adams.prove()
    enrolment = authenticator.enrol_start(portal, adams.session)
    (seed,) = read_seed_bytes(enrolment.uri.encode(), "the QR code")
    code = totp(Key(seed.secret), portal.clock.now_ns() // SECOND)

    assert enrolment.svg.lstrip().startswith("<?xml") or "<svg" in enrolment.svg
    assert authenticator.enrol_finish(portal, adams.session, code).confirmed


def test_the_secret_is_in_no_repr(portal: Portal, adams: Doctor) -> None:
    """Whoever sees the URI can copy the app: a log does not."""
    adams.prove()

    assert "secret" not in repr(authenticator.enrol_start(portal, adams.session))


def test_setting_up_takes_the_proof(portal: Portal, adams: Doctor) -> None:
    """Else whoever knows the password could enrol an app and pass by it."""
    with pytest.raises(Refusal) as caught:
        authenticator.enrol_start(portal, adams.session)

    assert Why.NOT_PROVEN is caught.value.code


def test_an_app_that_was_not_confirmed_is_no_good(portal: Portal, adams: Doctor) -> None:
    """A picture that nobody scanned must not be the way in."""
    adams.prove()
    authenticator.enrol_start(portal, adams.session)
    authenticator.scan(portal, adams.session)

    assert Why.WRONG_FACTOR is submit(portal, adams, shown(portal, adams))


def test_a_wrong_code_confirms_nothing(portal: Portal, adams: Doctor) -> None:
    """The app is confirmed by the code that it shows."""
    adams.prove()
    authenticator.enrol_start(portal, adams.session)
    authenticator.scan(portal, adams.session)
    other = f"{(int(shown(portal, adams)) + 1) % 1_000_000:06}"

    with pytest.raises(Refusal):
        authenticator.enrol_finish(portal, adams.session, other)

    assert not authenticator.state(portal, adams.session.account).confirmed


def test_a_code_is_not_taken_twice(portal: Portal, app: Doctor) -> None:
    """Not even while the app still shows it."""
    code = shown(portal, app)
    proof.submit_app(portal, app.session, code)

    assert Why.WRONG_FACTOR is submit(portal, app, code)


def test_the_confirming_code_does_not_open_anything(
    portal: Portal, clock: ServerClock, adams: Doctor
) -> None:
    """It was used."""
    adams.prove()
    authenticator.enrol_start(portal, adams.session)
    authenticator.scan(portal, adams.session)
    code = shown(portal, adams)
    authenticator.enrol_finish(portal, adams.session, code)

    assert Why.WRONG_FACTOR is submit(portal, adams, code)
    clock.set(clock.now_ns() + 30 * SECOND)
    assert proof.submit_app(portal, adams.session, shown(portal, adams))


def test_attempts_are_limited(portal: Portal, clock: ServerClock, app: Doctor) -> None:
    """Whatever the policy: ten codes in ten minutes, right or wrong."""
    portal.set_policy(dataclasses.replace(portal.tokens.policy, lock_after=0))
    for _ in range(authenticator.MOST):
        submit(portal, app, "000000")

    assert Why.TOO_MANY is submit(portal, app, shown(portal, app))
    clock.set(clock.now_ns() + authenticator.WITHIN_S * SECOND)
    assert proof.submit_app(portal, app.session, shown(portal, app))


def test_a_new_phone_has_no_app(portal: Portal, app: Doctor) -> None:
    """The server does not know; the doctor has nothing to enter."""
    authenticator.lose(portal, app.session)

    assert authenticator.current_code(portal, app.session.account) is None
    assert authenticator.state(portal, app.session.account).confirmed


def test_an_app_is_put_in_the_place_of_another(portal: Portal, app: Doctor) -> None:
    """The old one is good for nothing from then on."""
    before = authenticator.state(portal, app.session.account).serial
    app.prove()
    authenticator.enrol_start(portal, app.session)

    assert Status.REVOKED is portal.tokens.get(before).status
    assert Why.WRONG_FACTOR is submit(portal, app, "000000")


def test_losing_the_account_ends_the_app(portal: Portal, app: Doctor) -> None:
    """Its codes are good for nothing, even once the doctor is back."""
    serial = authenticator.state(portal, app.session.account).serial
    proof.give_up(portal, app.session)

    assert Status.REVOKED is portal.tokens.get(serial).status
    assert authenticator.AppState() == authenticator.state(portal, app.session.account)


def test_an_app_that_the_server_forgot(portal: Portal, app: Doctor) -> None:
    """It is as if there were none, and another can be set up."""
    portal.tokens.remove(authenticator.state(portal, app.session.account).serial)

    assert authenticator.AppState() == authenticator.state(portal, app.session.account)
    assert authenticator.current_code(portal, app.session.account) is None
    assert Why.WRONG_FACTOR is submit(portal, app, "000000")
    app.prove()
    assert authenticator.enrol_start(portal, app.session).serial


def test_an_app_is_no_token_to_add(portal: Portal, app: Doctor) -> None:
    """It opens device management and never signs: the add form knows no such serial."""
    app.prove()
    app.fob.serial = authenticator.state(portal, app.session.account).serial

    outcome = app.add()

    assert not outcome.accepted
    assert devices.NOT_YOURS == outcome.message


def test_the_log_has_no_code(portal: Portal, app: Doctor) -> None:
    """An accepted code is told of by its step."""
    code = shown(portal, app)
    proof.submit_app(portal, app.session, code)

    assert not any(code in entry.facts for entry in auditlog.entries(portal, limit=1000))


def test_there_is_nothing_to_scan_or_confirm_before(portal: Portal, adams: Doctor) -> None:
    """Nor is there a code."""
    adams.prove()
    with pytest.raises(Refusal, match="no QR code"):
        authenticator.scan(portal, adams.session)
    with pytest.raises(Refusal, match="Nothing is being set up"):
        authenticator.enrol_finish(portal, adams.session, "123456")
    assert authenticator.current_code(portal, adams.session.account) is None
