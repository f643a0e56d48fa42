"""What people ask of ports, backends and CI: lines 8 to 10."""

import contextlib
import json
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import serial

from emulator.inprocess import alive
from firmware_model import GALH, configure
from hosttools.hand import PortToken
from hosttools.testing import BACKSTOP_S
from tests.asked.asking import EVENT, MANUAL, RFC, RFC_CODES, SECRETS, Asked, expected_code

# pyserial 3.5 calls Thread.setDaemon and setName.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")

ROOT: Final = Path(__file__).parents[2]
NOBODY: Final = 65_534
BACKENDS: Final = ("in-process", "pty", "tcp", "rfc2217", "http")


def _ask(port: serial.SerialBase, line: str) -> str:
    port.write(f"{line}\n".encode())
    return bytes(port.read_until(b"\n")).decode().removesuffix("\n")


def test_08_a_serial_double_can_be_programmed_to_misbehave() -> None:
    """Programmable serial doubles (pyserial#330, #120): lost bytes, late answers, a dead line."""
    with (
        Asked("--seeds", "rfc4226.csv", *MANUAL) as bench,
        serial.Serial(bench.serving.port(), timeout=BACKSTOP_S) as port,
    ):
        faults = f"/tokens/{RFC}/faults"
        bench.send("POST", faults, fault="port_drop 3 to_client")
        assert f'{RFC_CODES[0]}"'[2:] == _ask(port, "BUTT:PRES?")

        bench.send("POST", faults, fault="port_delay 150")
        began = time.monotonic()
        assert f'"{RFC_CODES[0]}"' == _ask(port, "DISP:TEXT?")
        assert 0.15 <= time.monotonic() - began
        bench.send("DELETE", faults)

        bench.send("POST", faults, fault="port_cut")
        port.timeout = 0.1
        assert "" == _ask(port, "*IDN?")  # however long one waits
        bench.send("DELETE", faults)
        port.timeout = BACKSTOP_S
        assert RFC in _ask(port, "*IDN?")


def test_08_a_double_in_the_same_process_needs_no_pty() -> None:
    """galh:// is opened by pyserial alone; faults are told to the token as to any other."""
    with (
        alive([configure(EVENT, GALH, SECRETS[EVENT])]),
        _open(f"galh://{EVENT}") as port,
    ):
        port.write(b"FAUL:INJ '{press = 1, reset = {delay_ms = 20}}'\n")
        assert '"REFUSED RESET"' == _ask(port, "BUTT:PRES?")
        assert f'"{expected_code(EVENT, 1)}"' == _ask(port, "BUTT:PRES?")


@pytest.fixture(scope="module")
def everywhere() -> Iterator[Asked]:
    """A ward's tokens, each on every kind of port at once."""
    ports = ("--tcp", "127.0.0.1:0", "--rfc2217", "127.0.0.1:0")
    with Asked("--seeds", "ward.csv", *ports, *MANUAL) as bench:
        yield bench


def _url(bench: Asked, kind: str) -> str:
    (token,) = [token for token in bench.serving.ready["tokens"] if token["serial"] == EVENT]
    return {"pty": "", "tcp": "socket://", "rfc2217": "rfc2217://"}[kind] + str(token[kind])


def _open(url: str) -> serial.Serial:
    port: serial.Serial = serial.serial_for_url(url, timeout=BACKSTOP_S)
    return port


def test_08_modem_lines_where_a_pty_has_none(everywhere: Asked) -> None:
    """PTYs refuse modem-line ioctls (pyserial#133): RFC 2217 has them."""
    with _open(_url(everywhere, "pty")) as pty, pytest.raises(OSError, match="ioctl"):
        _ = pty.cts
    with _open(_url(everywhere, "rfc2217")) as port:
        port.rts = port.dtr = False
        assert (True, True, True, False) == (port.cts, port.dsr, port.cd, port.ri)
        assert EVENT in _ask(port, "*IDN?")


class Hand(NamedTuple):
    """A token in somebody's hand, as far as the one test needs it.

    Attributes:
        press: gives the code, or why there is none.
        text: what the LCD shows.
        wait_dark: returns whether it shows nothing any more.
        counter: that of the next press.
    """

    press: Callable[[], str]
    text: Callable[[], str]
    wait_dark: Callable[[], bool]
    counter: Callable[[], int]


def _line_hand(port: serial.SerialBase) -> Hand:
    return Hand(
        lambda: _ask(port, "BUTT:PRES?").strip('"').removeprefix("REFUSED ").lower(),
        lambda: _ask(port, "DISP:TEXT?").strip('"'),
        lambda: _ask(port, "DISP:WAIT? DARK,60") == "1",
        lambda: int(_ask(port, "TOK:COUN?")),
    )


def _http_hand(bench: Asked) -> Hand:
    def press() -> str:
        pressed = bench.press(EVENT)
        return str(pressed["code"] or pressed["refused"])

    return Hand(
        press,
        lambda: str(bench.get(f"/tokens/{EVENT}/display")["text"]),
        lambda: bench.wait(EVENT, "dark", timeout_s=60)["met"] is True,
        lambda: bench.next_counter(EVENT),
    )


@pytest.fixture
def hand(request: pytest.FixtureRequest) -> Iterator[Hand]:
    """The token, on the backend that the test names."""
    with contextlib.ExitStack() as stack:
        if request.param == "in-process":
            stack.enter_context(alive([configure(EVENT, GALH, SECRETS[EVENT])]))
            yield _line_hand(stack.enter_context(_open(f"galh://{EVENT}")))
            return
        everywhere: Asked = request.getfixturevalue("everywhere")
        if request.param == "http":
            yield _http_hand(everywhere)
        else:
            yield _line_hand(stack.enter_context(_open(_url(everywhere, request.param))))


@pytest.mark.parametrize("hand", BACKENDS, indirect=True)
def test_09_one_test_runs_on_every_backend(hand: Hand) -> None:
    """Tests that run on device and emulator rot unless both are run: one body, five backends."""
    assert hand.wait_dark()
    first = hand.counter()
    assert expected_code(EVENT, first) == hand.press() == hand.text()
    assert "lit" == hand.press()
    assert hand.wait_dark()
    assert "" == hand.text()
    assert expected_code(EVENT, first + 1) == hand.press()
    assert first + 2 == hand.counter()


@pytest.mark.parametrize(
    "kind",
    [
        "pty",
        "tcp",
        "rfc2217",
    ],
)
def test_09_our_own_client_opens_every_port(everywhere: Asked, kind: str) -> None:
    """What galh press, code and display stand on takes whatever pyserial opens."""
    with PortToken(_url(everywhere, kind)) as token:
        token.wait_dark()
        counter = token.counter()
        assert expected_code(EVENT, counter) == token.press().code == token.lcd().text


AS_ANYBODY: Final = """
import json, os, tempfile
from pathlib import Path
import httpx, serial
from hosttools.testing import Serving

with (
    tempfile.TemporaryDirectory() as folder,
    Serving("--seeds", "rfc4226.csv", "--state", f"{folder}/state", "--http", "127.0.0.1:0",
            "--clock", "manual") as served,
    serial.Serial(served.port(), timeout=120) as port,
):
    port.write(b"BUTT:PRES?\\n")
    code = port.readline().decode().strip()
    (serial_number,) = [token["serial"] for token in served.ready["tokens"]]
    url = f"{served.ready['http']}/api/v1/tokens/{serial_number}"
    counter = httpx.get(f"{url}/counter", trust_env=False, timeout=120).json()["next"]
    status = Path(f"/proc/{served.process.pid}/status").read_text().splitlines()
    rights = [line.split()[1] for line in status if line.startswith("CapEff")]
    print(json.dumps({"user": os.geteuid(), "rights": rights, "code": code, "next": counter}))
"""


def _as_nobody(python: str, source: str) -> "subprocess.CompletedProcess[str]":
    """Run Python as a user without any rights: nobody, or whoever we are if not root."""
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    where = (ROOT, sysconfig.get_path("purelib"))
    return subprocess.run(
        [python, "-c", source],
        capture_output=True,
        text=True,
        timeout=2 * BACKSTOP_S,
        check=False,
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(map(str, where))},
        **user,
    )


def _python_for_nobody() -> str | None:
    """Return a Python of our version that anybody may run: root's own may be out of reach."""
    for python in (sys.executable, "/usr/bin/python{}.{}".format(*sys.version_info)):
        with contextlib.suppress(OSError):
            if not _as_nobody(python, "import fastapi, httpx, serial, hosttools").returncode:
                return python
    return None


def test_10_ci_without_hardware_and_without_root() -> None:
    """Pty, HTTP and state directory, as a user who may do nothing else."""
    python = _python_for_nobody()
    if python is None:
        pytest.skip("nobody can run this Python; run the tests as another user than root")
    done = _as_nobody(python, AS_ANYBODY)
    assert 0 == done.returncode, done.stderr
    told = json.loads(done.stdout)
    assert 0 != told.pop("user")
    assert {"rights": ["0" * 16], "code": f'"{RFC_CODES[0]}"', "next": 1} == told
