"""Order a spare, pay with a practice card, and read the mail, without scripts."""

import pytest

from hosttools.portal.spares.payments import CARDS, Card
from tests.hosttools.portal.http.surfing import Seen, Surfer

pytestmark = pytest.mark.anyio

BILLING = {"billing_email": "office@practice.example", "billing_zip": "62704"}


@pytest.fixture
async def to_pay(surfer: Surfer) -> Seen:
    """Return the page on which an order is to be paid."""
    await surfer.log_in("dr.adams")
    page = await surfer.open("/admin")
    assert "/admin/order" == page.links[-2]  # at the bottom, above the foot of every page
    return await surfer.send(await surfer.open("/admin/order"), destination="home")


async def test_an_approved_card_leads_to_a_receipt(surfer: Surfer, to_pay: Seen) -> None:
    """It is confirmed, and in the mailbox."""
    page = await surfer.send(to_pay, card="approved", **BILLING)
    assert (200, True) == (page.status, "Thank you for your order" in page.text)
    page = await surfer.open("/mailbox")
    assert "Receipt 1 for order 1" in page.text
    receipt = next(link for link in page.links if link.startswith("/mailbox/"))
    assert "office@practice.example" in (await surfer.open(receipt)).text


@pytest.mark.parametrize("card", [card for card in Card if card is not Card.APPROVED])
async def test_any_other_card_says_how_it_ended(surfer: Surfer, to_pay: Seen, card: Card) -> None:
    """Nothing was taken, and another one can be tried on the same page."""
    page = await surfer.send(to_pay, card=card.value, **BILLING)
    assert (402, True) == (page.status, CARDS[card] in page.text)
    page = await surfer.send(page, card="approved", **BILLING)
    assert "Thank you for your order" in page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("billing_zip", "627"),
        ("billing_zip", "4111111111111111"),
        ("billing_email", "nobody"),
        ("billing_email", "4111111111111111@practice.example"),
    ],
)
async def test_a_field_that_is_wrong_is_told_and_not_shown_again(
    surfer: Surfer, to_pay: Seen, field: str, value: str
) -> None:
    """It might be anything, the number of a card too."""
    page = await surfer.send(to_pay, **(BILLING | {"card": "approved", field: value}))
    assert (422, True) == (page.status, f'id="{field}-error"' in page.html)
    assert f'value="{value}"' not in page.html


async def test_no_field_could_take_the_number_of_a_card(surfer: Surfer, to_pay: Seen) -> None:
    """A card is picked; what is no practice card is refused without being told again."""
    assert {"csrf", "card", "billing_email", "billing_zip"} == to_pay.form().names
    assert 'autocomplete="cc-' not in to_pay.html
    page = await surfer.send(to_pay, card="4111111111111111", **BILLING)
    assert (422, False) == (page.status, "4111111111111111" in page.html)


async def test_one_form_is_one_order(surfer: Surfer) -> None:
    """However often it is sent."""
    await surfer.log_in("dr.adams")
    page = await surfer.open("/admin/order")
    first = await surfer.send(page, destination="practice")
    again = await surfer.send(page, destination="practice")
    assert first.path == again.path


async def test_an_order_can_be_cancelled(surfer: Surfer, to_pay: Seen) -> None:
    """Until it is shipped."""
    del to_pay
    page = await surfer.send(await surfer.open("/admin/orders"), "/admin/orders/1/cancel")
    assert "Order 1 Cancelled" in page.text


@pytest.mark.parametrize(
    "path", ["/admin/order/99/pay", "/mailbox/99", "/mailbox/x", f"/mailbox/{10**40}"]
)
async def test_what_is_not_there_is_a_page_too(surfer: Surfer, path: str) -> None:
    """Whatever stands in the address."""
    await surfer.log_in("dr.adams")
    page = await surfer.open(path)
    assert (404, True) == (page.status, "Practice and test server." in page.text)
