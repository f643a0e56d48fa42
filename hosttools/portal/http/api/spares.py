"""Spares: orders, payments with practice cards, and the mailbox."""

from fastapi import APIRouter

from hosttools.portal.http import schemas
from hosttools.portal.http.desk import AtPortal, Number
from hosttools.portal.http.visits import Caller
from hosttools.portal.spares import mailbox, orders, payments
from hosttools.portal.spares.book import Order
from hosttools.portal.spares.post import Mail

router = APIRouter(tags=["spares"])


@router.get("/quote")
def get_quote(portal: AtPortal, caller: Caller) -> orders.Quote:
    """Tell what a spare costs, and where it can be sent."""
    return orders.quote(portal, caller)


@router.get("/orders")
def get_orders(portal: AtPortal, caller: Caller) -> tuple[Order, ...]:
    """List one's orders, newest first."""
    return orders.of(portal, caller)


@router.post("/orders", status_code=201)
def post_order(portal: AtPortal, caller: Caller, body: schemas.NewOrder) -> Order:
    """Place an order; the same one again is the order of the first time."""
    return orders.place(portal, caller, body.destination, body.idempotency)


@router.get("/orders/{order_id}")
def get_order(portal: AtPortal, caller: Caller, order_id: Number) -> Order:
    """Return one of one's orders."""
    return orders.find(portal, caller, order_id)


@router.post("/orders/{order_id}/pay")
def post_pay(
    portal: AtPortal, caller: Caller, order_id: Number, body: schemas.Payment
) -> payments.Receipt:
    """Pay; once it is paid, this gives the receipt and takes nothing more."""
    return payments.pay(
        portal, caller, order_id, body.card.value, body.billing_email, body.billing_zip
    )


@router.get("/orders/{order_id}/receipt")
def get_receipt(portal: AtPortal, caller: Caller, order_id: Number) -> payments.Receipt:
    """Return the receipt of an order that was paid."""
    return payments.receipt(portal, caller, order_id)


@router.post("/orders/{order_id}/cancel")
def post_cancel(portal: AtPortal, caller: Caller, order_id: Number) -> Order:
    """Cancel an order that is not shipped yet; what was paid is refunded."""
    return orders.cancel(portal, caller, order_id)


@router.get("/mailbox")
def get_mailbox(portal: AtPortal, caller: Caller) -> tuple[Mail, ...]:
    """List what came by mail, newest first."""
    return mailbox.messages(portal, caller)


@router.get("/mailbox/{mail_id}")
def get_mail(portal: AtPortal, caller: Caller, mail_id: Number) -> Mail:
    """Open one piece of mail, which is read from now on."""
    return mailbox.read(portal, caller, mail_id)
