"""A doctor's tokens: added and brought back in step by two codes, and taken out of use.

What a token is and what becomes of it stands in the reference server's records, and every
verdict is that server's. Here is whose it is, and what the doctor reads: codes that were
refused read the same whatever was wrong with them, and so do serial numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from firmware_model.errors import IdentifierError
from firmware_model.identifier import identify
from hosttools.errors import RecordError
from hosttools.portal import auditlog
from hosttools.portal.accounts import Account
from hosttools.portal.bugs import Bug
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import authenticator, forms, guard, tables
from hosttools.portal.epcs.forms import Form, FormPage, Outcome
from hosttools.portal.epcs.keeping import keeping
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.portal.spares import shipping
from hosttools.refserver.lifecycle import OUT_OF_USE, aged
from hosttools.refserver.record import Record, Status, serial_of
from hosttools.refserver.verdict import Act, Kind, Verdict

WORDS: Final[Mapping[Status, str]] = {
    Status.ORDERED: "Ordered",
    Status.SHIPPED: "Shipped",
    Status.ASSIGNED: "Not added",
    Status.ACTIVE: "Active",
    Status.LOCKED: "Locked",
    Status.REVOKED: "Deactivated",
    Status.REPLACED: "Replaced",
    Status.EXPIRED: "Expired",
}
"""Statuses in the procedure's words."""

NOT_YOURS: Final = (
    "This serial number can't be used. Compare it with the back of your token, and contact"
    " support if it is right."
)
OUTSIDE_WINDOW: Final = (
    "Your token is outside of the re-activation window. Only support can reset it now."
)
"""What the procedure shows, and an exception to telling nobody why a code was refused.

It tells that neither code was near, to somebody who is logged in as the holder, has just
passed the proof, and has a few such answers before the form is blocked. Without it a doctor
would go on pressing, and the call for support would be without its reason.
"""
RESYNCED: Final = "Your token was re-synced. Token Status: Active"
"""``Token Status: Active`` is what the add form says."""


@dataclass(frozen=True, slots=True)
class Device:
    """A token that a doctor has added.

    Attributes:
        serial: serial number.
        status: where it is in its life.
        added_ns: since when, ns since 1970, UTC.
    """

    serial: str
    status: Status
    added_ns: int

    @property
    def words(self) -> str:
        """The status as the page says it."""
        return WORDS[self.status]


def list_of(portal: Portal, session: Session) -> tuple[Device, ...]:
    """Return the tokens that the doctor has added, the oldest first.

    Raises:
        Refusal: no doctor, or not registered.
    """
    shipping.advance(portal)
    with portal.db.read() as at:
        return of_account(portal, at, guard.registered(portal, at, session).name)


def of_account(portal: Portal, at: Connection, account: str) -> tuple[Device, ...]:
    """Return the tokens that an account has added, the oldest first."""
    rows = at.execute(
        select(tables.device)
        .where(tables.device.c.account == account)
        .order_by(tables.device.c.added_ns, tables.device.c.serial)
    ).all()
    found = ((row, _record(portal, row.serial)) for row in rows)
    return tuple(
        Device(record.serial, record.status, row.added_ns)
        for row, record in found
        # A server may forget a token, and take in another of that name.
        if record is not None and record.holder == account and record.status is not Status.ASSIGNED
    )


def begin(portal: Portal, session: Session, form: Form, serial: str | None = None) -> FormPage:
    """Open the add form, or the resync form of a token.

    Args:
        portal: whose.
        session: the doctor's.
        form: which.
        serial: of the token that is to be resynced; spaces and hyphens do not matter.

    Raises:
        Refusal: device management is not open, or the doctor has no such token.
    """
    shipping.advance(portal)  # a spare that has arrived can be added
    with portal.db.write() as at:
        account = guard.proven(portal, at, session, portal.clock.now_ns())
        known = mine(portal, at, account, serial or "").serial if form is Form.RESYNC else ""
        return forms.open_form(portal, at, account.name, form, known)


def add(
    portal: Portal, session: Session, form_id: str, serial: str, code1: str, code2: str
) -> Outcome:
    """Submit the add form.

    Args:
        portal: whose.
        session: the doctor's.
        form_id: of the form that :func:`begin` opened, which is used up by it.
        serial: from the back of the fob; spaces, hyphens and small letters do not matter.
        code1: One-Time Password 1.
        code2: One-Time Password 2.

    Raises:
        Refusal: device management is not open, or the form was submitted before: then
            nothing changes, and :func:`hosttools.portal.epcs.forms.result` has the result.
    """
    with keeping(portal) as at:
        now_ns = portal.clock.now_ns()
        account = guard.proven(portal, at, session, now_ns)
        forms.use_up(portal, at, account.name, Form.ADD, form_id)
        record, reason = _assigned(portal, account, serial)
        if record is None:
            return _not_yours(portal, at, account, Form.ADD, form_id, serial, reason)
        verdict = portal.tokens.sync(record.serial, code1, code2, now_ns)
        if verdict.accepted:
            at.execute(delete(tables.device).where(tables.device.c.serial == record.serial))
            at.execute(
                insert(tables.device).values(
                    serial=record.serial, account=account.name, added_ns=now_ns
                )
            )
        return _done(portal, at, account, form_id, verdict)


def resync(
    portal: Portal, session: Session, form_id: str, serial: str, code1: str, code2: str
) -> Outcome:
    """Submit the resync form; see :func:`add`. The serial is the one that the form shows."""
    with keeping(portal) as at:
        now_ns = portal.clock.now_ns()
        account = guard.proven(portal, at, session, now_ns)
        page = forms.use_up(portal, at, account.name, Form.RESYNC, form_id)
        if _normalised(serial) != page.serial:
            reason = f"the form is for {page.serial}"
            return _not_yours(portal, at, account, Form.RESYNC, form_id, serial, reason)
        # The form may be old: support can have given the token to somebody else since.
        if page.serial not in {own.serial for own in of_account(portal, at, account.name)}:
            reason = f"{page.serial} is not {account.name}'s any more"
            return _not_yours(portal, at, account, Form.RESYNC, form_id, serial, reason)
        verdict = portal.tokens.resync(page.serial, code1, code2, now_ns)
        return _done(portal, at, account, form_id, verdict)


def deactivate(portal: Portal, session: Session, serial: str) -> Device:
    """Take a token out of use: it can never be used again, by nobody.

    Raises:
        Refusal: device management is not open, or the doctor has no such token.
    """
    with portal.db.write() as at:
        now_ns = portal.clock.now_ns()
        account = guard.proven(portal, at, session, now_ns)
        device = mine(portal, at, account, serial)
        verdict = portal.tokens.revoke(device.serial, now_ns, account.name)
        auditlog.append(
            portal, at, account.name, "device deactivate", device.serial, said=verdict.operator
        )
        return Device(device.serial, verdict.status, device.added_ns)


def mine(portal: Portal, at: Connection, account: Account, serial: str) -> Device:
    """Return a token that an account has added, by its serial as people type it.

    Raises:
        Refusal: it has added no such one.
    """
    wanted = _normalised(serial)
    for device in of_account(portal, at, account.name):
        if device.serial == wanted:
            return device
    raise Refusal(Why.NOT_FOUND, NOT_YOURS, f"{account.name} has added no such token")


def _assigned(portal: Portal, account: Account, serial: str) -> tuple[Record | None, str]:
    """Return the record of a fob that is the doctor's, or why there is none."""
    record = _record(portal, serial)
    if record is None:
        return None, "no token with this serial number is known"
    if authenticator.is_app(record.serial):
        return None, f"{record.serial} is an app"
    if record.holder != account.name:
        return None, f"{record.serial} is {record.holder or 'nobody'}'s"
    if record.status in OUT_OF_USE:
        return None, f"{record.serial} is {record.status.value}"
    return record, ""


def _record(portal: Portal, serial: str) -> Record | None:
    try:
        return aged(portal.tokens.get(serial), portal.clock.now_ns())
    except RecordError:
        return None


def _normalised(serial: str) -> str:
    try:
        return serial_of(serial)
    except RecordError:
        return ""


def _shown(serial: str) -> str:
    """Return a serial as the log may have it; empty if it may be a code in the wrong field."""
    try:
        return identify(serial)[0]
    except IdentifierError:
        return ""


def _not_yours(
    portal: Portal,
    at: Connection,
    account: Account,
    form: Form,
    form_id: str,
    serial: str,
    reason: str,
) -> Outcome:
    outcome = Outcome(
        form_id=form_id,
        serial=_shown(serial),
        accepted=False,
        status=None,
        message=NOT_YOURS,
        verdict=None,
    )
    forms.keep(at, outcome)
    auditlog.append(
        portal,
        at,
        account.name,
        f"device {_ACTS[form].value}",
        outcome.serial,
        accepted=False,
        said=reason,
    )
    return outcome


_ACTS: Final = {Form.ADD: Act.SYNC, Form.RESYNC: Act.RESYNC}


def _done(
    portal: Portal, at: Connection, account: Account, form_id: str, verdict: Verdict
) -> Outcome:
    outcome = Outcome(
        form_id=form_id,
        serial=verdict.serial,
        accepted=verdict.accepted,
        status=verdict.status,
        message=_message(portal, verdict),
        verdict=verdict.kind,
    )
    forms.keep(at, outcome)
    auditlog.append(
        portal,
        at,
        account.name,
        f"device {verdict.act.value}",
        verdict.serial,
        accepted=verdict.accepted,
        said=verdict.operator,
    )
    return outcome


def _message(portal: Portal, verdict: Verdict) -> str:
    if Bug.SAYS_WHY in portal.bugs and not verdict.accepted:
        return verdict.operator
    if verdict.kind is Kind.RESYNCED:
        return RESYNCED
    if verdict.kind is Kind.OUTSIDE_WINDOW and verdict.act is Act.RESYNC:
        return OUTSIDE_WINDOW
    return verdict.user
