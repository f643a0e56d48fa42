"""What the passing of time brings: parcels leave, and parcels arrive.

Whatever looks at orders, mail or the drawer asks :func:`advance` first. Each parcel leaves and
arrives once, on its own day, whoever asks and however late: all of it is one change to the
database. The fob appears on the bench after that; if somebody dies in between, the next one
who asks puts it there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Connection

from emulator.errors import EmulatorError
from hosttools.errors import HostError, UnknownTokenError
from hosttools.portal import auditlog
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.spares import book, delivery, post
from hosttools.portal.spares.book import Order
from hosttools.portal.spares.life import OrderAct, OrderStatus
from hosttools.portal.spares.post import MailKind
from hosttools.portal.spares.tables import spare_order
from hosttools.portal.spares.workdays import business_day_after, day_of, moment
from hosttools.refserver import Record
from hosttools.refserver.intake import record_of_seed

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal
    from hosttools.portal.sessions import Session

SHIPS_AFTER: Final = 1
ARRIVES_AFTER: Final = (3, 4, 5)
"""Business days after the payment; the second is drawn once for each order."""
PACKED_HOUR, SHIPPED_HOUR, DELIVERED_HOUR = 12, 21, 17
"""Of the day, UTC."""
WAREHOUSE: Final = "warehouse"
"""Who does it, for the histories of tokens."""
_HOUR_NS: Final = 3_600 * 10**9


def schedule(portal: "Portal", paid_ns: int) -> tuple[int, int]:
    """Draw when a parcel leaves and when it arrives.

    Args:
        portal: whose draws.
        paid_ns: when it was paid for, ns since 1970, UTC.

    Returns:
        Both, ns since 1970, UTC.
    """
    days = ARRIVES_AFTER[int(portal.draws.digits(6)) % len(ARRIVES_AFTER)]
    paid = day_of(paid_ns)
    return (
        moment(business_day_after(paid, SHIPS_AFTER), SHIPPED_HOUR),
        moment(business_day_after(paid, days), DELIVERED_HOUR),
    )


def advance(portal: "Portal") -> tuple[Order, ...]:
    """Have all leave and arrive that is due by the portal's clock, and fill the drawer.

    Not to be called within a change: the drawer must not have what is then not kept.

    Returns:
        The orders that moved, as they are now.
    """
    now_ns = portal.clock.now_ns()
    moved: dict[int, Order] = {}
    with portal.db.read() as at:
        waits = any(_due(at, step, now_ns) for step in _STEPS)
    if waits:
        # Another process may have been first: what is due is read again within the change.
        with portal.db.write() as at:
            for step in _STEPS:  # what leaves only now may have arrived since
                moved |= {
                    order.id: step.move(portal, at, order) for order in _due(at, step, now_ns)
                }
    fill_drawer(portal)
    return tuple(moved.values())


def fill_drawer(portal: "Portal") -> None:
    """Put fobs that were delivered where fobs lie, if there is such a place.

    A fob is put there again if nobody knows that it was: a drawer takes one only once. One
    that the drawer can't take now is for the next time.
    """
    drawer = portal.drawer
    if drawer is None:
        return
    arrived = (
        spare_order.c.status == OrderStatus.DELIVERED.value,
        spare_order.c.in_drawer.is_(False),
    )
    with portal.db.read() as at:
        waiting = book.select_orders(at, *arrived)
    for order in waiting:
        try:
            fob = delivery.fob_of(portal.tokens.get(order.serial))
            drawer.put(fob, f"Spare token of order {order.id}, for {order.account}")
        except (HostError, EmulatorError):
            continue
        with portal.db.write() as at:
            book.change(at, order.id, in_drawer=True)


def unpack(portal: "Portal", session: "Session", order_id: int) -> Record:
    """Take a fob out of its parcel, with its secret: where there is no bench to lay it on.

    For practice accounts alone, whoever ordered it, and once: nobody copies a fob.

    Args:
        portal: where.
        session: of whoever ordered it.
        order_id: the order.

    Returns:
        What a programmer would have written into it.

    Raises:
        Refusal: no such order of theirs, it has not arrived, it was taken out before, lies on
            the bench, or this is no practice portal.
    """
    advance(portal)
    if not portal.practice:
        raise Refusal(Why.NOT_ALLOWED, "A fob has its secret, and tells nobody.")
    with portal.db.write() as at:
        order = book.load(at, order_id, session.account.name)
        if order.status is not OrderStatus.DELIVERED:
            raise Refusal(Why.CONFLICT, f"Order {order.id} has not arrived.")
        # With a bench it is going there, if it does not lie there yet: there is one of it.
        if order.in_drawer or portal.drawer is not None:
            raise Refusal(Why.CONFLICT, "Its parcel is empty: the fob was taken out before.")
        record = portal.tokens.get(order.serial)
        book.change(at, order.id, in_drawer=True)
        auditlog.append(
            portal, at, session.account.name, "fob taken out", book.subject(order),
            serial=record.serial,
        )  # fmt: skip
    return record


def _ship(portal: "Portal", at: Connection, order: Order) -> Order:
    assert order.ships_ns is not None  # noqa: S101  # what is paid for has its days
    key = delivery.transport_key(portal, at)
    name = f"order-{order.id}.pskc.xml"
    file = delivery.packed(delivery.new_token(portal), key)
    record = record_of_seed(delivery.unpacked(file, name, key))
    packed_ns = order.ships_ns - (SHIPPED_HOUR - PACKED_HOUR) * _HOUR_NS
    portal.tokens.order(record, packed_ns, WAREHOUSE)
    portal.tokens.ship(record.serial, order.ships_ns, WAREHOUSE)
    shipped = book.move(at, order, OrderAct.SHIP, serial=record.serial)
    post.about(
        at,
        order,
        MailKind.EMAIL,
        at_ns=order.ships_ns,
        subject=f"Order {order.id} shipped",
        body=(
            f"Your spare token {record.serial} is on its way to {order.address}.\n\n"
            "When it is there, press its button and add it: Admin, EPCS User Controls, EPCS"
            " Device Management, Add Token."
        ),
    )
    auditlog.append(
        portal, at, WAREHOUSE, "order shipped", book.subject(order),
        serial=record.serial, file=name, bytes=len(file),
    )  # fmt: skip
    return shipped


def _deliver(portal: "Portal", at: Connection, order: Order) -> Order:
    assert order.arrives_ns is not None  # noqa: S101  # as in _ship
    # What was revoked or forgotten on its way is nobody's, and arrives all the same.
    try:
        verdict = portal.tokens.assign(order.serial, order.account, order.arrives_ns, WAREHOUSE)
        assigned = verdict.accepted
    except UnknownTokenError:
        assigned = False
    delivered = book.move(at, order, OrderAct.DELIVER)
    post.about(
        at,
        order,
        MailKind.PARCEL,
        at_ns=order.arrives_ns,
        subject=f"Your token {order.serial}",
        body=(
            f"A token with the serial number {order.serial} on its back.\n\n"
            "Add it with two codes: Admin, EPCS User Controls, EPCS Device Management, Add"
            " Token. A token that it replaces can be deactivated there, and can then never be"
            " used again."
        ),
    )
    auditlog.append(
        portal, at, WAREHOUSE, "order delivered", book.subject(order),
        serial=order.serial, assigned=assigned,
    )  # fmt: skip
    return delivered


@dataclass(frozen=True, slots=True)
class _Step:
    """What happens to orders of a status when a moment of theirs has come."""

    status: OrderStatus
    moment_ns: ColumnElement[int | None]
    move: Callable[["Portal", Connection, Order], Order]


_STEPS: Final = (
    _Step(OrderStatus.PAID, spare_order.c.ships_ns, _ship),
    _Step(OrderStatus.SHIPPED, spare_order.c.arrives_ns, _deliver),
)


def _due(at: Connection, step: _Step, now_ns: int) -> tuple[Order, ...]:
    ours = spare_order.c.status == step.status.value
    return book.select_orders(at, ours, step.moment_ns <= now_ns)
