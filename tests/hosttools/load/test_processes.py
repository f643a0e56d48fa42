"""``galh load`` with Locust in processes of its own, at servers in others."""

import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hosttools.testing import Serving

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
PATIENCE_S = 90.0
"""Only a failure takes that long."""

ENOUGH = ("--duration", "1h", "--every", "0.2", "--spawn-rate", "50", "--requests")
"""Goes on until so many requests are answered, however slow this machine is."""


class Done(NamedTuple):
    """What a run left."""

    code: int
    report: dict[str, Any]
    err: str


class Loading:
    """A ``galh load`` process."""

    def __init__(self, *arguments: str | Path, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hosttools.cli", "load", "--json", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def done(self) -> Done:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return Done(self.process.returncode, json.loads(out) if out else {}, err)

    def children(self) -> list[int]:
        """Return the processes that it started."""
        pid = self.process.pid
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


Load = Callable[..., Loading]


@pytest.fixture
def load() -> Iterator[Load]:
    """Return a function that starts ``galh load``; none is left in the end."""
    started: list[Loading] = []

    def start(*arguments: str | Path, environment: dict[str, str] | None = None) -> Loading:
        started.append(Loading(*arguments, environment=environment))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def counts(report: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Return how often what was answered."""
    return {(row["what"], row["said"]): row["count"] for row in report["verdicts"]}


def until(holds: Callable[[], bool]) -> None:
    """Ask again and again until something holds."""
    give_up_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up_s


def gone(pid: int) -> bool:
    """Wait until a process is gone."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(PATIENCE_S * 1000))
    finally:
        os.close(fd)


def test_a_server_of_its_own(load: Load, tmp_path: Path) -> None:
    """No verdict is wrong; every holder has a token; Locust's report is written."""
    html = tmp_path / "report.html"
    arguments = ("--users", "8", *ENOUGH, "60", "--report", html)
    done = load("--server", "reference", "--seed", "7", *arguments).done()

    assert (0, 0) == (done.code, done.report["wrong"])
    assert 8 == counts(done.report)["enrol", "done"]
    assert done.report["judged"] >= counts(done.report)["verify", "accepted"] > 0
    assert {"reference"} == {done.report["server"].partition(":")[0]}
    assert 7 == done.report["seed"]
    assert "Locust" in html.read_text(encoding="utf-8")


@pytest.mark.full
def test_a_policy_of_its_own(load: Load) -> None:
    """The server treats its tokens so, and is judged by it."""
    arguments = ("--users", "4", *ENOUGH, "60", "--race", "0.5")
    policy = ("--policy", "google-authenticator", "--policy", "lock_after=3")
    done = load("--server", "reference", *policy, *arguments).done()

    assert (0, 0) == (done.code, done.report["wrong"])


def test_master_and_two_workers(load: Load) -> None:
    """Both load, no two holders have one token, and their figures are added up."""
    arguments = ("--users", "10", *ENOUGH, "60")
    done = load("--server", "reference", "--workers", "2", *arguments).done()

    assert (0, 0, 0) == (done.code, done.report["wrong"], done.report["lost_workers"])
    assert {} == done.report["errors"]
    assert 10 == counts(done.report)["enrol", "done"] == counts(done.report)["sync", "accepted"]
    assert counts(done.report)["verify", "accepted"] > 0


@pytest.fixture
def racing() -> Iterator[Callable[..., str]]:
    """Return a function that serves the racing server of the docs, and returns its URL."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> str:
        command = [sys.executable, str(EXAMPLES / "racing.py"), "0", *options]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout is not None
        return started[-1].stdout.readline().removeprefix("ready ").strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("mended", [False, pytest.param(True, marks=pytest.mark.full)])
def test_a_race_is_caught(load: Load, racing: Callable[..., str], *, mended: bool) -> None:
    """A server that checks and acts in two steps accepts a code twice; with a lock, it does not."""
    url = racing("--work", "50", *(["--lock"] if mended else []))
    arguments = ("--users", "8", *ENOUGH, "200", "--race", "1")
    server = f"http:{EXAMPLES / 'racing.toml'}"
    done = load("--server", server, *arguments, environment={"RACING_URL": url}).done()

    assert (0 if mended else 1) == done.code
    assert mended == (done.report["wrong"] == 0)
    assert mended == done.report["passed"]
    for wrong in done.report["wrong_verdicts"]:
        assert "times at once" in wrong["sent"]
        assert "1 accepted" in wrong["expected"]


class Served(NamedTuple):
    """A reference server."""

    url: str

    def statuses(self) -> list[str]:
        """Return what it says of the tokens that it knows."""
        with urllib.request.urlopen(f"{self.url}/api/v1/tokens") as answer:  # noqa: S310  # ours
            return [token["status"] for token in json.load(answer)["tokens"]]

    def added(self) -> int:
        """Return how many tokens are in use."""
        return self.statuses().count("active")


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve a reference server."""
    with Serving("--http", "0", command="server") as serving:
        yield Served(serving.http)


def test_an_interrupt_gives_the_report(load: Load, served: Served) -> None:
    """Of what was done until then; and the tokens are removed."""
    loading = load("--server", f"reference:{served.url}", "--users", "5", *ENOUGH, "0")
    until(lambda: served.added() == 5)
    loading.process.send_signal(signal.SIGINT)
    done = loading.done()

    assert (0, 0) == (done.code, done.report["wrong"])
    assert done.report["judged"] > 0
    assert [] == served.statuses()


@pytest.mark.full
def test_a_lost_worker_is_told(load: Load, served: Served) -> None:
    """What it saw last is lost with it: exit code 1."""
    arguments = ("--workers", "2", "--users", "6", *ENOUGH, "0")
    loading = load("--server", f"reference:{served.url}", *arguments)
    until(lambda: served.added() == 6)
    worker = loading.children()[-1]
    os.kill(worker, signal.SIGKILL)
    gone(worker)
    loading.process.send_signal(signal.SIGINT)
    done = loading.done()

    assert 1 == done.code
    assert (0, 1) == (done.report["wrong"], done.report["lost_workers"])


def test_nothing_outlives_it(load: Load, served: Served) -> None:
    """Killed, it leaves no process that loads behind."""
    loading = load("--server", f"reference:{served.url}", "--users", "2", *ENOUGH, "0")
    until(lambda: served.added() == 2)
    children = loading.children()
    loading.process.kill()

    assert children
    assert all(map(gone, children))


def test_a_server_that_is_not_there(load: Load) -> None:
    """It is told once, and nothing is loaded."""
    done = load("--server", "reference:http://127.0.0.1:1").done()

    assert (1, {}) == (done.code, done.report)
    assert "no answer from http://127.0.0.1:1" in done.err


def test_locust_stays_in_its_own_processes() -> None:
    """The command itself is not patched by gevent."""
    look = "import sys, hosttools.cli.load; print({'locust', 'gevent'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert "set()" == done.stdout.strip()


def test_a_locustfile_of_ones_own(served: Served, tmp_path: Path) -> None:
    """The user class works under Locust's own command."""
    locustfile = tmp_path / "locustfile.py"
    locustfile.write_text(
        "from hosttools.load.plan import Plan\n"
        "from hosttools.load.users import TokenUser\n"
        "class Doctor(TokenUser):\n"
        f"    plan = Plan(server='reference:{served.url}', every_s=0.2)\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "locust", "-f", str(locustfile), "--headless", "--json"]
    command += ["--users", "3", "--spawn-rate", "10"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        try:
            until(lambda: served.added() == 3)
            process.terminate()
            out, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    rows = {(row["method"], row["name"]): row["num_requests"] for row in json.loads(out)}

    assert 0 == process.returncode
    assert 3 == rows["enrol", "done"]
    assert [] == served.statuses()
