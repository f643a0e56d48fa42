"""Part 5 of the procedure: sign controlled substances.

One straight way of it is walked in every run, all others with ``--full``.
"""

import json

import pytest
from playwright.sync_api import expect

from hosttools.cli.main import run
from tests.hosttools.portal.walk.people import ADAMS, BAKER, Practice, Server, Visitor

REFUSED = "That was not accepted: what you know, or the code of your token."


def make_ready(doctor: Visitor, drug: str) -> None:
    """Say that a prescription on the patient's page may be signed."""
    row = doctor.main.get_by_role("listitem").filter(has_text=drug)
    doctor.press("Ready to sign", row)


def test_several_of_one_patient_in_one_act(practice: Practice, signer: Visitor) -> None:
    """Composed by staff and the doctor, made ready by the doctor; an edit clears ready."""
    nurse = practice.somebody("clark")
    nurse.open("/patients/mara-ivers/compose")
    nurse.pick("Doctor who is to sign it", "dr.adams")
    nurse.fill_draft("samplodone-5", refills="2")
    nurse.press("Save")
    nurse.is_told("refills: 2; allowed for schedule II is 0")
    expect(nurse.main.get_by_label("Directions")).to_have_value("One at night")
    nurse.fill("Refills", "0")
    nurse.press("Save")
    nurse.reads("Samplodone 5 mg tablet (C-II) Draft", "For Alice Adams, MD to sign")
    nurse.open("/ready")
    nurse.is_told("Log in as the doctor")

    signer.compose("Mara Ivers", "demozepam-1", refills="2")
    signer.compose("Otto Lund", "pretendol-50")
    make_ready(signer, "Pretendol")
    signer.open("/patients/mara-ivers")
    make_ready(signer, "Demozepam")
    make_ready(signer, "Samplodone")
    signer.follow("Edit Samplodone 5 mg tablet (C-II), 20")
    signer.fill("Quantity", "10")
    signer.press("Save")
    signer.reads("Samplodone 5 mg tablet (C-II) Draft")
    signer.follow("Ready to sign", signer.page.get_by_role("navigation", name="Prescribing"))
    signer.reads_not("Samplodone")
    signer.open("/patients/mara-ivers")
    make_ready(signer, "Samplodone")
    signer.press("Not ready yet", signer.main.get_by_role("listitem").filter(has_text="Samplodone"))
    make_ready(signer, "Samplodone")

    fob = signer.fob(ADAMS)
    signer.open("/ready")
    form = signer.page.locator("form").filter(has_text="Mara Ivers")
    for drug in ("Demozepam", "Samplodone"):
        form.get_by_role("checkbox", name=drug).check()
    signer.fill_factors(fob.press(), within=form)
    signer.press("Sign", form)
    signer.reads("2 prescriptions were signed", f"With token {ADAMS}")
    signer.follow("Samplodone 5 mg, 10")
    signer.is_at("Signed record")
    signer.reads("The signature is valid", "SHA-256", "Ed25519")
    signer.follow("Back to the patient")
    signer.reads("Demozepam 1 mg tablet (C-IV) Signed")
    signer.follow("Signed record Demozepam 1 mg tablet (C-IV), 20")
    signer.reads("The signature is valid")


@pytest.mark.full
def test_what_is_refused_is_not_explained(practice: Practice, signer: Visitor) -> None:
    """Wrong PIN, wrong code and used code read the same; the operator's log says it all."""
    signer.compose("Mara Ivers", "demozepam-1")
    signer.press("Ready to sign")
    fob = signer.fob(ADAMS)
    used = fob.press()
    signer.sign(used)
    signer.compose("Mara Ivers", "pretendol-50")
    signer.press("Ready to sign")
    fresh = fob.press()
    told = []
    for secret, known, code in [
        ("1111", "Signing PIN", fresh),
        ("not-it", "Password", fresh),
        ("2468", "Signing PIN", used),
        ("2468", "Signing PIN", "000000"),
    ]:
        signer.sign(code, secret=secret, known=known)
        signer.is_told(REFUSED)
        told.append(signer.page.get_by_role("alert").inner_text())
        expect(signer.main.get_by_label("One-Time Password")).to_have_value("")
    assert {told[0]} == set(told)
    signer.sign(fresh, secret="practice-doctor", known="Password")
    signer.is_at("Signed")

    support = practice.somebody("support")
    support.open("/support/log")
    support.reads("wrong pin", "wrong password", "replayed code of counter", "invalid: not found")
    support.reads_not(used, fresh)
    support.press("Verify the log")
    support.reads("The log is as it was written")


@pytest.mark.full
def test_nothing_can_be_signed_that_is_not_picked(signer: Visitor) -> None:
    """No code is looked at then: the same one signs a moment later."""
    signer.compose("Mara Ivers", "demozepam-1")
    signer.press("Ready to sign")
    code = signer.fob(ADAMS).press()
    signer.open("/ready")
    signer.fill_factors(code)
    signer.press("Sign")
    signer.is_told("Choose what you sign: one prescription or more, each once.")
    signer.sign(code)
    signer.is_at("Signed")


@pytest.mark.full
def test_who_was_let_in_by_nobody_signs_nothing(practice: Practice) -> None:
    """A doctor without an EPCS account composes, and is told what is missing."""
    doctor = practice.somebody("dr.novak")
    doctor.compose("Pia Quist", "fauxodeine-10")
    doctor.press("Discard")
    doctor.reads("Discarded")
    doctor.open("/ready")
    doctor.is_at("Register first")


@pytest.mark.full
def test_the_log_is_verified_by_a_command(
    practice: Practice, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the database, while it is served."""
    doctor = practice.somebody("dr.baker")
    doctor.compose("Mara Ivers", "demozepam-1")
    doctor.press("Ready to sign")
    doctor.sign(doctor.fob(BAKER).press())
    doctor.reads("1 prescription was signed")
    capsys.readouterr()
    assert 0 == run(["portal", "audit", "verify", "--db", str(server.db), "--json"])
    assert json.loads(capsys.readouterr().out)["ok"]
