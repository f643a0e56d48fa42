"""``galh server``: real processes, asked over HTTP."""

import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from firmware_model.oath import Key, hotp
from hosttools.cli.server import policy_of
from hosttools.errors import PolicyError
from hosttools.refserver import Policy, Status, Store
from hosttools.seedfiles import read_seeds, sample
from hosttools.servers import Can
from hosttools.servers.reference import HttpReferenceServer
from hosttools.testing import Serving

Galh = Callable[..., tuple[int, str, str]]
HTTP = ("--http", "127.0.0.1:0")
MANUAL = ("--clock", "manual:2026-01-01T00:00:00Z")
SERIAL = "GALH00004226"
(SEED,) = read_seeds(sample("rfc4226.csv"))


def code(counter: int) -> str:
    """Return a code of the sample token."""
    return hotp(Key(SEED.secret), counter, SEED.digits or 6)


def serving(*arguments: str | Path) -> Serving:
    """Start a server."""
    return Serving(*HTTP, *arguments, command="server")


def test_ready_and_the_end() -> None:
    """The ready line says process and URL; SIGTERM and SIGINT end it with exit code 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        with serving() as served:
            ready = {"event": "ready", "pid": served.process.pid, "http": served.http}
            assert ready == served.ready
            assert {"status": "ok"} == httpx.get(f"{served.http}/healthz").json()
            assert (0, "", "") == served.stop(number)


def test_serves_the_tokens_of_a_seed_file() -> None:
    """They are added with two codes, and log in, by the policy and the clock asked for."""
    arguments = ("--seeds", "rfc4226.csv", "--policy", "look_ahead=3", "--policy", "lock_after=1")
    with serving(*arguments, *MANUAL) as served, HttpReferenceServer(served.http) as server:
        added = server.sync(SERIAL, code(0), code(1))
        accepted = [server.verify(SERIAL, code(n)).accepted for n in (2, 6, 11, 7)]
        moment = httpx.get(f"{served.http}/api/v1/clock").json()

    assert added.accepted
    assert [True, True, False, False] == accepted  # too far ahead, and locked by that
    assert {"now_ns": 1_767_225_600_000_000_000, "mode": "manual"} == moment


def test_goes_on_from_its_database(tmp_path: Path) -> None:
    """A token that it knows is not enrolled again; killed, it forgets nothing that it said."""
    arguments = ("--seeds", "rfc4226.csv", "--db", tmp_path / "server.db")
    with serving(*arguments) as served, HttpReferenceServer(served.http) as server:
        assert server.sync(SERIAL, code(0), code(1)).accepted
        served.kill()
    with serving(*arguments) as served, HttpReferenceServer(served.http) as server:
        again = server.verify(SERIAL, code(1)).accepted
        after = server.verify(SERIAL, code(2)).accepted

    assert [False, True] == [again, after]


def test_the_command_line_works_on_a_server_that_runs(tmp_path: Path, galh: Galh) -> None:
    """Its database is shared: what galh token does counts for the next request."""
    db = tmp_path / "server.db"
    with serving("--seeds", "rfc4226.csv", "--db", db) as served:
        assert 0 == galh("token", "revoke", SERIAL, "--db", db)[0]
        token = httpx.get(f"{served.http}/api/v1/tokens/{SERIAL}").json()

    assert Status.REVOKED.value == token["status"]


def test_two_servers_on_one_database(tmp_path: Path) -> None:
    """Ten requests with one code to two processes: it is accepted once."""
    db = tmp_path / "server.db"
    with (
        serving("--seeds", "rfc4226.csv", "--db", db) as one,
        serving("--seeds", "rfc4226.csv", "--db", db) as other,
        HttpReferenceServer(one.http) as first,
        HttpReferenceServer(other.http) as second,
        ThreadPoolExecutor(10) as pool,
    ):
        first.sync(SERIAL, code(0), code(1))
        answers = list(
            pool.map(lambda server: server.verify(SERIAL, code(2)).accepted, [first, second] * 5)
        )

    assert {True: 1, False: 9} == Counter(answers)


def test_keeps_its_host_clock_by_default() -> None:
    """And says that it can't be set."""
    with serving() as served, HttpReferenceServer(served.http) as server:
        assert Can.CLOCK not in server.can


def test_a_ready_file(tmp_path: Path) -> None:
    """Is there as long as the server is."""
    path = tmp_path / "ready.json"
    with serving("--ready-file", path) as served:
        assert f'"http": "{served.http}"' in path.read_text()
        served.stop()

    assert not path.exists()


def test_another_secret_is_refused(tmp_path: Path) -> None:
    """A seed file that contradicts the database: exit 2, and nothing changes."""
    db, seeds = tmp_path / "server.db", tmp_path / "seeds.csv"
    with Store(db):
        pass
    with serving("--seeds", "rfc4226.csv", "--db", db):
        pass
    seeds.write_text(f"{SERIAL},{'ab' * 20}\n")
    with pytest.raises(subprocess.CalledProcessError, match="exit status 2"):
        serving("--seeds", seeds, "--db", db)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--http"),
        ((*HTTP, "--clock", "scaled:2"), "manual[:ISO time]"),
        ((*HTTP, "--clock", "manual:soon"), "ISO 8601"),
        ((*HTTP, "--policy", "windows=3"), "no such setting; there are look_ahead"),
        ((*HTTP, "--tls-key", "key.pem"), "--tls-cert"),
        (("--http", "0.0.0.0:0"), "bearer token"),
        (("--http", "0.0.0.0:0", "--seeds", "rfc4226.csv"), "practice token"),
    ],
)
def test_refuses_before_it_serves(galh: Galh, arguments: tuple[str, ...], says: str) -> None:
    """Wrong usage is exit 2, with what is allowed."""
    exit_code, out, err = galh("server", *arguments)

    assert (2, "") == (exit_code, out)
    assert says in err


def test_policies_are_typed_as_they_are_called() -> None:
    """Numbers and switches."""
    wanted = Policy(look_ahead=20, track_drift=False)
    assert wanted == policy_of(["look_ahead=20", "track_drift=false"])


@pytest.mark.parametrize(
    "text",
    ["look_ahead", "look_ahead=", "look_ahead=x", "track_drift=1", "look_ahead=-1", "=3",
     "look_ahead=5000"],
)  # fmt: skip
def test_refuses_policies_that_can_not_be(text: str) -> None:
    """With the setting's name."""
    with pytest.raises(PolicyError):
        policy_of([text])
