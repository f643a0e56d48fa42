"""A reader of events that reads nothing while tokens are pressed.

With the memory that a bench really has; tests/emulator/http/test_events.py has the same with
little.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from hosttools.eventstream import Message, parse_sse
from hosttools.seedfiles import sample
from hosttools.testing import Serving
from tests.robustness.crowd import Line, connect, request, weigh

TIME: Final = "GALT00006238"
SERVE: Final = (
    *("--seeds", sample("rfc6238.csv"), TIME, "--profile", "GALT", "--no-pty"),
    *("--clock", "manual", "--http", "127.0.0.1:0"),
)
MEMORY_KB: Final = 16_384
"""What may come on top while a reader is behind by several times that."""

KEPT: Final = 100_000
"""Records that the journal has in memory."""


def press(line: Line, times: int) -> int:
    """Press a token; return the number of the newest record."""
    status, answer = line.ask(
        "POST",
        f"/api/v1/tokens/{TIME}/button",
        {"action": "press-and-release", "times": times},
    )
    assert (200, times) == (status, len(answer["presses"]))
    sequence: int = answer["sequence"]
    return sequence


def press_until(line: Line, sequence: int) -> int:
    """Press until so many records are there; return the number of the newest."""
    visible = 0
    while visible < sequence:
        visible = press(line, 500)
    return visible


def subscribe(served: Serving, after: int, *, window: int | None = None) -> socket.socket:
    """Ask for events."""
    sock = connect(served.http, window=window)
    sock.sendall(request(f"/api/v1/events?after={after}"))
    return sock


def messages(sock: socket.socket) -> Iterator[Message]:
    """Yield the events of a stream."""
    with sock.makefile("rb") as file:
        while (line := file.readline()) != b"\r\n":
            assert line

        def body() -> Iterator[bytes]:
            while size := int(file.readline(), 16):  # chunked, RFC 9112 section 7.1
                yield file.read(size)
                file.readline()

        yield from parse_sse(body())


def read_to(sock: socket.socket, sequence: int) -> list[tuple[str, Any]]:
    """Return what a stream tells up to a record."""
    found = []
    for message in messages(sock):
        if message.data:
            found.append((message.event, json.loads(message.data)))
            if found[-1][1].get("sequence") == sequence:
                break
    return found


@pytest.mark.full
def test_a_reader_that_reads_nothing() -> None:
    """It costs no memory and hinders nobody; reading at last, it is told of the gap."""
    with Serving(*SERVE) as served, closing(Line(served.http)) as line:
        begun = press_until(line, KEPT)  # the journal has all the memory that it takes
        with closing(subscribe(served, begun, window=4_096)) as slow:
            before = weigh(served.process.pid)
            end = begun
            while end < begun + KEPT * 3 // 2:
                end = press(line, 500)  # answered, as ever
                assert line.ask("GET", "/healthz")[0] == 200
            with closing(subscribe(served, end)) as quick:
                press(line, 1)
                assert read_to(quick, end + 1)[-1][1]["sequence"] == end + 1
            assert weigh(served.process.pid).resident_kb - before.resident_kb < MEMORY_KB
            told = read_to(slow, end)
        kinds = [kind for kind, _ in told]
        numbers = [data["sequence"] for kind, data in told if kind == "record"]
        at = kinds.index("gap") - 1  # after hello
        assert (1, "hello") == (kinds.count("gap"), kinds[0])
        assert list(range(begun + 1, begun + 1 + at)) == numbers[:at]
        assert list(range(numbers[at], end + 1)) == numbers[at:]


@pytest.mark.full
def test_with_a_journal_that_is_kept_nothing_is_lost(tmp_path: Path) -> None:
    """A reader that is behind by more than memory has gets every record from the disk."""
    with (
        Serving(*SERVE, "--state", tmp_path / "state") as served,
        closing(Line(served.http)) as line,
        closing(subscribe(served, 0, window=4_096)) as slow,
    ):
        end = press_until(line, KEPT + 20_000)
        told = read_to(slow, end)
        assert [kind for kind, _ in told[:1]] == ["hello"]
        assert list(range(1, end + 1)) == [data["sequence"] for _, data in told[1:]]
