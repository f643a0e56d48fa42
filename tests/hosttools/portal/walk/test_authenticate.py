"""Part 3 of the procedure: authenticate, before any token is managed."""

import io
from datetime import datetime

import pyotp
import pytest
import zxingcpp
from PIL import Image

from tests.hosttools.portal.walk.people import ADAMS, BAKER, DEVICES, Practice, Visitor

# Long: every way there is. The short ones are walked in every run.
pytestmark = pytest.mark.full

PHONE_CODE_REFUSED = "The code was not accepted. Enter the newest one within five minutes"
APP_CODE_REFUSED = "The code was not accepted. Wait for the next code of the app"
AUTHENTICATE = "/admin/epcs/devices/authenticate"
MOST_CODES_SENT = 5


def submit(doctor: Visitor, code: str) -> None:
    """Enter the code of a text or a call."""
    doctor.open(AUTHENTICATE)
    doctor.fill("Code", code)
    doctor.press("Submit code")


def submit_app(doctor: Visitor, code: str) -> None:
    """Enter a code of the app."""
    doctor.open(AUTHENTICATE)
    doctor.fill("Authenticator code", code)
    doctor.press("Submit authenticator code")


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_by_phone(doctor: Visitor) -> None:
    """A code of a text or a call opens device management, once, within five minutes, for ten."""
    clock = doctor.fob(ADAMS)
    doctor.go_to_devices()
    doctor.is_at("Authenticate")
    doctor.send_code()
    code = doctor.texted_code()
    submit(doctor, wrong(code))
    doctor.is_told(PHONE_CODE_REFUSED)
    submit(doctor, code)
    doctor.is_at(DEVICES)
    submit(doctor, code)
    doctor.is_told(PHONE_CODE_REFUSED)

    clock.pass_time(minutes=11)
    doctor.open("/admin/epcs/devices")
    doctor.is_at("Authenticate")
    doctor.send_code("Phone call")
    code = doctor.texted_code()
    clock.pass_time(minutes=6)
    submit(doctor, code)
    doctor.is_told(PHONE_CODE_REFUSED)
    doctor.send_code("Phone call")
    submit(doctor, doctor.texted_code())
    doctor.is_at(DEVICES)


def test_a_phone_is_called_so_often_and_not_more(doctor: Visitor) -> None:
    """A newer code takes the place of the older one; after five it takes a while."""
    doctor.open(AUTHENTICATE)
    doctor.send_code()
    older = doctor.texted_code()
    for _ in range(MOST_CODES_SENT - 1):
        doctor.send_code()
    submit(doctor, older)
    doctor.is_told(PHONE_CODE_REFUSED)
    doctor.send_code("Phone call")
    doctor.is_told("Too many attempts. Try again in")
    submit(doctor, doctor.texted_code())
    doctor.is_at(DEVICES)


def test_by_the_app_on_the_practice_phone(doctor: Visitor) -> None:
    """Set up once; each of its codes works once; one who lost the phone sets up another."""
    clock = doctor.fob(ADAMS)
    submit_app(doctor, "123456")
    doctor.is_told(APP_CODE_REFUSED)
    doctor.authenticate()
    doctor.follow("Set up the authenticator app")
    doctor.press("Set up the authenticator app")
    doctor.press("Scan it with the practice phone")
    doctor.fill("Authenticator code", wrong(doctor.app_code()))
    doctor.press("Confirm")
    doctor.is_told(APP_CODE_REFUSED)
    doctor.fill("Authenticator code", doctor.app_code())
    doctor.press("Confirm")
    doctor.reads("is set up")

    clock.pass_time(minutes=11)
    code = doctor.app_code()
    submit_app(doctor, wrong(code))
    doctor.is_told(APP_CODE_REFUSED)
    submit_app(doctor, code)
    doctor.is_at(DEVICES)
    submit_app(doctor, code)
    doctor.is_told(APP_CODE_REFUSED)

    phone = doctor.phone()
    with phone.expect_navigation():
        phone.get_by_role("button", name="Take a new phone").click()
    phone.get_by_text("It has no entry").wait_for()
    doctor.open("/admin/epcs/devices/app")
    doctor.press("Set up a new app")
    doctor.press("Scan it with the practice phone")
    doctor.fill("Authenticator code", doctor.app_code())
    doctor.press("Confirm")
    doctor.reads("is set up")


def test_by_any_app_that_reads_the_picture(doctor: Visitor) -> None:
    """The QR code says what the app needs, to the letter."""
    doctor.authenticate()
    doctor.open("/admin/epcs/devices/app")
    doctor.press("Set up the authenticator app")
    picture = doctor.page.get_by_role("img", name="QR code").screenshot()
    with Image.open(io.BytesIO(picture)) as seen:
        (found,) = zxingcpp.read_barcodes(seen.convert("RGB"))
    app = pyotp.parse_uri(found.text)
    assert isinstance(app, pyotp.TOTP)
    doctor.press("Scan it with the practice phone")
    said = doctor.page.get_by_role("contentinfo").get_by_role("time").get_attribute("datetime")
    now = datetime.fromisoformat(said or "")
    assert app.at(now) == doctor.app_code()
    doctor.fill("Authenticator code", app.at(now))
    doctor.press("Confirm")
    doctor.reads("is set up")


def test_who_cannot_pass_any_more_registers_again(practice: Practice, signer: Visitor) -> None:
    """The EPCS account is lost, and nothing goes on until two people let the doctor in again."""
    signer.open(AUTHENTICATE)
    signer.main.get_by_text("I can't do any of these any more").click()
    signer.look()
    signer.press("Give up my EPCS account")
    signer.is_at("EPCS registration")
    for path in ("/admin/epcs/devices", "/admin/epcs/devices/add"):
        signer.open(path)
        signer.is_at("Register first")
        signer.is_told("You have no EPCS account.")
    register(signer)
    signer.reads("Alice Adams, MD No access")

    admin = practice.somebody("davis")
    admin.open("/admin/epcs")
    admin.press("Nominate Alice Adams, MD")
    admin.reads("Alice Adams, MD Nominated")
    other = practice.somebody("dr.baker")
    fob = other.fob(BAKER)
    other.open("/admin/epcs")
    other.fill_factors(wrong(fob.press()))
    other.press("Approve")
    other.is_told("That was not accepted: what you know, or the code of your token.")
    other.fill_factors(fob.press())
    other.press("Approve")
    other.reads("Alice Adams, MD Active")
    other.press("Revoke access Alice Adams, MD")
    other.reads("Alice Adams, MD No access")


def register(doctor: Visitor) -> None:
    """Register: who the doctor is, then a code by letter and one by phone."""
    doctor.open("/admin/epcs")
    own = doctor.main.get_by_role("listitem").filter(has_text="Alice Adams")
    number = own.inner_text().partition("DEA ")[2][:9]
    doctor.follow("Register")
    doctor.fill("Full name", "Alice Addams")
    doctor.fill("DEA number", number)
    doctor.press("Send my codes")
    doctor.is_told("Your identity could not be checked")
    doctor.fill("Full name", "alice adams")
    doctor.fill("DEA number", number)
    doctor.press("Send my codes")
    doctor.is_at("Enter your codes")
    doctor.fill("Code of the letter", "00000000")
    doctor.fill("Code of the phone", doctor.texted_code())
    doctor.press("Open my EPCS account")
    doctor.is_told("The codes were not accepted.")
    doctor.open("/mailbox")
    doctor.follow("Your EPCS registration")
    letter = doctor.main.inner_text().partition("activation code is ")[2][:8]
    doctor.open("/register/activate")
    doctor.press("Send another code")
    doctor.fill("Code of the letter", letter)
    doctor.fill("Code of the phone", doctor.texted_code())
    doctor.press("Open my EPCS account")
    doctor.is_at("EPCS User Controls")
