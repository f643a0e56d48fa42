"""Forms that are submitted once: the first submission has a form, any other is an error.

Whoever double-clicks submits twice, at once or while the first one is still looked at. The
form is used up in the change that judges the codes, so that of any number of submissions
exactly one acts, and what came of it can be read again. A form that nobody submits is good
for as long as the proof before it, and an account has no more than a few of them: whoever
opens one again and again fills no database.
"""

import enum
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from hosttools.portal import auditlog
from hosttools.portal.bugs import Bug
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import guard, tables
from hosttools.portal.epcs.ids import is_id
from hosttools.portal.epcs.proof import OPEN_S
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.refserver.record import NS_PER_S, Status
from hosttools.refserver.verdict import Kind

LIVES_S: Final = OPEN_S
"""How long a form may be filled in, seconds."""
MOST_OPEN: Final = 20
"""Of one account; the oldest make room."""

SUBMITTED_TWICE: Final = (
    "This form was submitted already. Submit it only once, and wait until the token is synced."
)


class Form(enum.Enum):
    """The forms that take two codes."""

    ADD = "add"
    RESYNC = "resync"


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form as it is opened.

    Attributes:
        form_id: goes back with what is filled in; good for one submission.
        form: which.
        serial: of the token that is resynced, to be compared with the back of the fob;
            empty on the add form.
    """

    form_id: str
    form: Form
    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a form.

    Attributes:
        form_id: the form.
        serial: the token's; empty if no token of ours could have the one that was typed.
        accepted: whether the token is in use now.
        status: the token's afterwards; ``None``: the doctor has no such token.
        message: what the doctor reads.
        verdict: why, for the operator; ``None``: nothing was evaluated.
    """

    form_id: str
    serial: str
    accepted: bool
    status: Status | None
    message: str
    verdict: Kind | None


def open_form(
    portal: Portal, at: Connection, account: str, form: Form, serial: str = ""
) -> FormPage:
    """Open a form for an account, and for the token that is resynced."""
    page = FormPage(portal.draws.token(16), form, serial)
    waiting = and_(tables.form.c.account == account, tables.form.c.used_ns.is_(None))
    newest = (
        select(tables.form.c.id)
        .where(waiting)
        .order_by(tables.form.c.opened_ns.desc(), tables.form.c.id)
        .limit(MOST_OPEN - 1)
    )
    over = or_(_too_old(portal), tables.form.c.id.not_in(newest))
    at.execute(delete(tables.form).where(waiting, over))
    at.execute(
        insert(tables.form).values(
            id=page.form_id,
            account=account,
            kind=form.value,
            serial=serial,
            opened_ns=portal.clock.now_ns(),
        )
    )
    return page


def use_up(portal: Portal, at: Connection, account: str, form: Form, form_id: str) -> FormPage:
    """Take a form for the submission that is going on, which is the only one that gets it.

    Raises:
        Refusal: it was submitted already, is too old, or there is no such form of this account.
    """
    at.execute(delete(tables.form).where(tables.form.c.used_ns.is_(None), _too_old(portal)))
    opened = _row(at, account, form_id)
    if opened is None or opened.kind != form.value:
        raise _no_form(account)
    taken = (
        update(tables.form)
        .where(tables.form.c.id == form_id, tables.form.c.used_ns.is_(None))
        .values(used_ns=portal.clock.now_ns())
    )
    again = not at.execute(taken).rowcount
    if again and Bug.DOUBLE_SUBMIT not in portal.bugs:
        auditlog.append(portal, at, account, "form submitted again", opened.serial, form=form.value)
        raise Refusal(
            Why.DOUBLE_SUBMIT, SUBMITTED_TWICE, f"{form.value} form of {account} submitted again"
        )
    return FormPage(form_id, form, opened.serial)


def keep(at: Connection, outcome: Outcome) -> None:
    """Keep what came of a form that was used up."""
    at.execute(
        update(tables.form)
        .where(tables.form.c.id == outcome.form_id)
        .values(
            serial=outcome.serial,
            accepted=outcome.accepted,
            status=None if outcome.status is None else outcome.status.value,
            message=outcome.message,
            verdict=None if outcome.verdict is None else outcome.verdict.value,
        )
    )


def result(portal: Portal, session: Session, form_id: str) -> Outcome | None:
    """Return what came of a form; ``None``: it was not submitted yet.

    Raises:
        Refusal: no doctor, or there is no such form of theirs.
    """
    with portal.db.read() as at:
        account = guard.doctor(portal, session).name
        row = _row(at, account, form_id)
    if row is None:
        raise _no_form(account)
    if row.accepted is None:
        return None
    return Outcome(
        form_id=form_id,
        serial=row.serial,
        accepted=row.accepted,
        status=None if row.status is None else Status(row.status),
        message=row.message,
        verdict=None if row.verdict is None else Kind(row.verdict),
    )


def _too_old(portal: Portal) -> ColumnElement[bool]:
    now_ns, lives_ns = portal.clock.now_ns(), LIVES_S * NS_PER_S
    # A clock may be set back by a moment; from long after now is from another time.
    return ~tables.form.c.opened_ns.between(now_ns - lives_ns + 1, now_ns + lives_ns)


def _row(at: Connection, account: str, form_id: str) -> Row[Any] | None:
    if not is_id(form_id):
        return None
    mine = select(tables.form).where(tables.form.c.id == form_id, tables.form.c.account == account)
    return at.execute(mine).one_or_none()


def _no_form(account: str) -> Refusal:
    return Refusal(
        Why.NOT_FOUND,
        "There is no such form any more: it is good for ten minutes. Go back to Device"
        " Management and open it again.",
        f"a form that {account} never opened, or too long ago",
    )
