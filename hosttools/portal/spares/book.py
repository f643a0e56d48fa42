"""Orders as they are kept: read, and moved along the table of their life.

Nothing in here asks who is logged in: that is for the verbs in :mod:`.orders`,
:mod:`.payments` and :mod:`.shipping`.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, select, update

from emulator.clock import format_utc
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.spares.life import TABLE, OrderAct, OrderStatus
from hosttools.portal.spares.tables import is_id, spare_order

ITEM: Final = "Hardware token GALH"
"""What is sold."""


class Destination(enum.Enum):
    """Where a spare is sent."""

    PRACTICE = "practice"
    HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of a spare token.

    Attributes:
        id: its number.
        account: whose it is.
        status: where it is in its life.
        destination: where it goes.
        address: the address, as it was when it was ordered.
        price_cents: of the token, US cents.
        shipping_cents: of its way.
        placed_ns: when it was placed, ns since 1970, UTC, as all times here.
        ships_ns: when the parcel leaves; ``None``: it is not paid for.
        arrives_ns: when the parcel arrives; likewise.
        cancelled_ns: when it was cancelled; ``None``: it was not.
        serial: the token's serial number; empty until it is shipped.
        in_drawer: whether the bench has the fob.
    """

    id: int
    account: str
    status: OrderStatus
    destination: Destination
    address: str
    price_cents: int
    shipping_cents: int
    placed_ns: int
    ships_ns: int | None
    arrives_ns: int | None
    cancelled_ns: int | None
    serial: str
    in_drawer: bool

    @property
    def total_cents(self) -> int:
        """What there is to pay, US cents."""
        return self.price_cents + self.shipping_cents

    def may(self, act: OrderAct) -> bool:
        """Return whether the table has an act for it."""
        return act in TABLE[self.status]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "id": self.id,
            "account": self.account,
            "status": self.status.value,
            "destination": self.destination.value,
            "address": self.address,
            "price_cents": self.price_cents,
            "shipping_cents": self.shipping_cents,
            "total_cents": self.total_cents,
            "placed": format_utc(self.placed_ns),
            "ships": _time(self.ships_ns),
            "arrives": _time(self.arrives_ns),
            "cancelled": _time(self.cancelled_ns),
            "serial": self.serial or None,
            "possible": [act.value for act in TABLE[self.status]],
        }


def load(at: Connection, order_id: int, account: str | None = None) -> Order:
    """Return an order.

    Args:
        at: the change, or the reading.
        order_id: its number.
        account: whose it has to be; ``None``: anybody's.

    Raises:
        Refusal: there is none, or it is somebody else's; nobody is told which.
    """
    owned = () if account is None else (spare_order.c.account == account,)
    found = select_orders(at, spare_order.c.id == order_id, *owned) if is_id(order_id) else ()
    if not found:
        raise Refusal(Why.NOT_FOUND, f"There is no order {order_id} here.")
    return found[0]


def select_orders(at: Connection, *wanted: ColumnElement[bool]) -> tuple[Order, ...]:
    """Return the orders of which all of this is true, oldest first."""
    rows = at.execute(select(*_COLUMNS).where(*wanted).order_by(spare_order.c.id))
    return tuple(_order(row) for row in rows)


def move(at: Connection, order: Order, act: OrderAct, **changed: object) -> Order:
    """Move an order along the table, and keep what else is changed by that.

    Args:
        at: the change that it is a part of.
        order: as it was read in the same change.
        act: what is done.
        changed: columns, and what they are from now on.

    Raises:
        Refusal: the table does not have it.
    """
    to = TABLE[order.status].get(act)
    if to is None:
        raise Refusal(
            Why.CONFLICT,
            f"Order {order.id} is {order.status.value}: it can't be {_DONE[act]} any more.",
        )
    change(at, order.id, status=to.value, **changed)
    return load(at, order.id)


def change(at: Connection, order_id: int, **changed: object) -> None:
    """Keep what is changed of an order."""
    at.execute(update(spare_order).where(spare_order.c.id == order_id).values(**changed))


def subject(order: Order) -> str:
    """Return what an order is called in the log."""
    return f"order {order.id}"


def money(cents: int) -> str:
    """Return an amount as people read it.

    >>> money(123450)
    '$1,234.50'
    """
    return f"${cents // 100:,}.{cents % 100:02d}"


_COLUMNS: Final = tuple(column for column in spare_order.c if column.name != "form")
_DONE: Final[Mapping[OrderAct, str]] = {
    OrderAct.PLACE: "placed",
    OrderAct.PAY: "paid for",
    OrderAct.DECLINE: "paid for",
    OrderAct.CANCEL: "cancelled",
    OrderAct.SHIP: "shipped",
    OrderAct.DELIVER: "delivered",
}


def _order(row: Row[Any]) -> Order:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    return Order(
        **values
        | {
            "status": OrderStatus(values["status"]),
            "destination": Destination(values["destination"]),
            "serial": values["serial"] or "",
        }
    )


def _time(at_ns: int | None) -> str | None:
    return None if at_ns is None else format_utc(at_ns)
