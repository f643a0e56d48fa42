"""The practice mailbox: e-mails, letters and parcels; receipts to print."""

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.http.desk import Number
from hosttools.portal.http.views import page
from hosttools.portal.http.visits import Visitor
from hosttools.portal.spares import mailbox, payments

router = APIRouter(prefix="/mailbox")


@router.get("")
def get_mailbox(visit: Visitor) -> Response:
    """List what has come."""
    return page(visit, "mailbox", messages=mailbox.messages(visit.portal, visit.member))


@router.get("/{mail_id}")
def get_mail(visit: Visitor, mail_id: Number) -> Response:
    """Show one piece of mail, and the receipt that belongs to it."""
    mail = mailbox.read(visit.portal, visit.member, mail_id)
    receipt = None
    if mail.receipt and mail.order_id is not None:
        receipt = payments.receipt(visit.portal, visit.member, mail.order_id)
    return page(visit, "message", mail=mail, receipt=receipt)
