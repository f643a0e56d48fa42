"""Part 7 of the procedure: order a spare, and take the old token out of use."""

import re

import pytest
from playwright.sync_api import expect

from hosttools.portal.spares.payments import CARDS, Card
from tests.hosttools.portal.walk.people import ADAMS, DEVICES, Visitor

# Long: every way there is. The short ones are walked in every run.
pytestmark = pytest.mark.full

NAMES = {card: card.value.replace("_", " ").capitalize() for card in Card} | {
    Card.WRONG_CVV: "Wrong CVV"
}


@pytest.fixture
def paying(doctor: Visitor) -> Visitor:
    """Return a doctor who has placed an order and is to pay for it."""
    doctor.open("/admin")
    doctor.follow("Order a spare token")
    doctor.tick("Practice")
    doctor.press("Continue to payment")
    doctor.is_at("Pay for order 1")
    return doctor


def fill_payment(
    doctor: Visitor,
    card: Card = Card.APPROVED,
    email: str = "office@practice.example",
    zip_code: str = "62704",
) -> None:
    """Fill in how it is paid."""
    doctor.tick(NAMES[card])
    doctor.fill("Billing e-mail", email)
    doctor.fill("Billing zip code", zip_code)


def order(doctor: Visitor) -> None:
    """Order a spare, pay for it, and print the receipt."""
    doctor.open("/admin")
    doctor.follow("Order a spare token")
    doctor.reads("$25.00", "Shipping, 3 to 5 business days", "$34.95")
    doctor.tick("Home")
    doctor.press("Continue to payment")
    fill_payment(doctor)
    doctor.press("Pay Now")
    doctor.is_at("Order 1 confirmed")
    doctor.reads("Your token comes within 3 to 5 business days.", "11 Oak Lane", "$34.95")
    doctor.page.emulate_media(media="print")
    expect(doctor.page.get_by_role("heading", name="Receipt 1")).to_be_visible()
    expect(doctor.page.get_by_role("button", name="Print the receipt")).to_be_hidden()
    doctor.page.emulate_media(media="screen")
    expect(doctor.page.get_by_role("button", name="Print the receipt")).to_be_visible()
    doctor.follow("practice mailbox")
    doctor.follow("Receipt 1 for order 1")
    doctor.reads("no money moved")
    doctor.open("/admin/orders")
    doctor.reads("Order 1 Paid")


def test_a_spare_takes_the_place_of_the_old_token(signer: Visitor) -> None:
    """Ordered, delivered days later and added; then the old one is of no use to anybody."""
    order(signer)
    old = signer.fob(ADAMS)
    old.pass_time(days=10)
    signer.open("/mailbox")
    signer.log_in("dr.adams")
    signer.open("/mailbox")
    parcel = signer.main.get_by_role("link", name=re.compile("^Your token ")).inner_text()
    serial = parcel.removeprefix("Your token ")
    signer.follow(parcel)
    signer.open("/admin/orders")
    signer.reads("Order 1 Delivered", serial)
    spare = signer.fob(serial)
    assert serial == spare.serial_on_the_back()
    signer.authenticate()
    signer.add(serial, spare.pair())
    signer.reads("Token Status: Active", serial)

    signer.follow(DEVICES, signer.main)
    signer.follow(f"Deactivate {ADAMS}")
    signer.reads("A token that was deactivated can never be used again.")
    signer.press("Deactivate")
    signer.reads(f"{ADAMS} Deactivated", f"{serial} Active")
    signer.add(ADAMS, old.pair())
    signer.is_told("This serial number can't be used.")
    signer.open(f"/admin/epcs/devices/{ADAMS}/resync")
    signer.fill_pair(old.pair())
    signer.press("Submit")
    signer.is_told("This token can't be used any more. Contact support.")
    signer.compose("Mara Ivers", "demozepam-1")
    signer.press("Ready to sign")
    signer.sign(old.press())
    signer.is_told("That was not accepted")
    signer.sign(spare.press())
    signer.reads(f"With token {serial}")


def test_cards_that_are_not_approved(paying: Visitor) -> None:
    """Each says how it ended and takes nothing; another one pays."""
    for card in Card:
        if card is not Card.APPROVED:
            fill_payment(paying, card)
            paying.press("Pay Now")
            paying.is_told(CARDS[card])
    fill_payment(paying)
    paying.press("Pay Now")
    paying.is_at("Order 1 confirmed")


def test_what_can_be_wrong_with_a_payment(paying: Visitor) -> None:
    """E-mail and zip are checked; nothing that could be a card's number is taken or shown."""
    for email, zip_code, told, field in [
        ("billing@nowhere", "62704", "The billing e-mail is no e-mail address.", "Billing e-mail"),
        ("a@b.example", "6270", "The billing zip code is none.", "Billing zip code"),
        (
            "4111111111111111@b.example",
            "62704",
            "Never enter the number of a real card.",
            "Billing e-mail",
        ),
    ]:
        fill_payment(paying, email=email, zip_code=zip_code)
        paying.press("Pay Now")
        paying.is_told(told)
        paying.reads_not(email)
        wrong = paying.main.get_by_label(field)
        expect(wrong).to_have_attribute("aria-invalid", "true")
        paying.main.get_by_role("link", name="Go to the field").click()
        expect(wrong).to_be_focused()
    fill_payment(paying)
    paying.press("Pay Now")
    paying.is_at("Order 1 confirmed")


def test_a_double_click_pays_once(paying: Visitor) -> None:
    """It stays one order and one receipt, also when the page is gone back to."""
    fill_payment(paying)
    assert "Submit only once" in paying.press_twice()
    paying.is_at("Order 1 confirmed")
    paying.open("/admin/order/1/pay")
    fill_payment(paying, Card.DECLINED)
    paying.press("Pay Now")
    paying.is_at("Order 1 confirmed")
    paying.open("/mailbox")
    expect(paying.main.get_by_role("link", name=re.compile("^Receipt"))).to_have_count(1)


def test_an_order_is_cancelled_until_it_is_shipped(paying: Visitor) -> None:
    """What was paid goes back."""
    fill_payment(paying)
    paying.press("Pay Now")
    paying.follow("Your orders")
    paying.press("Cancel order")
    paying.reads("Order 1 Cancelled")
    paying.open("/mailbox")
    paying.follow("Order 1 cancelled")
    paying.reads("$34.95 go back to the practice card.")
