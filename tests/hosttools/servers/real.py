"""Real servers for the tests; what is not installed skips the test, but fails it in CI."""

import contextlib
import ctypes.util
import os
import shutil
from pathlib import Path
from typing import Final, NoReturn

import pytest

from hosttools.servers import Can, Server
from hosttools.servers.clockfile import find_libfaketime
from hosttools.servers.launch import privacyidea as privacyidea_launch
from hosttools.servers.launch import radius as radius_launch
from hosttools.servers.launch.privacyidea import LaunchedPrivacyIdea
from hosttools.servers.launch.radius import FreeRadius
from hosttools.servers.liboath import LibOath
from hosttools.servers.pam import MODULE, PamServer
from hosttools.servers.portal import PortalServer
from hosttools.servers.privacyidea import PrivacyIdea
from tests.hosttools.servers.fob import START_NS

_MODULES: Final = ("/lib", "/usr/lib")


def missing(what: str) -> NoReturn:
    """Skip the test, or in CI fail it."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{what} is not installed, and CI must have it")
    pytest.skip(f"{what} is not installed")


def with_clock(server: Server) -> None:
    """Go on only if a server's clock can be set: if this machine has libfaketime."""
    if Can.CLOCK not in server.can:
        missing("faketime")


def liboath(window: int = 10) -> LibOath:
    """Return liboath, if it is installed."""
    if ctypes.util.find_library("oath") is None:
        missing("liboath0")
    return LibOath(window=window)


def pam(window: int = 10) -> PamServer:
    """Return pam_oath, if it is installed."""
    _need_pam_oath()
    return PamServer(window=window)


def launched_radius() -> contextlib.AbstractContextManager[FreeRadius]:
    """Return a FreeRADIUS to be started, if it is installed."""
    _need_pam_oath()
    if shutil.which("freeradius", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        missing("freeradius")
    return radius_launch.launched()


def launched_privacyidea() -> contextlib.AbstractContextManager[LaunchedPrivacyIdea]:
    """Return a privacyIDEA to be started, if it is installed."""
    if privacyidea_launch.find_python() is None:
        missing("privacyIDEA (make servers)")
    return privacyidea_launch.launched()


def portal(url: str) -> PortalServer:
    """Return an adapter to a practice portal that knows no token, with every policy as it was."""
    server = PortalServer(url)
    server.set_bugs(())
    server.set_policy("default")
    server.take_out_tokens()
    server.set_clock(START_NS)
    return server


def emptied(launched: LaunchedPrivacyIdea) -> PrivacyIdea:
    """Return an adapter to a privacyIDEA that knows no token, with the host's time."""
    if launched.clock is not None:
        launched.clock.start()
    server = launched.open()
    listed = server._as_admin("GET", "/token/")["result"]["value"]["tokens"]
    for token in listed:
        server.remove(token["serial"])
    return server


def _need_pam_oath() -> None:
    if not any(list(Path(place).glob(f"*/security/{MODULE}")) for place in _MODULES):
        missing("libpam-oath")
    if find_libfaketime() is None and os.environ.get("CI", "").lower() == "true":
        missing("faketime")
