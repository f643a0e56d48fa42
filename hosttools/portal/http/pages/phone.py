"""The practice phone: what reached it, and the authenticator app on it."""

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal.epcs import authenticator, phone
from hosttools.portal.http.views import go_to, page
from hosttools.portal.http.visits import Sent, Visitor

router = APIRouter(prefix="/phone")


@router.get("")
def get_phone(visit: Visitor) -> Response:
    """Show one's own phone, and no other."""
    account = visit.member.account
    return page(
        visit,
        "phone",
        messages=phone.messages(visit.portal, account),
        shown=authenticator.current_code(visit.portal, account),
    )


@router.post("/new")
def post_new(visit: Visitor, sent: Sent) -> Response:
    """Take a new phone, without the app."""
    del sent
    authenticator.lose(visit.portal, visit.member)
    return go_to("/phone")
