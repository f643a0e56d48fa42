"""Pages from templates: everything that is put into one is text, never markup.

The only markup that comes from code is the QR code of an enrolment, as `segno` draws it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emulator.clock import format_utc
from emulator.release import release
from hosttools.portal.accounts import Account, Role
from hosttools.portal.http.statuses import STATUS, wait_headers
from hosttools.portal.http.visits import SessionCookie, Visit
from hosttools.portal.refusals import Refusal
from hosttools.portal.spares.book import money

TEMPLATES: Final = Path(__file__).with_name("templates")

HEADERS: Final = {
    # A page without a referrer sends its forms without an origin, too, and those are refused.
    "referrer-policy": "same-origin",
}


def page(
    visit: Visit,
    template: str,
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    field: str = "",
    **shown: Any,  # noqa: ANN401  # whatever the template shows
) -> Response:
    """Return a page.

    Args:
        visit: whose it is.
        template: its name, without ``.html``.
        status: HTTP status, unless a refusal has its own.
        refusal: what could not be done, told on top of the page.
        field: name of the field that the refusal is about, if it doesn't say so itself.
        shown: what the template shows.
    """
    text = _ENVIRONMENT.get_template(f"{template}.html").render(
        csrf=visit.csrf,
        here=visit.request.url.path,
        now_ns=visit.portal.clock.now_ns(),
        refusal=refusal,
        release=release(),
        session=visit.session,
        account=None if visit.session is None else visit.session.account,
        wrong=(refusal.field or field) if refusal is not None else "",
        **shown,
    )
    headers = HEADERS
    if refusal is not None:
        status, headers = STATUS[refusal.code], {**HEADERS, **wait_headers(refusal)}
    response = HTMLResponse(text, status, headers=headers)
    if visit.session is None and visit.is_new:
        SessionCookie(visit.request, "guest").keep(response, visit.guest)
    return response


def go_to(path: str) -> Response:
    """Lead on to another page, which is asked for anew: a reload of it sends no form again."""
    return RedirectResponse(path, 303, headers=HEADERS)


def moment(time_ns: int) -> str:
    """Return a time as pages show it.

    >>> moment(1_767_225_600_000_000_000)
    '2026-01-01 00:00:00 UTC'
    """
    return f"{format_utc(time_ns)[:19].replace('T', ' ')} UTC"


_MENU: Final[Mapping[Role, tuple[tuple[str, str], ...]]] = {
    Role.DOCTOR: (("/patients", "Patients"), ("/mailbox", "Mailbox"), ("/phone", "Practice phone")),
    Role.STAFF: (("/patients", "Patients"), ("/mailbox", "Mailbox")),
    Role.ADMIN: (("/admin", "Admin"), ("/mailbox", "Mailbox")),
    Role.SUPPORT: (
        ("/support", "Tokens"),
        ("/support/people", "People"),
        ("/support/policy", "Policy and bugs"),
        ("/support/log", "Audit log"),
    ),
}
"""Path and name of what leads the pages, by role."""


def start_of(account: Account) -> str:
    """Return the path of the page that an account begins with."""
    return _MENU[account.role][0][0]


def _menu(account: Account, here: str) -> list[tuple[str, str, str]]:
    """Return path, name and ``aria-current`` of each entry."""
    paths = sorted((path for path, _ in _MENU[account.role]), key=len, reverse=True)
    current = next((p for p in paths if here == p or here.startswith(f"{p}/")), "")
    return [
        (path, name, "" if path != current else "page" if path == here else "true")
        for path, name in _MENU[account.role]
    ]


_TONES: Final = {
    "good": {"active", "signed", "delivered", "paid", "resynced"},
    "warn": {"assigned", "ready", "ordered", "shipped", "nominated", "placed"},
    "bad": {"locked", "revoked", "replaced", "expired", "lost", "declined", "cancelled"},
}


def _tone(status: str) -> str:
    """Return how a status looks; it is always written out too."""
    return next((tone for tone, words in _TONES.items() if status.lower() in words), "")


def _drawn(svg: str) -> Markup:
    """Return a picture of ours as part of a page, without what is for files only."""
    return Markup(svg[svg.index("<svg") :])  # noqa: S704  # drawn by code, of no text of anybody's


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=moment, iso=format_utc, money=money, drawn=_drawn)
    environment.globals.update(main_menu=_menu, tone=_tone)
    return environment


_ENVIRONMENT: Final = _environment()
