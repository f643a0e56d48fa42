"""EPCS Device Management as a doctor walks through it, without scripts."""

import pytest

from tests.hosttools.portal.http.surfing import CODES, Surfer

pytestmark = pytest.mark.anyio

HOME = "/admin/epcs/devices"


@pytest.fixture
async def doctor(surfer: Surfer, fob: str) -> Surfer:
    """Somebody who is logged in as the doctor whose fob it is."""
    del fob
    await surfer.log_in("dr.adams")
    return surfer


@pytest.fixture
async def added(doctor: Surfer, fob: str) -> str:
    """Return the serial number of the fob, which the doctor has added."""
    await doctor.authenticate()
    await doctor.add(fob, *CODES[:2])
    return fob


async def test_the_way_leads_from_a_patient_to_device_management(doctor: Surfer) -> None:
    """Patient, Compose Rx, the tab Admin, EPCS User Controls, EPCS Device Management."""
    page = await doctor.open("/patients")
    for step in ("/patients/mara-ivers", "/patients/mara-ivers/compose", "/admin", "/admin/epcs"):
        assert step in page.links
        page = await doctor.open(step)
    assert HOME in page.links
    page = await doctor.open(HOME)
    assert f"{HOME}/authenticate" == page.path


@pytest.mark.parametrize("name", ["clark", "davis", "support"])
@pytest.mark.parametrize("path", ["", "/authenticate", "/add", "/GALH00004226/resync"])
async def test_who_is_no_doctor_is_told(surfer: Surfer, name: str, path: str) -> None:
    """Tokens are managed under the doctor's own login."""
    await surfer.log_in(name)
    page = await surfer.open(HOME + path)
    assert (403, True) == (page.status, "Log in as the doctor" in page.text)


async def test_without_proof_no_form_is_opened(doctor: Surfer) -> None:
    """Whoever goes there directly is asked to authenticate first."""
    page = await doctor.open(f"{HOME}/add")
    assert f"{HOME}/authenticate" == page.path


async def test_a_wrong_code_does_not_open_it(doctor: Surfer) -> None:
    """It is told at the field, and not shown again."""
    page = await doctor.open(f"{HOME}/authenticate")
    page = await doctor.send(page, f"{HOME}/authenticate/send", channel="call")
    assert "Your phone was called." in page.text
    page = await doctor.send(page, f"{HOME}/authenticate", code="918273")
    assert (403, True) == (page.status, "The code was not accepted." in page.text)
    assert 'aria-describedby="code-hint code-error"' in page.html
    assert "918273" not in page.html


async def test_an_app_opens_it_too(doctor: Surfer) -> None:
    """Set up with the QR code on the screen, scanned by the practice phone."""
    await doctor.authenticate()
    page = await doctor.open(f"{HOME}/app")
    page = await doctor.send(page, f"{HOME}/app")
    assert "QR code of the authenticator app" in page.html
    page = await doctor.send(page, f"{HOME}/app/scan")
    assert "QR code" not in page.html
    code = (await doctor.open("/phone")).html.split('class="code-now"')[1].split(">")[1][:6]
    page = await doctor.send(page, f"{HOME}/app/confirm", app_code=code)
    assert "is set up" in page.text


async def test_a_token_is_added(doctor: Surfer, fob: str) -> None:
    """Two codes in a row, and the token is active."""
    page = await doctor.authenticate()
    assert HOME == page.path
    page = await doctor.add(f" {fob[:4].lower()}-{fob[4:]}", *CODES[:2])
    assert (200, True) == (page.status, "Token Status: Active" in page.text)
    page = await doctor.open(HOME)
    assert f"{fob} Active" in page.text


async def test_codes_that_are_wrong_are_refused_without_a_word_why(
    doctor: Surfer, fob: str
) -> None:
    """And never shown again."""
    await doctor.authenticate()
    page = await doctor.add(fob, "918273", "918274")
    assert "The codes were not accepted." in page.text
    assert ("918273" in page.html, "918274" in page.html) == (False, False)
    assert f"{HOME}/add" in page.links


async def test_a_form_is_submitted_once(doctor: Surfer, fob: str) -> None:
    """The second click is the documented error, harmless, and leads to what came of the first."""
    await doctor.authenticate()
    page = await doctor.open(f"{HOME}/add")
    typed = {"serial": fob, "code1": CODES[0], "code2": CODES[1]}
    first = await doctor.send(page, **typed)
    second = await doctor.send(page, **typed)
    assert (409, True) == (second.status, "Submit it only once" in second.text)
    assert first.path in second.links
    assert "Token Status: Active" in (await doctor.open(first.path)).text


async def test_a_form_that_was_not_submitted_has_no_result(doctor: Surfer) -> None:
    """Its result says so."""
    await doctor.authenticate()
    form_id = (await doctor.open(f"{HOME}/add")).form().fields["form_id"]
    assert "not submitted yet" in (await doctor.open(f"{HOME}/add/{form_id}")).text


async def test_cancel_leads_back_to_admin(doctor: Surfer) -> None:
    """From the form that adds a token."""
    await doctor.authenticate()
    assert "/admin" in (await doctor.open(f"{HOME}/add")).links


async def test_a_token_that_is_out_of_step_is_resynced(doctor: Surfer, added: str) -> None:
    """The serial number is shown to be compared, and not asked for."""
    page = await doctor.open(f"{HOME}/{added}/resync")
    assert added in page.text
    assert {"csrf", "form_id", "code1", "code2"} == page.form().names
    page = await doctor.send(page, code1=CODES[7], code2=CODES[8])
    assert "Your token was re-synced. Token Status: Active" in page.text


async def test_a_token_that_was_deactivated_is_out_of_use(doctor: Surfer, added: str) -> None:
    """It is asked once more before; then it stands so in the list."""
    page = await doctor.open(f"{HOME}/{added}/deactivate")
    assert "can never be used again" in page.text
    page = await doctor.send(page)
    assert f"{added} Deactivated" in page.text


async def test_who_gives_up_is_sent_back_to_registration(doctor: Surfer) -> None:
    """And has no EPCS account any more."""
    page = await doctor.open(f"{HOME}/authenticate")
    page = await doctor.send(page, f"{HOME}/authenticate/give-up")
    assert "/register" == page.path
    page = await doctor.open(HOME)
    assert (403, True) == (page.status, "/register" in page.links)
