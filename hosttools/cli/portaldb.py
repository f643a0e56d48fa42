"""What the commands of ``galh portal`` share: the database, and who opens it."""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

import click
from click.core import ParameterSource

from hosttools.errors import UsageError
from hosttools.portal import Portal, open_portal
from hosttools.refserver.sqlite import MEMORY

F = TypeVar("F", bound=Callable[..., Any])

VARIABLE: Final = "GALH_PORTAL_DB"
OPERATOR: Final = "operator"
"""Who does what is done on the command line."""


def db_option(*, required: bool, default: str | None = MEMORY) -> Callable[[F], F]:
    """Return the option that names the database.

    Args:
        required: whether it must be given.
        default: what it is if it need not and is not.
    """
    where = "  [default: nowhere]" if not required and default == MEMORY else ""
    return click.option(
        "--db",
        required=required,
        default=None if required else default,
        envvar=[VARIABLE],
        metavar="FILE|URL",
        callback=_without_password,
        help=f"The portal's database: an SQLite file or a postgresql:// URL. [env: {VARIABLE}]"
        f"{where}",
    )


def opened(db: str) -> Portal:
    """Open a portal's database that is there.

    Raises:
        UsageError: there is none.
        StateError, BusyError: as of :func:`hosttools.portal.open_portal`.
    """
    return open_portal(db, fill=False, make=False)


def _without_password(
    ctx: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    typed = ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
    if typed and value is not None and _has_password(value):
        raise UsageError(
            "--db with a password: every user of this machine could read it; set"
            f" {VARIABLE} or PGPASSWORD, or use ~/.pgpass"
        )
    return value


def _has_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.scheme and (parts.password or "password" in parse_qs(parts.query)))
    except ValueError:  # whoever opens it tells what is wrong
        return False
