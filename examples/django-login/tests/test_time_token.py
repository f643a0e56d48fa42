"""A login with a time token: TOTP, and a crystal that runs fast. Time is frozen throughout."""

import pytest
from freezegun import freeze_time

SECOND_A_DAY_PPM = 11.6
START = "2026-01-05 08:00:00"

pytestmark = pytest.mark.galh(profile="GALT", ppm=SECOND_A_DAY_PPM)


@pytest.fixture
def device(doctor, galh_token):
    """Give the doctor the token; django-otp tolerates a step either way, and learns a drift."""
    return doctor.totpdevice_set.create(name=galh_token.serial, key=galh_token.secret_hex)


@pytest.mark.usefixtures("device")
@freeze_time(START)
def test_each_code_opens_once(galh_token, galh_clock, sign_in):
    code = galh_token.press()
    assert sign_in(code)
    assert not sign_in(code)
    galh_clock.advance(60)
    assert sign_in(galh_token.press())


@pytest.mark.usefixtures("device")
def test_a_code_goes_stale(galh_token, sign_in):
    with freeze_time(START) as frozen:
        code = galh_token.press()
        frozen.tick(90)
        assert not galh_token.lit
        assert not sign_in(code)


@freeze_time(START)
def test_who_signs_in_every_month_never_notices_the_drift(device, galh_clock, galh_token, sign_in):
    for _ in range(24):
        galh_clock.advance(days=30)
        assert sign_in(galh_token.press())
    device.refresh_from_db()
    assert galh_token.clock_offset_s > 600
    assert device.drift > 20


@pytest.mark.usefixtures("device")
@freeze_time(START)
def test_after_half_a_year_in_a_drawer(galh_clock, galh_token, sign_in):
    assert sign_in(galh_token.press())
    galh_clock.advance(days=180)
    assert galh_token.clock_offset_s > 60
    assert not sign_in(galh_token.press())
