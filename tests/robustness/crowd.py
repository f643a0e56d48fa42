"""What these tests do to a served bench: talk HTTP by hand, in many ways, and weigh the process."""

import json
import socket
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from emulator.ports.tcp import parse_address
from hosttools.testing import BACKSTOP_S


def until(truth: Callable[[], bool]) -> None:
    """Return once it is so, and fail if that takes longer than :data:`BACKSTOP_S`.

    Args:
        truth: asks the process under test, which is what takes the time in between.
    """
    end = time.monotonic() + BACKSTOP_S
    while not truth():
        assert time.monotonic() < end, "it never came"


class Weight(NamedTuple):
    """What a process takes.

    Attributes:
        descriptors: open ones.
        resident_kb: memory.
    """

    descriptors: int
    resident_kb: int


def weigh(pid: int) -> Weight:
    """Look what a process takes."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return Weight(len(list(Path(f"/proc/{pid}/fd").iterdir())), int(line.split()[1]))


def connect(place: str, *, window: int | None = None) -> socket.socket:
    """Connect to a port.

    Args:
        place: a URL, or host and port.
        window: bytes that the kernel keeps for a client that does not read.
    """
    sock = socket.socket()
    sock.settimeout(BACKSTOP_S)
    if window is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    try:
        sock.connect(parse_address(place.removeprefix("http://")))
    except OSError:
        sock.close()
        raise
    return sock


def request(path: str, method: str = "GET", body: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    kind = "Content-Type: application/json\r\n" if body else ""
    return f"{head}{kind}\r\n".encode() + body


def told(sock: socket.socket, end: bytes) -> bytes:
    """Read until something has come."""
    found = b""
    while end not in found:
        data = sock.recv(65_536)
        assert data, f"hung up before {end!r}"
        found += data
    return found


class Line:
    """A client's HTTP connection to a bench."""

    def __init__(self, url: str) -> None:
        self._line = HTTPConnection(url.removeprefix("http://"), timeout=BACKSTOP_S)

    def send(self, serial: str, key: str, times: int = 1) -> None:
        """Ask for presses under an idempotency key; :meth:`answer` has what comes of them."""
        body = {"action": "press-and-release", "times": times}
        self._send("POST", f"/api/v1/tokens/{serial}/button", body, {"Idempotency-Key": key})

    def press(self, serial: str, key: str, times: int = 1) -> tuple[int, Any]:
        """Press under an idempotency key; return status and answer."""
        self.send(serial, key, times)
        return self.answer()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request; return status and answer."""
        self._send(method, path, body, {})
        return self.answer()

    def answer(self) -> tuple[int, Any]:
        """Wait for the answer to what was sent."""
        response = self._line.getresponse()
        return response.status, json.loads(response.read())

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> None:
        data = None if body is None else json.dumps(body)
        self._line.request(method, path, data, {"Content-Type": "application/json"} | headers)
