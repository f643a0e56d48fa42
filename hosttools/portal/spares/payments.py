"""The practice payment service, and receipts.

Whoever pays picks a practice card by its name, which says how it ends. There is no field
for a card number: what is no such name is refused before it is looked at any further, and
is neither kept nor logged nor told in the message. No money moves.
"""

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, insert, select, update

from emulator.clock import format_utc
from hosttools.portal import auditlog, limits
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.spares import book, post, shipping
from hosttools.portal.spares.book import Order, money
from hosttools.portal.spares.life import PAID_FOR, OrderAct
from hosttools.portal.spares.post import MailKind
from hosttools.portal.spares.tables import payment

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal
    from hosttools.portal.sessions import Session


class Card(enum.Enum):
    """The practice cards, each with what comes of it."""

    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    WRONG_CVV = "wrong_cvv"
    PROCESSING_ERROR = "processing_error"
    """The service fails; nothing is known of the card."""
    TIMEOUT = "timeout"
    """The service does not answer; nothing is known of the card."""


_NOTHING: Final = "Nothing was taken."
CARDS: Final = {
    Card.APPROVED: "The payment was approved.",
    Card.DECLINED: f"The card was declined. {_NOTHING} Pay with another card.",
    Card.EXPIRED: f"The card has expired. {_NOTHING} Pay with another card.",
    Card.WRONG_CVV: f"The card's security code is wrong. {_NOTHING} Pay with another card.",
    Card.PROCESSING_ERROR: f"The payment could not be processed. {_NOTHING} Try again.",
    Card.TIMEOUT: f"The payment service did not answer in time. {_NOTHING} Try again.",
}
"""What whoever pays reads of each."""

_FAILS: Final = frozenset({Card.PROCESSING_ERROR, Card.TIMEOUT})
MOST_IN_AN_HOUR: Final = 30
_HOUR_S: Final = 3_600

MAX_EMAIL: Final = 254
"""Characters; RFC 5321 section 4.5.3.1.3, less the angle brackets."""
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}",
    re.ASCII,
)
_ZIP: Final = re.compile(r"[0-9]{5}(-[0-9]{4})?", re.ASCII)
_CARD_LIKE: Final = re.compile(r"([0-9][ ._-]?){12,}", re.ASCII)
"""As many digits in a row as a card number has: no address of anybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was paid, for whom, and where it goes; to be printed.

    Attributes:
        number: the payment's number.
        order_id: what it was for.
        at_ns: when it was taken, ns since 1970, UTC.
        name: who ordered.
        address: where the parcel goes.
        items: what was bought, and for how much, US cents.
        shipping_cents: of its way.
        card: the practice card.
        billing_email: where the receipt went.
        billing_zip: of the card.
        refunded_ns: when it was given back; ``None``: it was not.
    """

    number: int
    order_id: int
    at_ns: int
    name: str
    address: str
    items: tuple[tuple[str, int], ...]
    shipping_cents: int
    card: Card
    billing_email: str
    billing_zip: str
    refunded_ns: int | None

    @property
    def total_cents(self) -> int:
        """What was paid, US cents."""
        return sum(cents for _, cents in self.items) + self.shipping_cents

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "number": self.number,
            "order": self.order_id,
            "at": format_utc(self.at_ns),
            "name": self.name,
            "address": self.address,
            "items": [{"what": what, "cents": cents} for what, cents in self.items],
            "shipping_cents": self.shipping_cents,
            "total_cents": self.total_cents,
            "card": self.card.value,
            "billing_email": self.billing_email,
            "billing_zip": self.billing_zip,
            "refunded": None if self.refunded_ns is None else format_utc(self.refunded_ns),
        }


def pay(
    portal: "Portal",
    session: "Session",
    order_id: int,
    card: str,
    billing_email: str,
    billing_zip: str,
) -> Receipt:
    """Pay for one's order; once it is paid, this gives the receipt and takes nothing more.

    Args:
        portal: where.
        session: of whoever ordered.
        order_id: what to pay for.
        card: the name of a practice card, a value of :class:`Card`.
        billing_email: where the receipt goes.
        billing_zip: 5 digits, or 5 and 4.

    Raises:
        Refusal: a field that can't be so, no such order, a cancelled one, too many attempts;
            or the card was not approved, and the order is to be paid still.
    """
    chosen = _card(card)
    email, zip_code = _email(billing_email), _zip(billing_zip)
    name = session.account.name
    with portal.db.write() as at:
        order = book.load(at, order_id, name)
        if order.status in PAID_FOR:
            return _receipt(at, session.account.full_name, order)
        if not order.may(OrderAct.PAY):
            raise Refusal(Why.CONFLICT, f"Order {order.id} is {order.status.value}.")
        limits.take(portal, at, f"pay {name}", most=MOST_IN_AN_HOUR, within_s=_HOUR_S)
        now_ns = portal.clock.now_ns()
        taken = chosen is Card.APPROVED
        at.execute(
            insert(payment).values(
                order_id=order.id,
                at_ns=now_ns,
                card=chosen.value,
                cents=order.total_cents,
                billing_email=email,
                billing_zip=zip_code,
                taken_for=order.id if taken else None,
            )
        )
        auditlog.append(
            portal, at, name, "order paid" if taken else "payment refused", book.subject(order),
            card=chosen.value, cents=order.total_cents,
        )  # fmt: skip
        if taken:
            ships_ns, arrives_ns = shipping.schedule(portal, now_ns)
            order = book.move(at, order, OrderAct.PAY, ships_ns=ships_ns, arrives_ns=arrives_ns)
            taken_in = _receipt(at, session.account.full_name, order)
            _tell(at, order, taken_in)
            return taken_in
        if chosen not in _FAILS:
            book.move(at, order, OrderAct.DECLINE)
    raise Refusal(Why.DECLINED, CARDS[chosen], f"practice card {chosen.value}")


def receipt(portal: "Portal", session: "Session", order_id: int) -> Receipt:
    """Return the receipt of one's order.

    Raises:
        Refusal: no such order, or nothing was paid for it.
    """
    with portal.db.read() as at:
        order = book.load(at, order_id, session.account.name)
        return _receipt(at, session.account.full_name, order)


def refund(at: Connection, order: Order, now_ns: int) -> None:
    """Give back what was paid for an order, as a part of the change that cancels it."""
    given_back = update(payment).where(payment.c.taken_for == order.id)
    at.execute(given_back.values(refunded_ns=now_ns))


def _card(name: str) -> Card:
    try:
        return Card(name)
    except ValueError:
        # Whatever it is, it may be the number of a real card: it is told to nobody.
        raise Refusal(
            Why.BAD_INPUT,
            "That is no practice card. Choose one of"
            f" {', '.join(one.value for one in Card)}; never enter the number of a real card.",
            field="card",
        ) from None


def _email(text: str) -> str:
    email = text.strip()
    if _CARD_LIKE.search(email):
        raise Refusal(
            Why.BAD_INPUT,
            "The billing e-mail has a number in it that could be a card's. Never enter the"
            " number of a real card.",
            field="billing_email",
        )
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
        raise Refusal(
            Why.BAD_INPUT,
            "The billing e-mail is no e-mail address. Enter one such as office@example.com.",
            field="billing_email",
        )
    return email


def _zip(text: str) -> str:
    zip_code = text.strip()
    if not _ZIP.fullmatch(zip_code):
        raise Refusal(
            Why.BAD_INPUT,
            "The billing zip code is none. Enter 5 digits, such as 62701, or 5 and 4, such as"
            " 62701-1234.",
            field="billing_zip",
        )
    return zip_code


def _receipt(at: Connection, name: str, order: Order) -> Receipt:
    row = at.execute(select(payment).where(payment.c.taken_for == order.id)).one_or_none()
    if row is None:
        raise Refusal(Why.NOT_FOUND, f"Nothing was paid for order {order.id}: it has no receipt.")
    return Receipt(
        number=row.id,
        order_id=order.id,
        at_ns=row.at_ns,
        name=name,
        address=order.address,
        items=((book.ITEM, order.price_cents),),
        shipping_cents=order.shipping_cents,
        card=Card(row.card),
        billing_email=row.billing_email,
        billing_zip=row.billing_zip,
        refunded_ns=row.refunded_ns,
    )


def _tell(at: Connection, order: Order, receipt: Receipt) -> None:
    """Write the confirmation, and the receipt beside it."""
    post.about(
        at,
        order,
        MailKind.EMAIL,
        at_ns=receipt.at_ns,
        subject=f"Order {order.id} confirmed",
        body=(
            f"Thank you. Your spare token goes to your {order.destination.value} address,"
            f" {order.address}, within 3 to 5 business days.\n\n"
            "You can cancel the order until it is shipped: Admin, Order a spare token."
        ),
    )
    post.about(
        at,
        order,
        MailKind.EMAIL,
        at_ns=receipt.at_ns,
        subject=f"Receipt {receipt.number} for order {order.id}",
        body=(
            f"{money(receipt.total_cents)} were paid with the practice card"
            f" {receipt.card.value}; no money moved.\n\nSent to {receipt.billing_email}."
        ),
        receipt=True,
    )
