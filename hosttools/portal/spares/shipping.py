"""What the passing of time brings: parcels leave, and parcels arrive.

Whatever looks at orders, mail or the drawer asks :func:`advance` first. Each parcel leaves and
arrives once, on its own day, whoever asks and however late: all of it is one change to the
database. The fob appears on the bench after that; if somebody dies in between, the next one
who asks puts it there.
"""

from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Connection, and_, or_

from emulator.errors import EmulatorError
from hosttools.errors import HostError
from hosttools.portal import auditlog
from hosttools.portal.spares import book, delivery, post
from hosttools.portal.spares.book import Order
from hosttools.portal.spares.life import OrderAct, OrderStatus
from hosttools.portal.spares.post import MailKind
from hosttools.portal.spares.tables import spare_order
from hosttools.portal.spares.workdays import business_day_after, day_of, moment
from hosttools.refserver.intake import record_of_seed

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

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
    due = or_(*_due(now_ns).values())
    moved: tuple[Order, ...] = ()
    with portal.db.read() as at:
        waits = bool(book.select_orders(at, due))
    if waits:
        # Another process may have been first: what is due is read again within the change.
        with portal.db.write() as at:
            moved = _move_all(portal, at, now_ns)
    fill_drawer(portal)
    return moved


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


def _due(now_ns: int) -> dict[OrderAct, ColumnElement[bool]]:
    status = spare_order.c.status
    return {
        OrderAct.SHIP: and_(status == OrderStatus.PAID.value, spare_order.c.ships_ns <= now_ns),
        OrderAct.DELIVER: and_(
            status == OrderStatus.SHIPPED.value, spare_order.c.arrives_ns <= now_ns
        ),
    }


def _move_all(portal: "Portal", at: Connection, now_ns: int) -> tuple[Order, ...]:
    moved: dict[int, Order] = {}
    for act, due in _due(now_ns).items():  # one that is shipped now may have arrived since
        does = {OrderAct.SHIP: _ship, OrderAct.DELIVER: _deliver}[act]
        for order in book.select_orders(at, due):
            moved[order.id] = does(portal, at, order)
    return tuple(moved.values())


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
    # What was revoked on its way is nobody's, and arrives all the same.
    verdict = portal.tokens.assign(order.serial, order.account, order.arrives_ns, WAREHOUSE)
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
        serial=order.serial, assigned=verdict.accepted,
    )  # fmt: skip
    return delivered
