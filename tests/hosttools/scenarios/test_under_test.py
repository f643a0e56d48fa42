"""Servers by their names: any adapter plays scenarios, and its bugs are found and shrunk."""

import contextlib
from pathlib import Path

import pytest

from hosttools.errors import UsageError
from hosttools.scenarios import Status, read_scenario, run
from hosttools.scenarios.library import read
from hosttools.scenarios.shrink import shrink
from hosttools.scenarios.under_test import Servers
from tests.hosttools.servers import real

SERVER = '''
from pathlib import Path

from firmware_model.oath import Key, hotp

LOG = Path(__file__).with_name("log")


class Server:
    """Takes codes up to ten ahead, and the last one again: a bug."""

    name = "twenty lines"
    host = HOST

    def __init__(self):
        self.known = {}
        self.log("open")

    def log(self, what):
        with LOG.open("a") as file:
            file.write(what + " ")

    def enrol(self, token):
        self.known[token.serial] = [Key(token.secret, token.algorithm), token.counter]

    def remove(self, serial):
        del self.known[serial]

    def verify(self, serial, code):
        key, expected = self.known[serial]
        for counter in range(max(expected - 1, 0), expected + 11):
            if hotp(key, counter, 6) == code:
                self.known[serial][1] = counter + 1
                return True
        return False

    def close(self):
        self.log("close")
'''
REPLAY = """
version = 1
[[token]]
serial = "GALH00000042"
[[step]]
do = "add"
[[step]]
do = "press_many"
times = 5
[[step]]
do = "advance"
days = 3
[[step]]
do = "press"
[[step]]
do = "submit"
expect = {accepted = true}
[[step]]
do = "advance"
seconds = 20
[[step]]
do = "submit"
expect = {accepted = false}
"""


def spec(folder: Path, host: str = "None") -> str:
    """Write the server of twenty lines, and return what it is called."""
    (folder / "server.py").write_text(SERVER.replace("HOST", host))
    return f"python:{folder / 'server.py'}:Server"


def test_bug_is_found_and_shrunk(tmp_path: Path) -> None:
    """A server that takes a code twice fails; two steps show it, and stay right elsewhere."""
    with Servers() as servers:
        opener = servers.opener(spec(tmp_path))
        assert Status.FAILED is run(read("replay"), opener).status
        small = shrink(read_scenario(REPLAY), opener)
    assert ["add", "submit"] == [step.do for step in small.scenario.steps]
    assert (2, 0) == (small.after.presses, small.after.waited_s)
    assert Status.PASSED is run(small.scenario).status


def test_opened_anew(tmp_path: Path) -> None:
    """A server on this machine is opened for each run, and each one is closed."""
    with Servers() as servers:
        opener = servers.opener(spec(tmp_path))
        for _ in range(2):
            run(read("rfc4226-d-values"), opener)
        servers.opener(spec(tmp_path))
    assert ["open"] * 3 == [w for w in (tmp_path / "log").read_text().split() if w == "open"]
    assert ["close"] * 3 == [w for w in (tmp_path / "log").read_text().split() if w == "close"]


def test_elsewhere(tmp_path: Path) -> None:
    """One elsewhere is opened once, and what it may refuse is one budget for all runs."""
    elsewhere = spec(tmp_path, "'192.0.2.1'")
    with Servers() as servers, pytest.raises(UsageError, match=r"192\.0\.2\.1 is not"):
        servers.opener(elsewhere)
    (tmp_path / "log").unlink()
    with Servers(["192.0.2.1"], failure_budget=3) as servers:
        opener = servers.opener(elsewhere)
        results = [run(read("lock-out-forgiven"), opener) for _ in range(2)]
    assert [Status.BROKEN] * 2 == [result.status for result in results]
    assert "3 of 3 refused submissions are used up" in results[1].reason
    assert "open close " == (tmp_path / "log").read_text()


def test_no_such_server() -> None:
    """A name that is none is refused before anything is played."""
    with Servers() as servers, pytest.raises(UsageError, match="did you mean 'reference'"):
        servers.opener("refrence")


@pytest.mark.parametrize("name", ["replay", "malformed", "server-ahead", "two-tokens-swapped"])
def test_liboath(name: str) -> None:
    """A real server that has no forms plays what needs none."""
    with contextlib.closing(real.liboath()), Servers() as servers:
        result = run(read(name), servers.opener("liboath"))
    assert (Status.PASSED, "") == (result.status, result.reason)
    assert "resync" in run_on_liboath("rfc4226-e3-sequence")


def run_on_liboath(name: str) -> str:
    """Play a scenario on liboath, and return why it did not pass."""
    with Servers() as servers:
        return run(read(name), servers.opener("liboath")).reason
