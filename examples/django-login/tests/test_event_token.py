"""A login with an event token: HOTP, and presses that nobody submitted."""

import pytest
from freezegun import freeze_time

pytestmark = pytest.mark.galh(start="2026-01-05T08:00:00Z")


@pytest.fixture
def device(doctor, galh_token):
    """Give the doctor the token; django-otp tolerates 5 skipped presses."""
    return doctor.hotpdevice_set.create(name=galh_token.serial, key=galh_token.secret_hex)


@pytest.mark.usefixtures("device")
def test_each_code_opens_once(galh_token, sign_in):
    code = galh_token.press()
    assert sign_in(code)
    assert not sign_in(code)


@pytest.mark.usefixtures("device")
def test_wrong_password_spends_no_code(client, galh_token, sign_in):
    code = galh_token.press()
    client.post("/login/", {"username": "doctor", "password": "wrong", "code": code})
    assert sign_in(code)


def test_presses_in_a_pocket_within_the_tolerance(device, galh_token, sign_in):
    galh_token.press_many(device.tolerance)
    assert sign_in(galh_token.fresh_code())
    device.refresh_from_db()
    assert galh_token.counter == device.counter


def test_one_press_too_many(device, galh_token, sign_in):
    galh_token.press_many(device.tolerance + 1)
    assert not sign_in(galh_token.fresh_code())
    device.refresh_from_db()
    assert device.counter == 0


def test_operator_widens_the_tolerance(device, galh_token, sign_in):
    galh_token.press_many(37)
    device.tolerance = 50
    device.save()
    assert sign_in(galh_token.fresh_code())


@freeze_time("2026-01-05 08:00:00")
def test_a_failure_throttles_the_next_try(device, galh_clock, galh_token, sign_in):
    assert not sign_in("000000")
    code = galh_token.press()
    assert not sign_in(code)  # right, but within a second of the failure
    galh_clock.advance(1)
    assert sign_in(code)
    device.refresh_from_db()
    assert device.throttling_failure_count == 0
