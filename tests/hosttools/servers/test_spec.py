"""``--server``: which adapter is meant."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from hosttools.calibration.prompts import Answer, Prompt
from hosttools.errors import UsageError
from hosttools.servers import Can, Outcome, Server
from hosttools.servers.reference import HttpReferenceServer, ReferenceServer
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


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("privacyidea:https://otp.example.org/x,clock=f", "otp.example.org"),
        ("privacyidea:https://127.0.0.1@otp.example.org/", "otp.example.org"),
        ("radius:10.0.0.1:1812,usersfile=f", "10.0.0.1"),
        ("radius:[2001:db8::1]:1812", "2001:db8::1"),
        ("reference:http://otp.example.org", "otp.example.org"),
    ],
)
def test_a_place_in_the_target_is_asked_for_first(text: str, host: str) -> None:
    """A target that names its place is refused before its adapter is even imported."""
    with pytest.raises(UsageError, match=f"--authorised {host}"):
        open_server(text, trusted=True)


@pytest.mark.parametrize("text", ["radius:[::1", "privacyidea:otp.example.org", "radius::1812"])
def test_targets_that_are_no_place(text: str) -> None:
    """A target that should name a place and doesn't is refused."""
    with pytest.raises(UsageError, match="is no place; it is written"):
        open_server(text, trusted=True)


def test_adapter_that_does_not_say_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is guarded by its target's host if it doesn't tell its own."""

    class Silent(Server):
        name = "silent"
        can = frozenset({Can.EVENT})

    module = ModuleType("silent")
    vars(module)["open_server"] = lambda _target: Silent()
    monkeypatch.setitem(sys.modules, "hosttools.servers.radius", module)
    server = open_server("radius:10.0.0.1:1812", trusted=True, authorised=["10.0.0.1"])
    assert isinstance(server, Guarded)
    assert "10.0.0.1" == server.host


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


def test_reference(reference_url: str) -> None:
    """The reference server is opened in this process, or where one is served."""
    with open_server("reference", trusted=False) as here:
        assert isinstance(here, ReferenceServer)
    with open_server(f"reference:{reference_url}", trusted=False) as there:
        assert isinstance(there, HttpReferenceServer)
        assert "127.0.0.1" == there.host


@pytest.mark.parametrize("name", ADAPTERS)
def test_documented(name: str) -> None:
    """Every adapter is on the page, as it is written."""
    page = Path(__file__).parents[3] / "docs" / "servers.md"
    text = page.read_text(encoding="utf-8")
    assert [] == [way for way in ADAPTERS[name].usage.split(", ") if f"`{way}`" not in text]
