"""``--server NAME:TARGET``: which adapter is meant, and opening it.

The table is static: an adapter is imported when it is asked for, and what it needs only
then. Whether the server may be tested is asked before anything is sent: of a place that
the target names, before the adapter is opened; else right after, since opening one that
reads its place from a file sends nothing.
"""

import enum
import importlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from hosttools.calibration.prompts import Answer, Prompt
from hosttools.errors import UsageError
from hosttools.servers.described.tables import nearest
from hosttools.servers.safety import check_host, guard
from hosttools.servers.seam import Server

Ask = Callable[[Prompt], Answer | None]
"""Shows a prompt to a person, and returns what was typed."""


class Place(enum.Enum):
    """What a target says of the server's place; settings may follow after a comma."""

    NONE = "none"
    URL = "url"
    HOST = "host:port"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A row of the table.

    Attributes:
        opens: module and function.
        usage: how it is written.
        title: what it is.
        extra: what is installed for it besides; empty: nothing.
        place: what the target begins with, if it says where the server is.
        runs_code: whether its target is run here: only who types the command may choose it.
        asks: whether a person is asked.
    """

    opens: str
    usage: str
    title: str
    extra: str = ""
    place: Place = Place.NONE
    runs_code: bool = False
    asks: bool = False


ADAPTERS: Final[Mapping[str, Adapter]] = {
    "reference": Adapter(
        "hosttools.servers.reference:open_server",
        "reference, reference:URL",
        "the reference server, here or where one is served",
        extra="web",
        place=Place.URL,
    ),
    "privacyidea": Adapter(
        "hosttools.servers.privacyidea:open_server",
        "privacyidea:URL",
        "privacyIDEA",
        extra="web",
        place=Place.URL,
    ),
    "portal": Adapter(
        "hosttools.servers.portal:open_server",
        "portal, portal:URL",
        "the practice portal, started for it or where one is served",
        extra="portal",
        place=Place.URL,
    ),
    "django-otp": Adapter(
        "hosttools.servers.django_otp:open_server", "django-otp", "django-otp", extra="django"
    ),
    "liboath": Adapter("hosttools.servers.liboath:open_server", "liboath", "liboath, as a library"),
    "pam": Adapter("hosttools.servers.pam:open_server", "pam:SERVICE", "a PAM service"),
    "radius": Adapter(
        "hosttools.servers.radius:open_server",
        "radius:HOST:PORT",
        "a RADIUS server",
        extra="radius",
        place=Place.HOST,
    ),
    "http": Adapter(
        "hosttools.servers.http:open_server", "http:FILE.toml", "any HTTP server", extra="web"
    ),
    "command": Adapter(
        "hosttools.servers.command:open_server",
        "command:FILE.toml",
        "any program",
        runs_code=True,
    ),
    "python": Adapter(
        "hosttools.servers.python:open_server",
        "python:MODULE:FACTORY",
        "any Python object",
        runs_code=True,
    ),
    "manual": Adapter(
        "hosttools.servers.manual:open_server",
        "manual:HOST",
        "a person at a login page",
        asks=True,
    ),
}


def open_server(
    text: str,
    *,
    trusted: bool,
    authorised: Collection[str] = (),
    failure_budget: int = 0,
    ask: Ask | None = None,
) -> Server:
    """Open a server under test.

    Args:
        text: ``NAME`` or ``NAME:TARGET``, see :data:`ADAPTERS`.
        trusted: whether it comes from the command line; a scenario's or a case's file
            must not choose what is run.
        authorised: hosts other than this machine that may be tested.
        failure_budget: how many submissions a server elsewhere may refuse.
        ask: asks the person at the terminal.

    Returns:
        The server, guarded if it is not on this machine. Close it.

    Raises:
        UsageError: no such adapter, or one that can't be had here.
    """
    name, _, target = text.partition(":")
    if name not in ADAPTERS:
        raise UsageError(f"no server {name[:40]!r}; {nearest(name, ADAPTERS)}")
    adapter = ADAPTERS[name]
    if adapter.runs_code and not trusted:
        raise UsageError(
            f"a file can't choose a server of {name}:, which runs programs; give it as --server"
        )
    host = _host(name, adapter, target)
    check_host(host, authorised)
    server = _open(name, adapter, target, ask)
    try:
        server.host = server.host or host
        return guard(server, authorised=authorised, failure_budget=failure_budget)
    except UsageError:
        server.close()
        raise


def _host(name: str, adapter: Adapter, target: str) -> str | None:
    """Return the host that a target names."""
    place = target.partition(",")[0]
    if adapter.place is Place.NONE or not place or "=" in place:
        return None
    try:
        host = urlsplit(place if adapter.place is Place.URL else f"//{place}").hostname
    except ValueError:
        host = None
    if not host:
        raise UsageError(f"--server {name}: its target is no place; it is written {adapter.usage}")
    return host


def _open(name: str, adapter: Adapter, target: str, ask: Ask | None) -> Server:
    module, _, function = adapter.opens.partition(":")
    try:
        opener = getattr(importlib.import_module(module), function)
        if not adapter.asks:
            server: Server = opener(target)
            return server
    except ModuleNotFoundError as e:
        missing = (e.name or "").partition(".")[0]
        if not adapter.extra or missing in {"hosttools", "emulator", "firmware_model"}:
            raise  # a bug, or a module of the target's
        raise UsageError(
            f"--server {name} needs {missing}: pip install 'galh-emulator[{adapter.extra}]'"
        ) from e
    if ask is None:
        raise UsageError(f"--server {name} asks a person, and there is none at a terminal")
    asked: Server = opener(target, ask)
    return asked
