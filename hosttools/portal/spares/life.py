"""The life of an order, as a transition table.

Theory of operation
-------------------

An order is placed, and paid for with a practice card. A card that is declined leaves it
payable, with another card; a payment service that fails leaves it as it was. What is paid
is shipped on the next business day and delivered some days later, by themselves, as the
portal's clock goes on. Until it is shipped it can be cancelled; what was paid is refunded.

A pair of status and act that is not in the table is refused and changes nothing. Delivered
and cancelled are the end.

The diagram in docs/ is drawn from :data:`TABLE`.
"""

import enum
from collections.abc import Mapping
from typing import Final


class OrderStatus(enum.Enum):
    """Where an order is in its life."""

    PLACED = "placed"
    """To be paid."""
    DECLINED = "declined"
    """To be paid, with another card than the last one."""
    PAID = "paid"
    """To be shipped."""
    SHIPPED = "shipped"
    """On its way."""
    DELIVERED = "delivered"
    """In the mail of whoever ordered it."""
    CANCELLED = "cancelled"
    """Not wanted any more; nothing is owed."""


class OrderAct(enum.Enum):
    """What makes an order move in its life."""

    PLACE = "place"
    """Somebody orders."""
    PAY = "pay"
    """A card is approved."""
    DECLINE = "decline"
    """A card is declined."""
    CANCEL = "cancel"
    """Whoever ordered it does not want it any more."""
    SHIP = "ship"
    """The parcel leaves, on its business day."""
    DELIVER = "deliver"
    """The parcel arrives, on its business day."""


_PAYABLE: Final = {
    OrderAct.PAY: OrderStatus.PAID,
    OrderAct.DECLINE: OrderStatus.DECLINED,
    OrderAct.CANCEL: OrderStatus.CANCELLED,
}

TABLE: Final[Mapping[OrderStatus | None, Mapping[OrderAct, OrderStatus]]] = {
    None: {OrderAct.PLACE: OrderStatus.PLACED},
    OrderStatus.PLACED: _PAYABLE,
    OrderStatus.DECLINED: _PAYABLE,
    OrderStatus.PAID: {
        OrderAct.SHIP: OrderStatus.SHIPPED,
        OrderAct.CANCEL: OrderStatus.CANCELLED,
    },
    OrderStatus.SHIPPED: {OrderAct.DELIVER: OrderStatus.DELIVERED},
    OrderStatus.DELIVERED: {},
    OrderStatus.CANCELLED: {},
}
"""Status, act → status. ``None``: there is no order yet."""

PAID_FOR: Final = frozenset({OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.DELIVERED})
"""Where a payment was taken and kept."""
