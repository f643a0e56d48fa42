"""Ordering a spare."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import update

from hosttools.portal import Portal, Refusal, Why, auditlog, open_portal, sessions
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import Session
from hosttools.portal.spares import mailbox, orders, payments
from hosttools.portal.spares.book import Destination, Order
from hosttools.portal.spares.life import OrderStatus
from hosttools.portal.tables import account as account_table
from hosttools.refserver.http.clock import ServerClock


def test_quotes_what_it_costs(portal: Portal, doctor: Session) -> None:
    """The items and the way, and both addresses of the account."""
    quote = orders.quote(portal, doctor)

    assert 3495 == quote.total_cents == sum(c for _, c in quote.items) + quote.shipping_cents
    assert {
        Destination.PRACTICE: "12 Elm Street, Springfield, IL 62704",
        Destination.HOME: "11 Oak Lane, Springfield, IL 62704",
    } == quote.addresses


def test_quote_names_what_is_to_be_paid(portal: Portal, doctor: Session, placed: Order) -> None:
    """An order that was left is not forgotten."""
    assert (placed,) == orders.quote(portal, doctor).to_pay


@pytest.mark.parametrize("destination", Destination)
def test_goes_where_it_was_sent(portal: Portal, doctor: Session, destination: Destination) -> None:
    """The address is kept as it was."""
    order = orders.place(portal, doctor, destination, "form-0001")

    assert orders.quote(portal, doctor).addresses[destination] == order.address
    assert (OrderStatus.PLACED, "dr.adams", 3495) == (
        order.status, order.account, order.total_cents,
    )  # fmt: skip
    assert (order,) == orders.of(portal, doctor)


def test_a_double_click_makes_one_order(portal: Portal, doctor: Session, placed: Order) -> None:
    """The same form gives the same order; another one a second."""
    again = orders.place(portal, doctor, Destination.PRACTICE, "form-0001")
    second = orders.place(portal, doctor, Destination.PRACTICE, "form-0002")

    assert placed == again
    assert (second, placed) == orders.of(portal, doctor)


@pytest.mark.usefixtures("placed")
def test_a_form_is_for_one_destination(portal: Portal, doctor: Session) -> None:
    """It can't be sent again for another one."""
    with pytest.raises(Refusal) as refused:
        orders.place(portal, doctor, Destination.HOME, "form-0001")
    assert Why.CONFLICT is refused.value.code


def test_forms_are_an_account_s_own(portal: Portal, other: Session, placed: Order) -> None:
    """Another doctor's key of the same text is another form."""
    assert placed.id != orders.place(portal, other, Destination.PRACTICE, "form-0001").id


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "with space", "form-0001\n", "é" * 10])
def test_a_form_has_a_key(portal: Portal, doctor: Session, key: str) -> None:
    """Letters, digits, hyphens and underscores."""
    with pytest.raises(Refusal) as refused:
        orders.place(portal, doctor, Destination.PRACTICE, key)
    assert Why.BAD_INPUT is refused.value.code


@pytest.mark.parametrize(
    "address", ["", "somewhere", "12 Elm Street, Springfield", "a\x07 IL 62704"]
)
def test_an_address_can_be_sent_to(portal: Portal, address: str) -> None:
    """One that can't is not offered, and is refused."""
    with portal.db.write() as at:
        at.execute(update(account_table).values(home_address=address))
    session = sessions.log_in(portal, "dr.adams", "practice-doctor")[1]

    assert [Destination.PRACTICE] == list(orders.quote(portal, session).addresses)
    with pytest.raises(Refusal, match="no home address"):
        orders.place(portal, session, Destination.HOME, "form-0001")


@pytest.mark.parametrize("name", ["clark", "davis", "support"])
def test_a_doctor_orders(portal: Portal, name: str) -> None:
    """Nobody else has use for a token."""
    password = {"clark": "practice-staff", "davis": "practice-admin", "support": "practice-support"}
    session = sessions.log_in(portal, name, password[name])[1]

    for ask in (
        lambda: orders.quote(portal, session),
        lambda: orders.place(portal, session, Destination.PRACTICE, "form-0001"),
        lambda: orders.cancel(portal, session, 1),
    ):
        with pytest.raises(Refusal) as refused:
            ask()
        assert Why.DOCTORS_ONLY is refused.value.code


def test_orders_are_private(portal: Portal, other: Session, placed: Order) -> None:
    """Another doctor's is as if it were not there."""
    for number in (placed.id, placed.id + 1, 0, -1, 2**63, 10**30):
        for verb in (orders.find, orders.cancel, payments.receipt):
            with pytest.raises(Refusal, match=f"no order {number}") as refused:
                verb(portal, other, number)
            assert Why.NOT_FOUND is refused.value.code
    assert () == orders.of(portal, other)


def test_a_flood_of_orders_is_held_up(portal: Portal, doctor: Session) -> None:
    """So many a day; the same form again counts nothing."""
    for number in range(orders.MOST_IN_A_DAY):
        orders.place(portal, doctor, Destination.PRACTICE, f"form-{number:04}")
        orders.place(portal, doctor, Destination.PRACTICE, "form-0000")
    with pytest.raises(Refusal) as refused:
        orders.place(portal, doctor, Destination.PRACTICE, "form-more")
    assert Why.TOO_MANY is refused.value.code


def test_cancels_what_was_not_paid(portal: Portal, doctor: Session, placed: Order) -> None:
    """There is nothing to give back; again, it changes nothing."""
    first = orders.cancel(portal, doctor, placed.id)
    second = orders.cancel(portal, doctor, placed.id)

    assert OrderStatus.CANCELLED is first.status
    assert first == second
    (told,) = mailbox.messages(portal, doctor)
    assert ("Order 1 cancelled", "Your order 1 is cancelled.", False) == (
        told.subject, told.body, told.receipt,
    )  # fmt: skip


def test_cancels_what_was_paid(portal: Portal, doctor: Session, paid: Order) -> None:
    """The money goes back, and mail and receipt say so."""
    orders.cancel(portal, doctor, paid.id)

    assert portal.clock.now_ns() == payments.receipt(portal, doctor, paid.id).refunded_ns
    assert "$34.95 go back" in mailbox.messages(portal, doctor)[0].body
    with pytest.raises(Refusal, match="is cancelled"):
        payments.pay(portal, doctor, paid.id, "approved", "office@example.com", "62704")


def test_what_is_on_its_way_can_t_be_cancelled(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock
) -> None:
    """From the very moment it is due to leave, whether anybody looked or not."""
    assert paid.ships_ns is not None
    clock.set(paid.ships_ns)
    with pytest.raises(Refusal, match="is shipped") as refused:
        orders.cancel(portal, doctor, paid.id)

    assert Why.CONFLICT is refused.value.code
    assert payments.receipt(portal, doctor, paid.id).refunded_ns is None


def test_the_log_tells_of_it(portal: Portal, doctor: Session, paid: Order) -> None:
    """Who ordered, paid and cancelled; the form's key is in no entry."""
    orders.cancel(portal, doctor, paid.id)
    told = auditlog.entries(portal, "order 1")

    assert ["order placed", "order paid", "order cancelled"] == [entry.act for entry in told]
    assert {"dr.adams"} == {entry.actor for entry in told}
    assert [] == [entry for entry in auditlog.entries(portal, limit=1000) if "form-" in entry.facts]


def test_many_clicks_at_once_make_one_order(url: str, clock: ServerClock) -> None:
    """In two processes, each with several threads."""
    with (
        open_portal(url, clock=clock, hashing=CHEAP) as one,
        open_portal(url, clock=clock, hashing=CHEAP) as two,
        ThreadPoolExecutor(8) as pool,
    ):
        doctor = sessions.log_in(one, "dr.adams", "practice-doctor")[1]
        start = Barrier(8)

        def click(number: int) -> Order:
            start.wait()
            return orders.place((one, two)[number % 2], doctor, Destination.HOME, "form-0001")

        assert 1 == len(set(pool.map(click, range(8))))
        assert 1 == len(orders.of(one, doctor))
