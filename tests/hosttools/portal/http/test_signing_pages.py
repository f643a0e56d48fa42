"""Prescriptions and signing them, without scripts."""

import pytest

from tests.hosttools.portal.http.surfing import CODES, Seen, Surfer

pytestmark = pytest.mark.anyio

PATIENT = "/patients/mara-ivers"


async def compose(surfer: Surfer, **other: str) -> Seen:
    """Write a prescription."""
    typed = {"drug": "samplodone-5", "quantity": "20", "directions": "One a day", "refills": "0"}
    return await surfer.send(await surfer.open(f"{PATIENT}/compose"), **(typed | other))


async def make_ready(surfer: Surfer) -> Seen:
    """Make all of the patient's prescriptions ready."""
    page = await surfer.open(PATIENT)
    for form in page.forms:
        if form.action.endswith("/ready"):
            page = await surfer.send(page, form.action)
    return page


@pytest.fixture
async def doctor(surfer: Surfer, fob: str) -> Surfer:
    """A doctor with an active token."""
    await surfer.log_in("dr.adams")
    await surfer.authenticate()
    await surfer.add(fob, *CODES[:2])
    return surfer


async def test_several_prescriptions_are_signed_in_one_act(doctor: Surfer) -> None:
    """By the PIN and one code; each then has a record whose signature is valid."""
    await compose(doctor)
    await compose(doctor, drug="demozepam-1", directions="Half a tablet")
    await make_ready(doctor)
    page = await doctor.open("/ready")
    ids = [name.removeprefix("rx-") for name in page.ids if name.startswith("rx-")]
    assert 2 == len(ids)
    page = await doctor.send(
        page, "/ready/sign", prescription=ids, known="pin", secret="2468", code=CODES[2]
    )
    assert "2 prescriptions were signed" in page.text
    record = await doctor.open(next(link for link in page.links if link.endswith("/record")))
    assert "The signature is valid" in record.text


async def test_a_factor_that_is_refused_is_not_named(doctor: Surfer) -> None:
    """Wrong password and wrong code read the same, and neither is shown again."""
    await compose(doctor)
    await make_ready(doctor)
    said = []
    for secret, code in [("not-the-password", CODES[2]), ("practice-doctor", "918273")]:
        page = await doctor.open("/ready")
        rx = next(name for name in page.ids if name.startswith("rx-")).removeprefix("rx-")
        page = await doctor.send(
            page, "/ready/sign", prescription=rx, known="password", secret=secret, code=code
        )
        assert (403, False) == (page.status, secret in page.html or code in page.html)
        said.append(page.text.split("That did not work")[1].split("Mara Ivers")[0])
    assert said[0] == said[1]


async def test_an_edit_clears_ready(doctor: Surfer) -> None:
    """It is gone from the list of what can be signed."""
    await compose(doctor)
    await make_ready(doctor)
    page = await doctor.open(PATIENT)
    edit = next(link for link in page.links if link.startswith("/prescriptions/"))
    page = await doctor.open(edit)
    await doctor.send(page, drug="samplodone-5", quantity="10", directions="One", refills="0")
    assert "No prescription is ready" in (await doctor.open("/ready")).text


async def test_what_is_wrong_with_a_prescription_is_told_at_its_field(doctor: Surfer) -> None:
    """And what was filled in stays."""
    page = await compose(doctor, refills="3", directions="Two a day")
    assert (422, True) == (page.status, 'id="refills-error"' in page.html)
    assert 'value="Two a day"' in page.html
    page = await compose(doctor, quantity="many")
    assert (422, True) == (page.status, 'id="quantity-error"' in page.html)


async def test_staff_prepare_and_do_not_sign(surfer: Surfer) -> None:
    """They name the doctor; what is ready is the doctor's to see."""
    await surfer.log_in("clark")
    page = await compose(surfer, doctor="dr.adams")
    assert (200, PATIENT) == (page.status, page.path)
    assert "For Alice Adams, MD to sign" in page.text
    page = await surfer.open("/ready")
    assert (403, True) == (page.status, "Log in as the doctor" in page.text)


async def test_another_doctors_prescription_is_for_reading(doctor: Surfer, another: Surfer) -> None:
    """There is no way to change it, and none by its address."""
    page = await compose(doctor)
    edit = next(link for link in page.links if link.startswith("/prescriptions/"))
    await another.log_in("dr.baker")
    page = await another.open(PATIENT)
    assert ("For Alice Adams, MD to sign" in page.text, edit in page.links) == (True, False)
    assert not [form for form in page.forms if form.action.startswith(edit)]
    page = await another.open(edit)
    assert (403, True) == (page.status, "another doctor's prescription" in page.text)


async def test_two_people_let_a_doctor_sign(surfer: Surfer) -> None:
    """The administrator nominates whoever is registered."""
    await surfer.log_in("davis")
    page = await surfer.open("/admin/epcs")
    assert "Nina Novak, MD No access" in page.text
    page = await surfer.send(page, "/admin/epcs/dr.baker/revoke")
    assert "Ben Baker, MD No access" in page.text
    page = await surfer.send(page, "/admin/epcs/dr.baker/nominate")
    assert "Ben Baker, MD Nominated" in page.text


async def test_another_doctor_approves_with_two_factors(doctor: Surfer, another: Surfer) -> None:
    """Whom the administrator has nominated."""
    await another.log_in("davis")
    page = await another.send(await another.open("/admin/epcs"), "/admin/epcs/dr.baker/revoke")
    await another.send(page, "/admin/epcs/dr.baker/nominate")
    page = await doctor.open("/admin/epcs")
    page = await doctor.send(
        page, "/admin/epcs/dr.baker/approve", known="password", secret="practice-doctor",
        code=CODES[2],
    )  # fmt: skip
    assert "Ben Baker, MD Active" in page.text
