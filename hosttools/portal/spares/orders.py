"""Ordering a spare token: what a doctor asks of the portal.

The form's key makes an order come about once, however often it is sent.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert

from hosttools.portal import auditlog, limits
from hosttools.portal.accounts import Role
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.spares import post, shipping
from hosttools.portal.spares.book import (
    ITEM,
    Destination,
    Order,
    load,
    money,
    move,
    select_orders,
    subject,
)
from hosttools.portal.spares.life import PAID_FOR, OrderAct, OrderStatus
from hosttools.portal.spares.payments import refund
from hosttools.portal.spares.post import MailKind
from hosttools.portal.spares.tables import spare_order

if TYPE_CHECKING:
    from hosttools.portal.accounts import Account
    from hosttools.portal.desk import Portal
    from hosttools.portal.sessions import Session

PRICE_CENTS: Final = 2_500
SHIPPING_CENTS: Final = 995
"""Made up, both."""

MOST_IN_A_DAY: Final = 20
_DAY_S: Final = 86_400
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,80}", re.ASCII)
_ADDRESS: Final = re.compile(r".+ [A-Z]{2} [0-9]{5}(-[0-9]{4})?", re.ASCII)
_MAX_ADDRESS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a spare costs, and where it can be sent.

    Attributes:
        items: what is bought, and for how much, US cents.
        shipping_cents: of its way.
        addresses: where it can go; a destination without an address is left out.
        to_pay: orders that were placed and not paid for.
    """

    items: tuple[tuple[str, int], ...]
    shipping_cents: int
    addresses: Mapping[Destination, str]
    to_pay: tuple[Order, ...]

    @property
    def total_cents(self) -> int:
        """What there is to pay, US cents."""
        return sum(cents for _, cents in self.items) + self.shipping_cents

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "items": [{"what": what, "cents": cents} for what, cents in self.items],
            "shipping_cents": self.shipping_cents,
            "total_cents": self.total_cents,
            "addresses": {to.value: address for to, address in self.addresses.items()},
            "to_pay": [order.id for order in self.to_pay],
        }


def quote(portal: "Portal", session: "Session") -> Quote:
    """Tell what a spare costs, and where it can be sent.

    Raises:
        Refusal: not a doctor.
    """
    doctor = _doctor(session)
    addresses = {to: address for to in Destination if (address := _address(doctor, to))}
    mine = spare_order.c.account == doctor.name
    with portal.db.read() as at:
        to_pay = tuple(one for one in select_orders(at, mine) if one.may(OrderAct.PAY))
    return Quote(
        items=((ITEM, PRICE_CENTS),),
        shipping_cents=SHIPPING_CENTS,
        addresses=addresses,
        to_pay=to_pay,
    )


def place(
    portal: "Portal", session: "Session", destination: Destination, idempotency: str
) -> Order:
    """Place an order; the same form again gives the order of the first time.

    Args:
        portal: where.
        session: of the doctor who wants a spare.
        destination: where it goes.
        idempotency: the form's key, 8 to 80 letters, digits, hyphens and underscores.

    Raises:
        Refusal: not a doctor, no such address, a key that can't be or that was used for
            another destination, or too many orders.
    """
    doctor = _doctor(session)
    address = _address(doctor, destination)
    if not address:
        raise Refusal(
            Why.BAD_INPUT,
            f"Your account has no {destination.value} address that ends with a state and a zip"
            " code. Choose the other address, or ask your administrator to complete it.",
            field="destination",
        )
    form = _form(doctor, idempotency)
    with portal.db.write() as at:
        known = select_orders(at, spare_order.c.form == form)
        if known:
            return _same(known[0], destination)
        limits.take(portal, at, f"order {doctor.name}", most=MOST_IN_A_DAY, within_s=_DAY_S)
        at.execute(
            insert(spare_order).values(
                account=doctor.name,
                form=form,
                status=OrderStatus.PLACED.value,
                destination=destination.value,
                address=address,
                price_cents=PRICE_CENTS,
                shipping_cents=SHIPPING_CENTS,
                placed_ns=portal.clock.now_ns(),
                in_drawer=False,
            )
        )
        (order,) = select_orders(at, spare_order.c.form == form)
        auditlog.append(
            portal, at, doctor.name, "order placed", subject(order),
            destination=destination.value, cents=order.total_cents,
        )  # fmt: skip
    return order


def of(portal: "Portal", session: "Session") -> tuple[Order, ...]:
    """Return one's orders, newest first, after whatever is due has come."""
    shipping.advance(portal)
    with portal.db.read() as at:
        return select_orders(at, spare_order.c.account == session.account.name)[::-1]


def find(portal: "Portal", session: "Session", order_id: int) -> Order:
    """Return one of one's orders, after whatever is due has come.

    Raises:
        Refusal: there is none of this number, or it is somebody else's.
    """
    shipping.advance(portal)
    with portal.db.read() as at:
        return load(at, order_id, session.account.name)


def cancel(portal: "Portal", session: "Session", order_id: int) -> Order:
    """Cancel an order that is not shipped yet; what was paid is refunded. Again: nothing.

    Raises:
        Refusal: not a doctor, no such order of theirs, or it is on its way.
    """
    doctor = _doctor(session)
    shipping.advance(portal)
    with portal.db.write() as at:
        now_ns = portal.clock.now_ns()
        order = load(at, order_id, doctor.name)
        if order.status is OrderStatus.CANCELLED:
            return order
        paid = order.status in PAID_FOR
        cancelled = move(at, order, OrderAct.CANCEL, cancelled_ns=now_ns)
        words = f"Your order {order.id} is cancelled."
        if paid:
            refund(at, order, now_ns)
            words += f" {money(order.total_cents)} go back to the practice card."
        post.about(
            at,
            order,
            MailKind.EMAIL,
            at_ns=now_ns,
            subject=f"Order {order.id} cancelled",
            body=words,
            receipt=paid,
        )
        auditlog.append(portal, at, doctor.name, "order cancelled", subject(order), refunded=paid)
    return cancelled


def _doctor(session: "Session") -> "Account":
    if session.account.role is not Role.DOCTOR:
        raise Refusal(
            Why.DOCTORS_ONLY,
            "A token is ordered by the doctor who signs with it. Log in as the doctor.",
            f"{session.account.name} is {session.account.role.value}, no doctor",
        )
    return session.account


def _address(account: "Account", destination: Destination) -> str:
    """Return an address that a parcel can be sent to; empty: there is none."""
    home = destination is Destination.HOME
    text = " ".join((account.home_address if home else account.office_address).split())
    good = len(text) <= _MAX_ADDRESS and text.isprintable() and _ADDRESS.fullmatch(text)
    return text if good else ""


def _form(account: "Account", idempotency: str) -> str:
    """Return what is kept of a form's key: nothing of what it was."""
    if not _KEY.fullmatch(idempotency):
        raise Refusal(
            Why.BAD_INPUT,
            "The order form has no valid key: 8 to 80 letters, digits, hyphens and underscores."
            " Open the order page again.",
            field="idempotency",
        )
    return hashlib.sha256(f"galh order 1 {account.name} {idempotency}".encode()).hexdigest()


def _same(order: Order, destination: Destination) -> Order:
    if order.destination is not destination:
        raise Refusal(
            Why.CONFLICT,
            f"This form was sent before, as order {order.id}, to your"
            f" {order.destination.value} address. Open the order page again for another one.",
        )
    return order
