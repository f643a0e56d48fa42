"""Python objects as servers."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from emulator.serverview import ServerView
from firmware_model.oath import Secret
from firmware_model.profile import TokenType
from hosttools.errors import UsageError
from hosttools.servers import Answer, Can, Enrolment, NotOfferedError, Outcome, ServerError
from hosttools.servers.python import PythonServer, open_server

SERIAL = "GALH12345678"
PAGE = Path(__file__).parents[3] / "docs" / "servers.md"


def test_documented_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of the page is opened as a module of the working directory and as a file."""
    found = re.search(r"`mine.py`:\n\n```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    (tmp_path / "mine_otp.py").write_text(found[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)  # and taken away again
    for target in ("mine_otp:Login", "./mine_otp.py:Login"):
        with open_server(target) as server:
            got = [server.verify(SERIAL, code).outcome for code in ("755224", "755224")]
        assert [Outcome.ACCEPTED, Outcome.REFUSED] == got


def test_a_server_is_taken_as_it_is(tmp_path: Path) -> None:
    """A factory of a whole Server gets no wrapping."""
    file = tmp_path / "whole.py"
    file.write_text(
        "from hosttools.servers import Server\nclass Mine(Server):\n    name = 'mine'\n",
        encoding="utf-8",
    )
    server = open_server(f"{file}:Mine")
    assert ("mine", False) == (server.name, isinstance(server, PythonServer))


def test_verbs_are_found_by_name() -> None:
    """What an object offers is told by its methods and its own words."""
    thing = SimpleNamespace(
        verify=lambda _serial, _code: Answer(Outcome.LOCKED),
        sync=lambda _serial, code1, code2: code1 < code2,
        unlock=lambda _serial: None,
        name="mine",
        host="otp.example.org",
        can={Can.TIME, Can.AT_ONCE, Can.VIEW},
    )
    server = PythonServer(thing, "x")
    assert {Can.TIME, Can.AT_ONCE, Can.SYNC, Can.UNLOCK} == server.can
    assert ("mine", "otp.example.org") == (server.name, server.host)
    assert Outcome.LOCKED is server.verify(SERIAL, "1").outcome
    assert server.sync(SERIAL, "1", "2").accepted
    server.unlock(SERIAL)
    with pytest.raises(NotOfferedError):
        server.resync(SERIAL, "1", "2")
    server.close()


def test_all_verbs_reach_the_object() -> None:
    """Every verb is handed on with what it was given."""
    calls: list[object] = []

    def call(*given: object) -> bool:
        calls.append(given)
        return False

    view = ServerView(name="mine", next_counter=3)
    thing = SimpleNamespace(
        verify=call,
        enrol=call,
        resync=call,
        remove=call,
        set_clock=call,
        view=lambda _serial: view,
        close=call,
    )
    token = Enrolment(serial=SERIAL, token_type=TokenType.EVENT, secret=Secret(bytes(20)))
    with PythonServer(thing, "x") as server:
        server.enrol(token)
        assert not server.resync(SERIAL, "1", "2").accepted
        server.remove(SERIAL)
        server.set_clock(7)
        assert view == server.view(SERIAL)
    assert [(token,), (SERIAL, "1", "2"), (SERIAL,), (7,), ()] == calls


def test_what_is_no_answer() -> None:
    """An answer that is neither a bool nor an Answer is an error: None is no refusal."""
    server = PythonServer(SimpleNamespace(verify=lambda *_: None, view=lambda _: 1), "x")
    with pytest.raises(ServerError, match="verify returned a NoneType"):
        server.verify(SERIAL, "123456")
    with pytest.raises(ServerError, match="view returned a int"):
        server.view(SERIAL)


def test_exceptions() -> None:
    """What an object raises is told without the code."""

    def verify(_serial: str, code: str) -> bool:
        raise KeyError(f"code {code}")

    with pytest.raises(ServerError, match="verify raised KeyError") as caught:
        PythonServer(SimpleNamespace(verify=verify), "x").verify(SERIAL, "1234")
    assert "1234" not in str(caught.value).replace(SERIAL, "")


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("", "give python:MODULE:FACTORY"),
        ("json", "give python:MODULE:FACTORY"),
        ("no_such_module_here:make", "there is no module no_such_module_here"),
        ("json.no_such:make", "there is no module json.no_such"),
        ("./no_such.py:make", "there is no file"),
        (".x:make", "no module"),
        ("json:dumpz", "did you mean 'dump"),
        ("collections:OrderedDict", "without verify"),
    ],
)
def test_factories_that_are_none(
    target: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be opened is refused with what would do."""
    monkeypatch.syspath_prepend(str(Path.cwd()))
    with pytest.raises(UsageError, match=complaint):
        open_server(target)
