"""Who asks: by a browser's cookie or a program's bearer token; and whether a form is ours.

A cookie comes along whatever page sends a request; so a cookie that changes something needs
proof that our own page asked for it, in the form or in a header. A bearer token is that proof.
The token itself is the portal's, and only its digest is kept there.
"""

import enum
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import Response

from emulator.http.problems import Problem
from hosttools.portal import sessions
from hosttools.portal.desk import Portal
from hosttools.portal.http.desk import PortalDesk, desk_of
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
MOST_FIELDS: Final = 100
MOST_TYPED: Final = 10_000
"""Characters in one field; what a field may be is for the verbs to say."""

_NUMBER: Final = re.compile("[0-9]{1,15}", re.ASCII)

FORM_TYPE: Final = "application/x-www-form-urlencoded"

E = TypeVar("E", bound=enum.Enum)

Fields = ImmutableMultiDict[str, str]


class LogInFirst(Exception):  # noqa: N818  # not an error: it leads to the log-in page
    """Nobody is logged in, or nobody any more."""

    def __init__(self, *, ended: bool) -> None:
        super().__init__("log in first")
        self.ended = ended


class NotOurForm(Exception):  # noqa: N818  # the same
    """A form without the proof that our page sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who may be logged in.

    Attributes:
        request: the request.
        desk: what it is about.
        session: whose it is; ``None``: nobody's.
        guest: what the forms of somebody who is not logged in are proved with.
        is_new: whether the guest's browser has yet to be told.
    """

    request: Request
    desk: PortalDesk
    session: Session | None
    guest: str = field(repr=False)
    is_new: bool

    @property
    def portal(self) -> Portal:
        """The portal."""
        return self.desk.portal

    @property
    def csrf(self) -> str:
        """What a form of this visit has to carry."""
        return self.session.csrf if self.session is not None else _proof(self.guest)

    @property
    def member(self) -> Session:
        """The session of somebody who is logged in.

        Raises:
            LogInFirst: there is none.
        """
        if self.session is None:
            raise LogInFirst(ended=SessionCookie(self.request).value is not None)
        return self.session


def client_of(request: Request) -> str:
    """Return the address that a request came from, by which log-ins are counted."""
    return request.client.host if request.client is not None else ""


class SessionCookie:
    """The cookie of a session: no script reads it, and no other site sends it.

    Cookies don't know ports: so its name has ours, and two portals on a machine don't log each
    other's doctors out.

    Args:
        request: the request that it comes with.
        kind: ``session``, or ``guest``.
    """

    def __init__(self, request: Request, kind: str = "session") -> None:
        self._secure = request.url.scheme == "https"
        prefix = "__Host-" if self._secure else ""
        self._name = f"{prefix}galh-portal-{kind}-{request.url.port or 0}"
        self.value = request.cookies.get(self._name)

    def keep(self, response: Response, value: str) -> None:
        """Have the browser keep it until it closes; the portal may end it before."""
        response.set_cookie(
            self._name, value, path="/", secure=self._secure, httponly=True, samesite="strict"
        )

    def forget(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self._name, path="/", secure=self._secure, httponly=True, samesite="strict"
        )


def _proof(guest: str) -> str:
    # Not the cookie itself: no script can read that, and none should off the page.
    return hashlib.sha256(b"galh guest form 1 " + guest.encode("utf-8", "replace")).hexdigest()


def visit_of(request: Request) -> Visit:
    """Return whose visit a request is; it is looked up once."""
    known: Visit | None = getattr(request.state, "visit", None)
    if known is None:
        known = request.state.visit = _visit(request)
    return known


def _visit(request: Request) -> Visit:
    desk = desk_of(request)
    cookie = SessionCookie(request).value
    guest = SessionCookie(request, "guest").value
    return Visit(
        request=request,
        desk=desk,
        session=sessions.find(desk.portal, cookie) if cookie else None,
        guest=guest or secrets.token_urlsafe(),
        is_new=guest is None,
    )


AnyVisit = Annotated[Visit, Depends(visit_of)]
"""A page's parameter: who asks, logged in or not."""


def _member(visit: AnyVisit) -> Visit:
    assert visit.member is not None  # noqa: S101  # it raises LogInFirst
    return visit


Visitor = Annotated[Visit, Depends(_member)]
"""A page's parameter: somebody who is logged in."""


async def _sent(request: Request, visit: AnyVisit) -> Fields:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise Problem(415, f"a form is sent as {FORM_TYPE}")
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except ValueError:  # too many, or not of this type after all; never quoted, it may be secret
        raise Problem(422, "this is no form of ours") from None
    if any(len(value) > MOST_TYPED for _, value in pairs):
        raise Problem(422, f"a field takes up to {MOST_TYPED} characters")
    sent = ImmutableMultiDict(pairs)
    check_csrf(visit.csrf, sent.get(CSRF_FIELD))
    return sent


def check_csrf(expected: str, given: str | None) -> None:
    """Check that our page sent something, in the same time whatever was given.

    Raises:
        NotOurForm: it did not.
    """
    if given is None or not hmac.compare_digest(expected.encode(), given.encode()):
        raise NotOurForm


Sent = Annotated[Fields, Depends(_sent)]
"""A page's parameter: the fields of a form of ours."""


def chosen(kinds: type[E], sent: Fields, name: str) -> E:
    """Return what was picked from a list of a form.

    Raises:
        Refusal: none of them; what it was is told to nobody.
    """
    try:
        return kinds(sent.get(name, ""))
    except ValueError:
        allowed = ", ".join(str(one.value) for one in kinds)
        raise Refusal(Why.BAD_INPUT, f"{name}: pick one of {allowed}") from None


def number(sent: Fields, name: str) -> int:
    """Return a whole number of a form.

    Raises:
        Refusal: none, or a larger one than anybody means.
    """
    text = sent.get(name, "").strip()
    if not _NUMBER.fullmatch(text):
        raise Refusal(Why.BAD_INPUT, f"{name}: a whole number is needed", field=name)
    return int(text)


_bearer: Final = HTTPBearer(
    auto_error=False, scheme_name="bearer", description="What `POST /api/v1/session` gave."
)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def _caller(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Session:
    portal = desk_of(request).portal
    if bearer is not None:
        return sessions.require(portal, bearer.credentials)
    session = sessions.require(portal, SessionCookie(request).value)
    if request.method not in _SAFE:
        check_csrf(session.csrf, request.headers.get(CSRF_HEADER))
    return session


Caller = Annotated[Session, Depends(_caller)]
"""A parameter of the API: the session of whoever asks."""
