"""``galh serve`` on the network, and in jobs: real processes, real sockets."""

import contextlib
import json
import os
import re
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import serial

from hosttools.seedfiles import sample
from hosttools.testing import BACKSTOP_S, Serving
from tests.heldport import hold

Galh = Callable[..., tuple[int, str, str]]
RFC = sample("rfc4226.csv")
WARD = sample("ward.csv")
SERIAL: Final = "GALH00004226"
MANUAL: Final = ("--no-pty", "--clock", "manual:2026-01-05T08:00:00Z")
BEARER: Final = "0123456789abcdef0123"
EVERYWHERE: Final = "0.0.0.0:0"


def ask(url: str, body: object = None, *, bearer: str | None = None) -> Any:  # noqa: ANN401  # JSON
    """Send a request; return its answer, or its status if it was refused."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    headers |= {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    try:
        with urllib.request.urlopen(  # noqa: S310  # our own server
            urllib.request.Request(url, data, headers),  # noqa: S310  # likewise
            timeout=BACKSTOP_S,
        ) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as e:
        e.close()
        return e.code


def press(url: str, bearer: str | None = None) -> Any:  # noqa: ANN401  # JSON
    """Press the token over HTTP; return its code, or the status."""
    body = {"action": "press-and-release"}
    answer = ask(f"{url}/api/v1/tokens/{SERIAL}/button", body, bearer=bearer)
    return answer["code"] if isinstance(answer, dict) else answer


def query(url: str, line: str) -> str:
    """Ask a port."""
    with serial.serial_for_url(url, timeout=BACKSTOP_S) as port:
        port.write(f"{line}\n".encode())
        answer: bytes = port.readline()
        return answer.decode().strip()


@pytest.fixture
def own_seeds(tmp_path: Path) -> Path:
    """Seeds that nobody else knows."""
    path = tmp_path / "own.csv"
    path.write_text(f"{SERIAL},00112233445566778899aabbccddeeff00998877,hotp,6\n")
    return path


@pytest.fixture
def bearer_file(tmp_path: Path) -> Path:
    """A bearer token in a file."""
    path = tmp_path / "bearer"
    path.write_text(f"{BEARER}\n")
    return path


# Addresses.


@pytest.mark.filterwarnings(r"ignore:set\w+\(\) is deprecated:DeprecationWarning")  # pyserial's
def test_every_kind_of_port_at_once() -> None:
    """The ready line says where each is, and all lead to the same token."""
    anywhere = "127.0.0.1:0"
    with Serving(
        *("--seeds", RFC, "--http", anywhere, "--tcp", anywhere, "--rfc2217", anywhere),
        *("--mux", anywhere, *MANUAL),
    ) as served:
        (token,) = served.ready["tokens"]
        assert set(token) == {"serial", "profile", "tcp", "rfc2217"}
        assert set(served.ready) == {"event", "pid", "tokens", "mux", "http"}
        assert served.http.startswith("http://127.0.0.1:")
        assert press(served.http) == "755224"
        shown = [
            query(f"socket://{token['tcp']}", "DISP:TEXT?"),
            query(f"rfc2217://{token['rfc2217']}", "DISP:TEXT?"),
            query(f"socket://{served.ready['mux']}", f"INST:SEL {SERIAL};:DISP:TEXT?"),
        ]
        assert ['"755224"'] * 3 == shown
        ports = ask(f"{served.http}/api/v1/tokens/{SERIAL}")["ports"]
        assert [{"kind": kind, "address": token[kind]} for kind in ("tcp", "rfc2217")] == ports
        assert served.stop() == (0, "", "")


def test_a_port_alone_is_on_loopback() -> None:
    """``--http 0`` listens where only this machine comes."""
    with Serving("--seeds", RFC, "--http", "0", *MANUAL) as served:
        assert served.http.startswith("http://127.0.0.1:")


def test_tokens_are_on_ports_in_a_row() -> None:
    """The first one on the port that is given, the next on the ports after it."""
    serials = ("GALH12345678", "GALH00000042", "GALH20140711")
    with (
        ports_in_a_row(len(serials)) as first,
        Serving(*serials, "--seeds", WARD, "--tcp", f"127.0.0.1:{first}", *MANUAL) as served,
    ):
        assert [f"127.0.0.1:{first + number}" for number in range(len(serials))] == [
            served.port(name, "tcp") for name in serials
        ]


@contextlib.contextmanager
def ports_in_a_row(count: int) -> Iterator[int]:
    """Hold some ports in a row; yield the first."""
    while True:
        with contextlib.ExitStack() as stack:
            first: int = stack.enter_context(hold()).getsockname()[1]
            try:
                for number in range(first + 1, first + count):
                    stack.enter_context(hold(number))
            except (OSError, OverflowError):  # somebody has one, or there is none above
                continue
            yield first
            return


def test_mux_on_a_pty() -> None:
    """The one port for all can be a pty."""
    with Serving("--seeds", WARD, "--mux", "pty", *MANUAL) as served:
        assert stat.S_ISCHR(Path(served.ready["mux"]).stat().st_mode)
        assert query(served.ready["mux"], "INST:COUN?") == "6"


def test_a_port_that_is_taken(galh: Galh) -> None:
    """Exit 1, and the address is named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        for option in ("--http", "--tcp"):
            code, out, err = galh("serve", "--seeds", RFC, option, number, *MANUAL)
            assert (1, "") == (code, out)
            assert str(number) in err


# The bearer token, and who is beyond loopback.


def test_bearer_file(bearer_file: Path) -> None:
    """What is in the file must be shown, on loopback too."""
    with Serving(
        "--seeds", RFC, "--http", "127.0.0.1:0", "--bearer-file", bearer_file, *MANUAL
    ) as served:
        url = served.http
        assert [401, 401, "755224"] == [press(url), press(url, "wrong"), press(url, BEARER)]
        assert ask(f"{url}/healthz") == {"status": "ok"}
        assert BEARER not in json.dumps(served.ready)


def test_beyond_loopback(own_seeds: Path, bearer_file: Path) -> None:
    """With seeds of one's own and a bearer token it listens everywhere."""
    with Serving(
        *("--seeds", own_seeds, "--http", EVERYWHERE, "--bearer-file", bearer_file, *MANUAL),
        *("--tcp", EVERYWHERE, "--unsafe-listen"),
    ) as served:
        assert [401, True] == [press(served.http), str(press(served.http, BEARER)).isdigit()]
        assert served.port(kind="tcp").startswith("0.0.0.0:")


@pytest.mark.parametrize("content", ["", "secret", "with a space in the middle", "ümläut" * 5])
def test_bearer_that_is_none(galh: Galh, bearer_file: Path, content: str) -> None:
    """Exit 2, what is wrong, and never what is in the file."""
    bearer_file.write_text(content, encoding="utf-8")
    web = ("--http", "127.0.0.1:0", "--bearer-file", bearer_file)
    code, out, err = galh("serve", "--seeds", RFC, *web)
    assert (2, "") == (code, out)
    assert f"--bearer-file {bearer_file}" in err
    assert not content or content not in err.replace(str(bearer_file), "")


@pytest.mark.parametrize("option", ["--http", "--tcp", "--rfc2217", "--mux"])
def test_practice_seeds_stay_here(galh: Galh, bearer_file: Path, option: str) -> None:
    """Tokens whose secret everybody knows are not served to other machines, however safely."""
    web = ("--bearer-file", bearer_file) if option == "--http" else ("--unsafe-listen",)
    code, out, err = galh("serve", "--seeds", RFC, option, EVERYWHERE, *web, *MANUAL)
    assert (2, "") == (code, out)
    assert f"{SERIAL} is a practice token" in err
    assert "galh token new" in err


@pytest.mark.parametrize("option", ["--http", "--tcp", "--rfc2217", "--mux"])
def test_beyond_loopback_it_must_be_meant(galh: Galh, own_seeds: Path, option: str) -> None:
    """Without a bearer token, or without --unsafe-listen: exit 2."""
    code, out, err = galh("serve", "--seeds", own_seeds, option, EVERYWHERE, *MANUAL)
    assert (2, "") == (code, out)
    assert "can be reached from other machines" in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--bearer-file", "x"], "--bearer-file is of use with --http"),
        (["--allow-host", "x"], "--allow-host is of use with --http"),
        (["--tls-cert", "x"], "--tls-cert is of use with --http"),
        (["--server", "reference"], "--server is of use with --http"),
        (["--snapshots", "x"], "--snapshots is of use with --http"),
        (["--http", "nowhere"], "'nowhere' is no address"),
        (["--tcp", "pty"], "'pty' is no address"),
        (["--http", "127.0.0.1:0", "--bearer-file", "/nowhere"], "/nowhere can't be read"),
        (["--http", "127.0.0.1:0", "--tls-cert", "/nowhere"], "no TLS with /nowhere"),
        (["--ready-file", "/nowhere/ready.json"], "--ready-file /nowhere/ready.json"),
    ],
)
def test_what_does_not_go_together(galh: Galh, arguments: list[str], complaint: str) -> None:
    """What can't be is refused: exit 2, and which option it is."""
    code, out, err = galh("serve", "--seeds", RFC, *MANUAL, *arguments)
    assert (2, "") == (code, out)
    assert complaint in err


# Jobs.


def test_ready_file(tmp_path: Path) -> None:
    """It appears whole, says what the ready line says, and goes at the end."""
    path = tmp_path / "ready.json"
    with Serving("--seeds", RFC, "--http", "127.0.0.1:0", "--ready-file", path, *MANUAL) as served:
        assert served.ready == json.loads(path.read_text())
        assert press(served.http) == "755224"
        assert served.stop()[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_ready_file_of_a_killed_run_is_replaced(tmp_path: Path) -> None:
    """What a kill left behind is no hindrance."""
    path = tmp_path / "ready.json"
    with Serving("--seeds", RFC, "--ready-file", path, *MANUAL) as served:
        served.kill()
    assert path.exists()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(subprocess.CalledProcessError):
            Serving("--seeds", RFC, "--ready-file", path, "--tcp", place, *MANUAL)
    assert not path.exists()  # nobody takes it for that of a run that failed
    with Serving("--seeds", RFC, "--ready-file", path, *MANUAL) as served:
        assert served.process.pid == json.loads(path.read_text())["pid"]


def test_artifacts(tmp_path: Path) -> None:
    """Journal, a snapshot that loads, and a picture; no secret in any of them."""
    kept = tmp_path / "artifacts"
    with Serving("--seeds", RFC, "--http", "127.0.0.1:0", "--artifacts", kept, *MANUAL) as served:
        assert press(served.http) == "755224"
        assert served.stop() == (0, "", "")
    assert {"journal.jsonl", "bench.galh-snapshot.json", f"{SERIAL}.png"} == {
        file.name for file in kept.iterdir()
    }
    records = [json.loads(line) for line in (kept / "journal.jsonl").read_text().splitlines()]
    assert list(range(1, len(records) + 1)) == [record["sequence"] for record in records]
    for file in kept.iterdir():
        held = file.read_bytes()
        assert not any(word in held for word in (b"1234567890", b"3132333435", b"755224"))
    with Serving(
        "--snapshot",
        kept / "bench.galh-snapshot.json",
        "--seeds",
        RFC,
        "--http",
        "0",
        *("--no-pty", "--clock", "manual"),
    ) as again:
        assert ask(f"{again.http}/api/v1/tokens/{SERIAL}/counter")["next"] == 1


def test_artifacts_that_can_not_be_written(tmp_path: Path) -> None:
    """They are told, and the end is as it was."""
    (tmp_path / "file").write_text("in the way")
    with Serving("--seeds", RFC, "--artifacts", tmp_path / "file", *MANUAL) as served:
        code, out, err = served.stop()
    assert (0, "") == (code, out)
    assert f"galh serve: artefacts in {tmp_path / 'file'} are not complete" in err


# docs/ci.md.

CI_PAGE = (Path(__file__).parents[3] / "docs/ci.md").read_text(encoding="utf-8")


def block(language: str, holding: str) -> str:
    """Return the one block of the page that holds a text."""
    found = re.findall(rf"```{language}\n(.*?)```", CI_PAGE, re.DOTALL)
    (text,) = [text for text in found if holding in text]
    return str(text)


def test_the_job_on_the_page(require_tool: Callable[[str], str], tmp_path: Path) -> None:
    """What docs/ci.md has one paste presses the token, and leaves the artefacts."""
    for tool in ("curl", "jq"):
        require_tool(tool)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [require_tool("bash"), "-c", block("sh", "--ready-file")],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=BACKSTOP_S,
    )
    assert re.search(r"^\d{6}$", done.stdout, re.MULTILINE)
    assert (tmp_path / "galh-artifacts/journal.jsonl").exists()
    assert not (tmp_path / "galh-ready.json").exists()


def test_workers_on_the_page(tmp_path: Path) -> None:
    """The fixture in docs/ci.md gives each xdist worker a bench."""
    for name in ("conftest.py", "test_login.py"):
        (tmp_path / name).write_text(block("python", f"# {name}"))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n2"),
            *("-p", "no:cacheprovider", tmp_path),
        ],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * BACKSTOP_S,
    )
    assert (0, True) == (done.returncode, "1 passed" in done.stdout), done.stdout


def test_links_of_the_page() -> None:
    """Every relative link leads to a file."""
    docs = Path(__file__).parents[3] / "docs"
    targets = re.findall(r"\]\(([^)#:]+)\)", CI_PAGE)
    assert [] == [target for target in targets if not (docs / target).exists()]
