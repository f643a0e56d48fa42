"""Order a spare token: where to, Pay Now, and what came of it.

A practice card is picked from a list. No field takes the number of a card.
"""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.http.desk import Number
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Sent, Visit, Visitor, chosen
from hosttools.portal.refusals import Refusal
from hosttools.portal.spares import orders, payments
from hosttools.portal.spares.book import Destination, Order
from hosttools.portal.spares.life import OrderAct

HOME: Final = "/admin/order"

router = APIRouter()


@router.get(HOME)
def get_order(visit: Visitor) -> Response:
    """Tell what a spare costs, and ask where it goes."""
    return _order(visit)


@router.post(HOME)
def post_order(visit: Visitor, sent: Sent) -> Response:
    """Place the order, and go on to paying for it."""
    try:
        order = orders.place(
            visit.portal,
            visit.member,
            chosen(Destination, sent, "destination"),
            sent.get("idempotency", ""),
        )
    except Refusal as refusal:
        return _order(visit, refusal)
    return go_to(_pay_at(order))


@router.get("/admin/orders")
def get_orders(visit: Visitor) -> Response:
    """List one's orders."""
    return page(visit, "orders", orders=_told(orders.of(visit.portal, visit.member)))


@router.post("/admin/orders/{order_id}/cancel")
def post_cancel(visit: Visitor, order_id: Number, sent: Sent) -> Response:
    """Cancel an order that is not shipped yet."""
    del sent
    orders.cancel(visit.portal, visit.member, order_id)
    return go_to("/admin/orders")


@router.get("/admin/order/{order_id}/pay")
def get_pay(visit: Visitor, order_id: Number) -> Response:
    """Ask with which practice card it is paid."""
    return _pay(visit, order_id)


@router.post("/admin/order/{order_id}/pay")
def post_pay(visit: Visitor, order_id: Number, sent: Sent) -> Response:
    """Pay. What was typed as e-mail and zip code is not shown again: it might be anything."""
    try:
        payments.pay(
            visit.portal,
            visit.member,
            order_id,
            sent.get("card", ""),
            sent.get("billing_email", ""),
            sent.get("billing_zip", ""),
        )
    except Refusal as refusal:
        return _pay(visit, order_id, refusal)
    return go_to(f"{HOME}/confirmation/{order_id}")


@router.get("/admin/order/confirmation/{order_id}")
def get_confirmation(visit: Visitor, order_id: Number) -> Response:
    """Confirm the order, with its receipt to print."""
    return page(
        visit,
        "confirmation",
        order=orders.find(visit.portal, visit.member, order_id),
        receipt=payments.receipt(visit.portal, visit.member, order_id),
    )


def _order(visit: Visit, refusal: Refusal | None = None) -> Response:
    quote = orders.quote(visit.portal, visit.member)
    key = visit.portal.draws.token(16)
    return page(visit, "order", refusal=refusal, quote=quote, key=key)


def _pay(visit: Visit, order_id: int, refusal: Refusal | None = None) -> Response:
    order = orders.find(visit.portal, visit.member, order_id)
    return page(visit, "pay", refusal=refusal, order=order, cards=payments.CARDS)


def _pay_at(order: Order) -> str:
    return f"{HOME}/{order.id}/pay"


def _told(found: tuple[Order, ...]) -> list[tuple[Order, bool, bool]]:
    """Return each order, whether it can be paid, and whether it can be cancelled."""
    return [(order, order.may(OrderAct.PAY), order.may(OrderAct.CANCEL)) for order in found]
