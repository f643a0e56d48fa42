"""Part 6 of the procedure: out of sync, and back.

One straight way of it is walked in every run, all others with ``--full``.
"""

import pytest

from tests.hosttools.portal.walk.people import ADAMS, PASSWORDS, Practice, Visitor

REFUSED = "That was not accepted"
RESYNCED = "Your token was re-synced. Token Status: Active"
OUTSIDE = "Your token is outside of the re-activation window. Only support can reset it now."
WINDOW = 100
"""Of the policy after Exostar, whose lock comes after five refused codes."""
LOCK = 5


@pytest.fixture
def support(practice: Practice) -> Visitor:
    """Return the support desk, with tokens treated much as Exostar's."""
    support = practice.somebody("support")
    support.open("/support/policy")
    support.tick("exostar-like")
    support.fill("Reason to change the policy", "practice")
    support.press("Use this policy")
    support.reads("In use: exostar-like.")
    return support


@pytest.fixture
def ready(support: Visitor, signer: Visitor) -> Visitor:
    """Return a doctor with a token, something to sign, and such a support desk."""
    del support
    signer.compose("Mara Ivers", "demozepam-1")
    signer.press("Ready to sign")
    return signer


def back_after_pressing(doctor: Visitor) -> None:
    """Log in again if the session is over: presses in a pocket take their time."""
    doctor.open("/login")
    if doctor.path == "/login":
        doctor.log_in("dr.adams")


@pytest.mark.full
def test_a_few_presses_too_many_are_forgiven(ready: Visitor) -> None:
    """Within the look-ahead nobody notices."""
    fob = ready.fob(ADAMS)
    fob.pocket(10)
    ready.sign(fob.press())
    ready.is_at("Signed")


def test_out_of_sync_and_re_synced(ready: Visitor) -> None:
    """An error, a resync by two codes beside the serial to be compared, and all is well."""
    fob = ready.fob(ADAMS)
    fob.pocket(30)
    back_after_pressing(ready)
    ready.sign(fob.press())
    ready.is_told(REFUSED)
    ready.is_told("your token may be out of sync: resync it.")
    ready.authenticate()
    ready.follow(f"Resync Token {ADAMS}")
    ready.reads("Compare the serial number below", fob.serial_on_the_back())
    one, _ = fob.pair()
    ready.fill_pair((one, one))
    ready.press("Submit")
    ready.is_told("Both codes are the same.")
    ready.resync(fob)
    ready.is_at("Token synced")
    ready.reads(RESYNCED)
    ready.sign(fob.press())
    ready.is_at("Signed")


@pytest.mark.full
def test_outside_of_the_window_only_support_helps(support: Visitor, ready: Visitor) -> None:
    """Support sees the exact distance, and resets by two codes that are read out."""
    fob = ready.fob(ADAMS)
    fob.pocket(WINDOW + 30)
    back_after_pressing(ready)
    ready.resync(fob)
    ready.is_told(OUTSIDE)
    support.log_in("support", PASSWORDS["support"])
    support.open(f"/support/tokens/{ADAMS}")
    support.reads(f"{WINDOW + 30} presses ahead: only a reset brings it back")
    support.main.get_by_text("Reset", exact=True).click()
    support.look()
    support.fill_pair(fob.pair())
    support.fill("Reason to reset", "called, and read two codes out")
    support.press("Reset")
    support.reads("in step", "reset by an operator")
    ready.sign(fob.press())
    ready.is_at("Signed")


@pytest.mark.full
def test_a_locked_token_is_unlocked_by_a_resync(ready: Visitor) -> None:
    """After repeated failures; no code signs until then."""
    fob = ready.fob(ADAMS)
    for _ in range(LOCK):
        ready.sign("000000")
        ready.is_told(REFUSED)
    code = fob.press()
    ready.sign(code)
    ready.is_told("Your token is locked. Resync it, or contact support.")
    ready.authenticate()
    ready.reads(f"{ADAMS} Locked")
    ready.resync(fob)
    ready.reads(RESYNCED)
    ready.sign(fob.press())
    ready.is_at("Signed")
