"""The commands that start a real server, as docs/known-servers.md has them."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hosttools.servers import Server, ServerError
from hosttools.servers.launch import privacyidea as privacyidea_launch
from hosttools.servers.launch.process import Process
from hosttools.servers.privacyidea import open_server as open_privacyidea
from hosttools.servers.radius import open_server as open_radius
from hosttools.testing import BACKSTOP_S
from tests.hosttools.servers import real
from tests.hosttools.servers.fob import Fob


def _works(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, int, Path]:
    """Start it, ask it as it says, and end it; return what became of it, and its file."""
    command = [sys.executable, "-m", f"hosttools.servers.launch.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        variable = re.fullmatch(r"export (\w+)=(.+)\n", child.stdout.readline())
        target = re.fullmatch(r"--server (\w+):(.+)\n", child.stdout.readline())
        assert variable is not None
        assert target is not None
        monkeypatch.setenv(variable[1], variable[2])
        server: Server = {"radius": open_radius, "privacyidea": open_privacyidea}[name](target[2])
        with server:
            fob = Fob(server)
            accepted = server.verify(fob.serial, fob.press()).accepted
        child.send_signal(signal.SIGTERM)
        return accepted, child.wait(BACKSTOP_S), Path(variable[2])


def test_starts_freeradius(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how it is asked, and leaves nothing behind."""
    real.launched_radius()
    accepted, status, file = _works("radius", monkeypatch)

    assert (True, 0) == (accepted, status)
    assert not file.parent.exists()


def test_starts_privacyidea(monkeypatch: pytest.MonkeyPatch) -> None:
    """Likewise."""
    real.launched_privacyidea()
    accepted, status, file = _works("privacyidea", monkeypatch)

    assert (True, 0) == (accepted, status)
    assert not file.parent.exists()


def test_says_how_to_install_privacyidea(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not."""
    monkeypatch.setenv("GALH_PRIVACYIDEA_PYTHON", "/nonesuch/python")
    with pytest.raises(ServerError, match="make servers"), privacyidea_launch.launched():
        pass


def test_a_server_that_does_not_begin_says_why() -> None:
    """Its last words are in the error."""
    with pytest.raises(ServerError, match="did not begin to serve: no such luck"):
        Process([sys.executable, "-c", "raise SystemExit('no such luck')"], re.compile("never"), {})


def test_a_program_that_is_not_there_is_an_error() -> None:
    """And named."""
    with pytest.raises(ServerError, match="/nonesuch can't be started"):
        Process(["/nonesuch"], re.compile("never"), {})
