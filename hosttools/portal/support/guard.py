"""Who may sit at the support desk, and that they say why."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hosttools.errors import ConflictError, RecordError, UnknownTokenError
from hosttools.portal.accounts import Account, Role
from hosttools.portal.auditlog import MAX_TEXT
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session

_MIN_REASON: Final = 3


def operator(session: Session) -> Account:
    """Return who is logged in, if it is the support desk.

    Raises:
        Refusal: it is not.
    """
    account = session.account
    if account.role is not Role.SUPPORT:
        raise Refusal(
            Why.NOT_ALLOWED,
            "This is for the support desk. Ask it, if you need help.",
            f"{account.name} is {account.role.value}; only support may",
        )
    return account


def reasoned(reason: str) -> str:
    """Return a reason as the log keeps it.

    Raises:
        Refusal: it says nothing, or too much.
    """
    text = " ".join(reason.split())
    if not _MIN_REASON <= len(text) <= MAX_TEXT or not text.isprintable():
        raise Refusal(
            Why.BAD_INPUT,
            f"A reason of {len(text)} characters; say in {_MIN_REASON} to {MAX_TEXT} why you do"
            " it. It is kept in the log.",
            field="reason",
        )
    return text


@contextmanager
def refusing() -> Iterator[None]:
    """Say what the token server raises as a refusal.

    Raises:
        Refusal: no such token, a serial number that can't be, or what it is does not allow it.
    """
    try:
        yield
    except UnknownTokenError as e:
        raise Refusal(Why.NOT_FOUND, str(e)) from None
    except ConflictError as e:
        raise Refusal(Why.CONFLICT, str(e)) from None
    except RecordError as e:
        raise Refusal(Why.BAD_INPUT, str(e)) from None
