"""The authenticator app: a time token of six digits on the practice phone.

At the server it is a token like any other, with a serial number of its own, and judged by
the same code: no replay, throttled and locked by the same policy. The app computes by the
token model, so that neither side can hide a mistake of the other. Any other app that reads
the QR code will do as well, if the portal goes by the host's clock.

It opens device management and nothing else: it never signs.
"""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from firmware_model.oath import Key, totp
from firmware_model.oath import Secret as TokenSecret
from firmware_model.profile import TokenType
from hosttools.errors import UnknownTokenError
from hosttools.portal import auditlog, limits
from hosttools.portal.accounts import Account
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import guard, tables
from hosttools.portal.epcs.keeping import keeping
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.refserver.record import NS_PER_S, Record, Status
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.otpauth import otpauth_uri
from hosttools.seedfiles.qr import qr_svg

PREFIX: Final = "APP"
"""What the serial numbers of apps begin with; no fob's does."""

ISSUER: Final = "Practice portal"
SECRET_BYTES: Final = 20
"""RFC 4226 section 4 R6 recommends 160 bits."""

MOST: Final = 10
WITHIN_S: Final = 600
"""So many codes of an app are looked at in so many seconds, whatever the policy says; ours."""

CODE_REFUSED: Final = (
    "The code was not accepted. Wait for the next code of the app and enter that one."
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs to become somebody's. Whoever sees it can copy the app.

    Attributes:
        serial: names the app at the server.
        uri: what the picture says.
        svg: the picture.
    """

    serial: str
    uri: str = field(repr=False)
    svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppCode:
    """What the app on the practice phone shows.

    Attributes:
        code: six digits.
        left_ns: how long it is shown from now on.
    """

    code: str = field(repr=False)
    left_ns: int


@dataclass(frozen=True, slots=True)
class AppState:
    """How an account and its app stand.

    Attributes:
        serial: of the app, confirmed or not; empty: there is none.
        confirmed: whether its codes open device management.
        on_phone: whether the practice phone has it.
    """

    serial: str = ""
    confirmed: bool = False
    on_phone: bool = False


def is_app(serial: str) -> bool:
    """Return whether a token of the server is a phone's app: there is no fob of it."""
    return serial.startswith(PREFIX)


def state(portal: Portal, account: Account) -> AppState:
    """Return how an account and its app stand."""
    with portal.db.read() as at:
        return _state(portal, at, account.name)


def enrol_start(portal: Portal, session: Session) -> Enrolment:
    """Make an app for the doctor, in the place of the one before, which is good for nothing now.

    Raises:
        Refusal: device management is not open: else whoever knows the password could
            enrol an app and pass by it.
    """
    now_ns = portal.clock.now_ns()
    with portal.db.write() as at:
        account = guard.proven(portal, at, session, now_ns)
        limits.take(portal, at, f"app-enrol:{account.name}", most=MOST, within_s=WITHIN_S)
        forget(portal, at, account.name, now_ns)
        record = Record(
            serial=PREFIX + portal.draws.digits(12),
            token_type=TokenType.TIME,
            secret=TokenSecret(portal.draws.bytes(SECRET_BYTES)),
            # The server takes its codes from the start; the portal does once one was shown.
            status=Status.ACTIVE,
            holder=account.name,
        )
        portal.tokens.enrol(record, now_ns, account.name)
        at.execute(
            insert(tables.authenticator).values(
                account=account.name, serial=record.serial, confirmed=False, on_phone=False
            )
        )
        auditlog.append(portal, at, account.name, "app enrolled", record.serial)
    return _enrolment(record)


def scan(portal: Portal, session: Session) -> None:
    """Have the practice phone read the QR code on the screen.

    Raises:
        Refusal: no QR code is shown: nothing is being enrolled.
    """
    with portal.db.write() as at:
        account = guard.registered(portal, at, session)
        shown = _state(portal, at, account.name)
        if not shown.serial or shown.confirmed:
            raise Refusal(Why.NOT_FOUND, "There is no QR code to scan. Set the app up again.")
        _set(at, account.name, on_phone=True)


def enrol_finish(portal: Portal, session: Session, code: str) -> AppState:
    """Confirm the app by one code of it.

    Raises:
        Refusal: device management is not open, nothing is being enrolled, or a wrong code.
    """
    now_ns = portal.clock.now_ns()
    with keeping(portal) as at:
        account = guard.proven(portal, at, session, now_ns)
        app = _state(portal, at, account.name)
        if not app.serial or app.confirmed:
            raise Refusal(Why.NOT_FOUND, "Nothing is being set up. Set the app up again.")
        _judge(portal, at, app, account, code, "app confirmed")
        _set(at, account.name, confirmed=True)
        return _state(portal, at, account.name)


def check(portal: Portal, at: Connection, account: Account, code: str) -> None:
    """Take a code of an account's app.

    Args:
        portal: whose tokens.
        at: where attempts are kept; the caller keeps a refusal.
        account: whose app.
        code: as it was typed; spaces do not matter.

    Raises:
        Refusal: it was not accepted, whatever the reason, or there were too many.
    """
    app = _state(portal, at, account.name)
    if not app.confirmed:
        auditlog.append(portal, at, account.name, "app code", account.name, why="no app")
        raise Refusal(Why.WRONG_FACTOR, CODE_REFUSED, f"{account.name} has no app set up")
    _judge(portal, at, app, account, code, "app code")


def current_code(portal: Portal, account: Account) -> AppCode | None:
    """Return what the app on an account's practice phone shows; ``None``: it has no entry."""
    now_ns = portal.clock.now_ns()
    app = state(portal, account)
    if not app.on_phone:
        return None
    record = portal.tokens.get(app.serial)
    step_ns = record.step_s * NS_PER_S
    code = totp(
        Key(record.secret, record.algorithm),
        now_ns // NS_PER_S,
        step_s=record.step_s,
        t0_s=record.t0_s,
        digits=record.digits,
    )
    return AppCode(code, step_ns - (now_ns - record.t0_s * NS_PER_S) % step_ns)


def lose(portal: Portal, session: Session) -> None:
    """Take a new phone without transferring the app: it has no entry any more.

    The server does not know, as no server does.
    """
    with portal.db.write() as at:
        account = guard.doctor(portal, session)
        _set(at, account.name, on_phone=False)


def forget(portal: Portal, at: Connection, account: str, now_ns: int) -> None:
    """Take an account's app out of use, if it has one: its codes are good for nothing."""
    app = _state(portal, at, account)
    if app.serial:
        portal.tokens.revoke(app.serial, now_ns, account)
    at.execute(delete(tables.authenticator).where(_of(account)))


def _state(portal: Portal, at: Connection, account: str) -> AppState:
    row = at.execute(select(tables.authenticator).where(_of(account))).one_or_none()
    if row is None:
        return AppState()
    try:
        portal.tokens.get(row.serial)
    except UnknownTokenError:  # support may make the server forget it
        return AppState()
    return AppState(row.serial, row.confirmed, row.on_phone)


def _set(at: Connection, account: str, **values: bool) -> None:
    at.execute(update(tables.authenticator).where(_of(account)).values(**values))


def _of(account: str) -> ColumnElement[bool]:
    return tables.authenticator.c.account == account


def _judge(
    portal: Portal, at: Connection, app: AppState, account: Account, code: str, act: str
) -> None:
    limits.take(portal, at, f"app-code:{account.name}", most=MOST, within_s=WITHIN_S)
    verdict = portal.tokens.verify(app.serial, "".join(code.split()), portal.clock.now_ns())
    auditlog.append(
        portal, at, account.name, act, app.serial, accepted=verdict.accepted, said=verdict.operator
    )
    if not verdict.accepted:
        raise Refusal(Why.WRONG_FACTOR, CODE_REFUSED, verdict.operator)


def _enrolment(record: Record) -> Enrolment:
    seed = SeedRecord(
        serial=record.serial,
        secret=record.secret,
        token_type=record.token_type,
        manufacturer=ISSUER,
    )
    uri = otpauth_uri(seed)
    return Enrolment(record.serial, uri, qr_svg(uri, sized=False))
