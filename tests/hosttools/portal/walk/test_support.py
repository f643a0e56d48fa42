"""Part 8 of the procedure: the support desk."""

import pytest
from playwright.sync_api import expect

from tests.hosttools.portal.walk.people import ADAMS, ADAMS_TIMED, BAKER, Practice, Visitor

# Long: every way there is. The short ones are walked in every run.
pytestmark = pytest.mark.full


@pytest.fixture
def support(practice: Practice) -> Visitor:
    """Return the support desk."""
    return practice.somebody("support")


def act(support: Visitor, name: str, **fields: str) -> None:
    """Do something to the token of the page, for a reason."""
    support.main.get_by_text(name, exact=True).click()
    support.look()
    for label, text in fields.items():
        support.fill(label.replace("_", " "), text)
    support.fill(f"Reason to {name.lower()}", "the holder called")
    support.press(f"{name} ")


def test_a_token_is_found_and_told(support: Visitor, signer: Visitor) -> None:
    """Its exact distance before and after a code that came too late, and its history."""
    signer.compose("Mara Ivers", "demozepam-1")
    signer.press("Ready to sign")
    fob = signer.fob(ADAMS)
    fob.pocket(25)
    signer.sign(fob.press())
    signer.is_told("That was not accepted")

    support.open("/support")
    support.fill("Serial number or account", "galh 0000-0042")
    support.press("Find")
    support.follow(ADAMS)
    support.is_at(f"Token {ADAMS}")
    support.reads("25 presses ahead: a resync brings it back", "1 code, 0 pairs in a row")
    support.reads("out of sync: 25 presses ahead, inside the resync window")
    support.follow("Tokens", support.page.get_by_role("navigation", name="Main"))
    support.fill("Serial number or account", "nobody-at-all")
    support.press("Find")
    support.reads("No token was found.")


def test_a_locked_token_is_unlocked(support: Visitor, signer: Visitor) -> None:
    """By an operator too."""
    signer.compose("Mara Ivers", "demozepam-1")
    signer.press("Ready to sign")
    for _ in range(10):
        signer.sign("000000")
    signer.sign("000000")
    signer.is_told("Your token is locked.")
    support.open(f"/support/tokens/{ADAMS}")
    act(support, "Unlock")
    support.reads("unlocked by an operator, active")
    signer.sign(signer.fob(ADAMS).press())
    signer.is_at("Signed")


def test_a_token_is_replaced_and_another_one_revoked(support: Visitor, signer: Visitor) -> None:
    """Neither can ever be used again, and the pages say what took their place."""
    support.open(f"/support/tokens/{ADAMS}")
    act(support, "Replace", Serial_number_of_the_new_token="GALH99999999")
    support.is_told("GALH99999999")
    act(support, "Replace", Serial_number_of_the_new_token=ADAMS_TIMED)
    support.reads("Replaced by", ADAMS_TIMED)
    signer.authenticate()
    signer.reads(f"{ADAMS} Replaced")
    support.open(f"/support/tokens/{BAKER}")
    act(support, "Revoke")
    support.reads("Nothing: a token that is revoked stays so.")
    support.open("/support?find=dr.baker")
    support.reads("revoked")


def test_people_their_orders_and_their_mail(support: Visitor, doctor: Visitor) -> None:
    """Mail is seen from outside, and sent again for a reason."""
    doctor.open("/admin/order")
    doctor.tick("Home")
    doctor.press("Continue to payment")
    doctor.tick("Approved")
    doctor.fill("Billing e-mail", "office@practice.example")
    doctor.fill("Billing zip code", "62704-1234")
    doctor.press("Pay Now")

    support.follow("People")
    support.follow("Alice Adams, MD")
    support.reads("Order 1 paid", "Receipt 1 for order 1 unread")
    row = support.main.get_by_role("listitem").filter(has_text="Receipt 1")
    row.get_by_role("textbox").fill("it was lost")
    support.press("Send again", row)
    doctor.open("/mailbox")
    doctor.follow("Sent again: Receipt 1 for order 1")


def test_policies_are_switched_live(support: Visitor, signer: Visitor) -> None:
    """From the next code on: what one policy forgives, another one does not."""
    signer.compose("Mara Ivers", "demozepam-1")
    signer.press("Ready to sign")
    fob = signer.fob(ADAMS)
    support.open("/support/policy")
    support.tick("google-authenticator")
    support.fill("Reason to change the policy", "to see the difference")
    support.press("Use this policy")
    support.reads("In use: google-authenticator.")
    expect(fob.card).to_contain_text("look-ahead 2")
    fob.pocket(5)
    signer.sign(fob.press())
    signer.is_told("That was not accepted")
    support.open("/support/policy")
    support.tick("default")
    support.fill("Reason to change the policy", "and back")
    support.press("Use this policy")
    signer.sign(fob.press())
    signer.is_at("Signed")


def test_the_log_is_verified(support: Visitor) -> None:
    """It is as it was written, and says what support itself did."""
    support.follow("Audit log")
    support.press("Verify the log")
    support.reads("The log is as it was written", "login")


def test_it_is_for_support_only(practice: Practice) -> None:
    """Everybody else is told."""
    visitor = practice.somebody("davis")
    for path in ("", "/people", "/policy", "/log", f"/tokens/{ADAMS}"):
        visitor.open(f"/support{path}")
        visitor.is_told("This is for the support desk.")
