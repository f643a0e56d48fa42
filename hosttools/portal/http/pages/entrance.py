"""Log in, log out, where one begins, and what this server is."""

from fastapi import APIRouter
from starlette.responses import Response

from hosttools.portal import practice, sessions
from hosttools.portal.http.views import go_to, page, start_of
from hosttools.portal.http.visits import AnyVisit, Sent, SessionCookie, Visit, Visitor, client_of
from hosttools.portal.refusals import Refusal

router = APIRouter()


@router.get("/")
def get_start(visit: Visitor) -> Response:
    """Lead to where this role begins."""
    return go_to(start_of(visit.member.account))


@router.get("/login")
def get_login(visit: AnyVisit) -> Response:
    """Show the log-in form."""
    return go_to("/") if visit.session is not None else _login(visit)


@router.post("/login")
def post_login(visit: AnyVisit, sent: Sent) -> Response:
    """Log in. Nothing of what was typed is shown again."""
    try:
        token, _ = sessions.log_in(
            visit.portal,
            sent.get("name", ""),
            sent.get("password", ""),
            client=client_of(visit.request),
            former=SessionCookie(visit.request).value or "",
        )
    except Refusal as refusal:
        return _login(visit, refusal)
    answer = go_to("/")
    SessionCookie(visit.request).keep(answer, token)
    return answer


@router.post("/logout")
def post_logout(visit: Visitor, sent: Sent) -> Response:
    """Log out."""
    del sent
    sessions.log_out(visit.portal, visit.member)
    answer = go_to("/login")
    SessionCookie(visit.request).forget(answer)
    return answer


@router.get("/about")
def get_about(visit: AnyVisit) -> Response:
    """Say what this server is."""
    return page(visit, "about")


def _login(visit: Visit, refusal: Refusal | None = None) -> Response:
    shown = practice.PEOPLE if visit.portal.practice else ()
    return page(visit, "login", refusal=refusal, people=shown)
