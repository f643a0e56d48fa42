"""Log in and out, and who one is."""

from fastapi import APIRouter, Request

from hosttools.portal import sessions
from hosttools.portal.http import schemas
from hosttools.portal.http.desk import AtPortal
from hosttools.portal.http.visits import Caller, client_of

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", status_code=201)
def post_session(portal: AtPortal, request: Request, body: schemas.LogIn) -> schemas.Opened:
    """Log in. What is refused is told as one: unknown name, disabled, or wrong password."""
    token, session = sessions.log_in(portal, body.name, body.password, client=client_of(request))
    return schemas.Opened(token=token, session=session_answer(session))


@router.get("")
def get_session(caller: Caller) -> schemas.SessionAnswer:
    """Tell whose session this is, and until when tokens can be managed in it."""
    return session_answer(caller)


@router.delete("", status_code=204)
def delete_session(portal: AtPortal, caller: Caller) -> None:
    """Log out."""
    sessions.log_out(portal, caller)


def session_answer(session: sessions.Session) -> schemas.SessionAnswer:
    """Return what a session's owner is told of it."""
    return schemas.SessionAnswer(
        account=session.account,
        opened_ns=session.opened_ns,
        proven_until_ns=session.proven_until_ns,
    )
