"""``--server``: which adapter is meant."""

import sys
from pathlib import Path

import pytest

from hosttools.calibration.prompts import Answer, Prompt
from hosttools.errors import UsageError
from hosttools.servers import Outcome
from hosttools.servers.safety import Guarded
from hosttools.servers.spec import ADAPTERS, open_server

HTTP = """
[server]
url = "{url}"
[verify]
path = "/"
accepted = {{status = 200}}
otherwise = "refused"
"""


def no_answer(_prompt: Prompt) -> Answer | None:
    """Answer nothing."""
    return None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a description of a server on another machine."""
    path = tmp_path / "far.toml"
    path.write_text(HTTP.format(url="https://otp.example.org/x"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("htpp:x", "no server 'htpp'; did you mean 'http'"),
        ("", "allowed are reference, privacyidea"),
        ("http", r"give http:FILE\.toml"),
        ("http:missing.toml", "missing.toml can't be read"),
        ("command", r"give command:FILE\.toml"),
        ("python", "give python:MODULE:FACTORY"),
        ("manual", "asks a person"),
    ],
)
def test_what_can_not_be_opened(text: str, complaint: str) -> None:
    """What is no server is refused with what would be."""
    with pytest.raises(UsageError, match=complaint):
        open_server(text, trusted=True)


@pytest.mark.parametrize("name", [name for name, row in ADAPTERS.items() if row.runs_code])
def test_files_choose_no_program(name: str) -> None:
    """A scenario's or a case's file can't choose an adapter that runs programs."""
    with pytest.raises(UsageError, match=f"can't choose a server of {name}:"):
        open_server(f"{name}:x:y", trusted=False)
    assert {"command", "python"} == {n for n, row in ADAPTERS.items() if row.runs_code}


def test_other_machines_are_guarded(file: Path) -> None:
    """A server elsewhere is opened only if it is authorised, and guarded then."""
    with pytest.raises(UsageError, match=r"--authorised otp\.example\.org"):
        open_server(f"http:{file}", trusted=False)
    with open_server(
        f"http:{file}", trusted=False, authorised=["otp.example.org"], failure_budget=1
    ) as server:
        assert isinstance(server, Guarded)
        assert 1 == server.budget.limit


def test_this_machine_is_not(tmp_path: Path) -> None:
    """A server on this machine is not."""
    path = tmp_path / "near.toml"
    path.write_text(HTTP.format(url="http://127.0.0.1:9"), encoding="utf-8")
    with open_server(f"http:{path}", trusted=False) as server, server.expecting(Outcome.REFUSED):
        assert not isinstance(server, Guarded)
        assert "near" == server.name


def test_person() -> None:
    """A person is asked by what the caller has for that."""
    with open_server(
        "manual:vpn.example.org", trusted=True, authorised=["vpn.example.org"], ask=no_answer
    ) as server:
        assert "vpn.example.org" == server.host


def test_missing_extra(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has to be installed is told."""
    monkeypatch.delitem(sys.modules, "hosttools.servers.http.adapter", raising=False)
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(UsageError, match=r"needs httpx: pip install 'galh-emulator\[web\]'"):
        open_server(f"http:{file}", trusted=True)
