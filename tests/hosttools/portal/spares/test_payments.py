"""The practice payment service."""

import functools
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from hosttools.errors import StateError
from hosttools.portal import Portal, Refusal, Why, auditlog, open_portal, sessions
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import Session
from hosttools.portal.spares import mailbox, orders, payments
from hosttools.portal.spares.book import Destination, Order
from hosttools.portal.spares.life import OrderStatus
from hosttools.portal.spares.payments import CARDS, Card, Receipt
from hosttools.portal.spares.tables import payment
from hosttools.portal.tables import METADATA
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.spares.conftest import why

EMAIL, ZIP = "office@example.com", "62704"
NUMBER = "4111 1111 1111 1111"
REFUSED = [card for card in Card if card is not Card.APPROVED]


def test_an_approved_card_pays(portal: Portal, doctor: Session, placed: Order) -> None:
    """The receipt has all that a printed one needs."""
    receipt = payments.pay(portal, doctor, placed.id, "approved", f" {EMAIL} ", "62704-1234")

    assert ("Alice Adams, MD", placed.address, placed.total_cents, EMAIL, "62704-1234") == (
        receipt.name, receipt.address, receipt.total_cents,
        receipt.billing_email, receipt.billing_zip,
    )  # fmt: skip
    assert receipt == payments.receipt(portal, doctor, placed.id)
    assert OrderStatus.PAID is orders.find(portal, doctor, placed.id).status


@pytest.mark.parametrize("card", REFUSED)
def test_another_card_can_pay(portal: Portal, doctor: Session, placed: Order, card: Card) -> None:
    """Whatever became of the first one, nothing was taken, and the order can still be paid."""
    with pytest.raises(Refusal) as refused:
        payments.pay(portal, doctor, placed.id, card.value, EMAIL, ZIP)
    assert (Why.DECLINED, CARDS[card]) == (refused.value.code, refused.value.user)
    assert "Nothing was taken" in refused.value.user
    with pytest.raises(Refusal, match="no receipt"):
        payments.receipt(portal, doctor, placed.id)

    assert Card.APPROVED is payments.pay(portal, doctor, placed.id, "approved", EMAIL, ZIP).card


@pytest.mark.parametrize("card", REFUSED)
def test_only_a_card_can_be_declined(
    portal: Portal, doctor: Session, placed: Order, card: Card
) -> None:
    """A service that fails says nothing of the card, and the order stays as it was."""
    with pytest.raises(Refusal):
        payments.pay(portal, doctor, placed.id, card.value, EMAIL, ZIP)

    fails = card in {Card.PROCESSING_ERROR, Card.TIMEOUT}
    assert (OrderStatus.PLACED if fails else OrderStatus.DECLINED) is (
        orders.find(portal, doctor, placed.id).status
    )


@pytest.mark.parametrize("card", Card)
def test_paying_again_takes_nothing(
    portal: Portal, doctor: Session, paid: Order, card: Card
) -> None:
    """A second click gives the receipt of the first, whatever card it comes with."""
    receipt = payments.receipt(portal, doctor, paid.id)
    again = payments.pay(portal, doctor, paid.id, card.value, "other@example.com", "10001")

    assert receipt == again
    with portal.db.read() as at:
        assert 1 == at.execute(select(func.count()).select_from(payment)).scalar_one()


def test_the_database_takes_nothing_twice(portal: Portal, paid: Order) -> None:
    """Not even if the code above it were wrong."""
    row = {
        "order_id": paid.id, "at_ns": 0, "card": "approved", "cents": 1,
        "billing_email": EMAIL, "billing_zip": ZIP, "taken_for": paid.id,
    }  # fmt: skip
    with pytest.raises((IntegrityError, StateError)), portal.db.write() as at:
        at.execute(insert(payment).values(row))


@pytest.mark.parametrize("field", ["card", "email", "zip"])
@pytest.mark.parametrize("number", [NUMBER, NUMBER.replace(" ", ""), NUMBER.replace(" ", "-")])
def test_no_field_takes_a_card_number(
    portal: Portal, doctor: Session, placed: Order, field: str, number: str
) -> None:
    """It is refused, and is in no message, no table and no entry of the log."""
    asked = {"card": "approved", "email": EMAIL, "zip": ZIP, field: number}
    if field == "email":
        asked["email"] = f"{number.replace(' ', '')}@example.com"
    with pytest.raises(Refusal) as refused:
        payments.pay(portal, doctor, placed.id, asked["card"], asked["email"], asked["zip"])

    assert Why.BAD_INPUT is refused.value.code
    assert "1111" not in refused.value.user + refused.value.operator + str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.field in {"card", "billing_email", "billing_zip"}
    assert "11111111" not in everything(portal).replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    "card", ["", "APPROVED", "Card.APPROVED", "approved ", "visa", "\x00", "٤١١"]
)
def test_a_card_is_one_of_the_list(
    portal: Portal, doctor: Session, placed: Order, card: str
) -> None:
    """By its name and nothing like it."""
    with pytest.raises(Refusal, match="no practice card"):
        payments.pay(portal, doctor, placed.id, card, EMAIL, ZIP)
    assert OrderStatus.PLACED is orders.find(portal, doctor, placed.id).status


@pytest.mark.parametrize(
    "email",
    ["", "office", "@example.com", "a@b", "a b@example.com", "a@example..com", "a@-b.com",
     "a@example.com\nBcc: b@example.com", ".a@example.com", f"a@{'x' * 260}.com"],
)  # fmt: skip
def test_a_billing_email_is_one(portal: Portal, doctor: Session, placed: Order, email: str) -> None:
    """What can't be one is told as such."""
    with pytest.raises(Refusal, match="billing e-mail is no e-mail address"):
        payments.pay(portal, doctor, placed.id, "approved", email, ZIP)


@pytest.mark.parametrize(
    "zip_code", ["", "6270", "627044", "62704-12", "62704 1234", "ABCDE", "٦٢٧٠٤"]
)
def test_a_billing_zip_is_one(
    portal: Portal, doctor: Session, placed: Order, zip_code: str
) -> None:
    """Five digits, or five and four."""
    with pytest.raises(Refusal, match="billing zip code is none"):
        payments.pay(portal, doctor, placed.id, "approved", EMAIL, zip_code)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_gets_an_answer(card: str, email: str, zip_code: str) -> None:
    """It is a practice card, an e-mail and a zip, or is refused without being repeated."""
    checks = (
        (payments._card, card),
        (payments._email, email),
        (payments._zip, zip_code),
    )
    assert {None, Why.BAD_INPUT} >= {why(functools.partial(check, text)) for check, text in checks}


def test_attempts_are_limited(portal: Portal, doctor: Session, placed: Order) -> None:
    """Also those that were declined count."""
    for _ in range(payments.MOST_IN_AN_HOUR):
        with pytest.raises(Refusal) as refused:
            payments.pay(portal, doctor, placed.id, "declined", EMAIL, ZIP)
        assert Why.DECLINED is refused.value.code
    with pytest.raises(Refusal) as refused:
        payments.pay(portal, doctor, placed.id, "approved", EMAIL, ZIP)
    assert Why.TOO_MANY is refused.value.code


def test_pays_one_s_own_orders(portal: Portal, other: Session, placed: Order) -> None:
    """Another's is as if it were not there."""
    with pytest.raises(Refusal) as refused:
        payments.pay(portal, other, placed.id, "approved", EMAIL, ZIP)
    assert Why.NOT_FOUND is refused.value.code


def test_a_payment_is_confirmed_by_mail(portal: Portal, doctor: Session, paid: Order) -> None:
    """With a receipt to print."""
    receipt, confirmation = mailbox.messages(portal, doctor)

    assert ["Receipt 1 for order 1", "Order 1 confirmed"] == [receipt.subject, confirmation.subject]
    assert (True, paid.id, False) == (receipt.receipt, receipt.order_id, confirmation.receipt)
    assert "$34.95 were paid with the practice card approved" in receipt.body
    assert "within 3 to 5 business days" in confirmation.body


def test_many_payments_at_once_take_once(url: str, clock: ServerClock) -> None:
    """In two processes, each with several threads: one receipt for all."""
    with (
        open_portal(url, clock=clock, hashing=CHEAP) as one,
        open_portal(url, clock=clock, hashing=CHEAP) as two,
        ThreadPoolExecutor(8) as pool,
    ):
        doctor = sessions.log_in(one, "dr.adams", "practice-doctor")[1]
        order = orders.place(one, doctor, Destination.HOME, "form-0001")
        start = Barrier(8)

        def click(number: int) -> Receipt:
            start.wait()
            where = (one, two)[number % 2]
            return payments.pay(where, doctor, order.id, "approved", EMAIL, f"{number:05}")

        assert 1 == len(set(pool.map(click, range(8))))
        assert ["order paid"] == [
            entry.act for entry in auditlog.entries(one, "order 1") if "paid" in entry.act
        ]
        assert 2 == len(mailbox.messages(one, doctor))


def test_paying_and_cancelling_at_once_agree(url: str, clock: ServerClock) -> None:
    """Whoever was first: the order is cancelled, and what was taken is given back."""
    with (
        open_portal(url, clock=clock, hashing=CHEAP) as one,
        open_portal(url, clock=clock, hashing=CHEAP) as two,
        ThreadPoolExecutor(2) as pool,
    ):
        doctor = sessions.log_in(one, "dr.adams", "practice-doctor")[1]
        for number in range(5):
            order = orders.place(one, doctor, Destination.HOME, f"form-{number:04}")
            start = Barrier(2)

            def pays(order_id: int = order.id, start: Barrier = start) -> object:
                start.wait()
                return payments.pay(one, doctor, order_id, "approved", EMAIL, ZIP)

            def cancels(order_id: int = order.id, start: Barrier = start) -> object:
                start.wait()
                return orders.cancel(two, doctor, order_id)

            refused = list(pool.map(why, (pays, cancels)))
            assert refused in ([None, None], [Why.CONFLICT, None])
            assert OrderStatus.CANCELLED is orders.find(one, doctor, order.id).status
            if refused == [None, None]:
                assert payments.receipt(one, doctor, order.id).refunded_ns is not None


def everything(portal: Portal) -> str:
    """Return all that the portal's own tables hold, as text."""
    with portal.db.read() as at:
        return "\n".join(
            str(list(row))
            for table in METADATA.sorted_tables
            for row in at.execute(select(*(c for c in table.c if c.name not in _RANDOM)))
        )


_RANDOM = frozenset(
    {"digest", "previous", "signature", "password_hash", "pin_hash", "private", "form"}
)
"""What may have any digits."""
