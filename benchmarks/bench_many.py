"""100,000 tokens on one bench process: python benchmarks/bench_many.py [TOKENS].

Makes a seed file of that many tokens and gives it to ``galh serve``, with one multiplexed
port and HTTP: how long until it is ready, what it takes of memory, and a press over either,
at the first, the middle and the last tokens. Beside it the same with one token in a
hundred, for what the number makes of it. Each code is checked before it counts.
"""

import http.client
import json
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from firmware_model import Secret, hotp
from firmware_model.oath import Key
from hosttools.testing import Serving

TOKENS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
PRESSES: Final = 100
"""At each of three places."""

Press = Callable[[int], str]


def serial_of(number: int) -> str:
    """Return a token's serial number."""
    return f"GALH{number:08}"


def secret_of(number: int) -> bytes:
    """Return its secret."""
    return number.to_bytes(20, "big")


def code_of(number: int, counter: int) -> str:
    """Return one of its codes."""
    return hotp(Key(Secret(secret_of(number))), counter)


def presses(press: Press, tokens: int, counter: int) -> list[float]:
    """Press tokens here and there; return how long each took, ms."""
    here_and_there = chain.from_iterable(
        range(first, min(first + PRESSES, tokens))
        for first in (0, tokens // 2, max(tokens - PRESSES, 0))
    )
    taken = []
    for number in dict.fromkeys(here_and_there):
        begin = time.perf_counter()
        code = press(number)
        taken.append((time.perf_counter() - begin) * 1000)
        assert code_of(number, counter) == code
    return taken


def over_http(url: str) -> tuple[Press, Callable[[], None]]:
    """Return what presses over HTTP, and what lets all go dark."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"))

    def ask(path: str, body: object) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
        answer: dict[str, str] = json.load(connection.getresponse())
        return answer

    def press(number: int) -> str:
        return ask(f"tokens/{serial_of(number)}/button", {"action": "press-and-release"})["code"]

    def go_dark() -> None:
        ask("clock/advance", {"seconds": 60})

    return press, go_dark


def over_mux(address: str) -> Press:
    """Return what presses over the multiplexed port."""
    host, _, port = address.rpartition(":")
    line = socket.create_connection((host, int(port)))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answers = line.makefile("rb")

    def press(number: int) -> str:
        line.sendall(f"INST:SEL {serial_of(number)};:BUTT:PRES?\n".encode())
        return answers.readline().decode().strip().strip('"')

    return press


def lines(tokens: int) -> Iterator[str]:
    """Yield a seed file."""
    yield "# practice seeds: published or made up, never for real use\n"
    for number in range(tokens):
        yield f"{serial_of(number)},{secret_of(number).hex()},hotp,6\n"


def measure(folder: Path, tokens: int) -> None:
    """Serve so many tokens, press some, print a line."""
    seeds = folder / f"{tokens}.csv"
    seeds.write_text("".join(lines(tokens)), encoding="ascii")
    begin = time.perf_counter()
    with Serving(
        *("--seeds", seeds, "--no-pty", "--clock", "manual"),
        *("--mux", "127.0.0.1:0", "--http", "127.0.0.1:0"),
    ) as serving:
        ready_s = time.perf_counter() - begin
        rollup = Path(f"/proc/{serving.process.pid}/smaps_rollup").read_text(encoding="ascii")
        rss_kb = next(int(line.split()[1]) for line in rollup.splitlines() if "Rss" in line)
        press, go_dark = over_http(serving.http)
        http_ms = presses(press, tokens, 0)
        go_dark()
        mux_ms = presses(over_mux(serving.ready["mux"]), tokens, 1)
        times = (
            f"{statistics.median(taken):9.2f}{statistics.quantiles(taken, n=100)[98]:9.2f}"
            for taken in (http_ms, mux_ms)
        )
        print(f"{tokens:>8,}{ready_s:9.1f}{rss_kb / 1024:9.0f}{''.join(times)}")


def main() -> None:
    """Measure and print the table."""
    columns = ("ready s", "MB", "HTTP p50", "p99 ms", "mux p50", "p99 ms")
    print(f"{'tokens':>8}{''.join(f'{column:>9}' for column in columns)}")
    with tempfile.TemporaryDirectory() as folder:
        for tokens in (max(TOKENS // 100, 1), TOKENS):
            measure(Path(folder), tokens)


if __name__ == "__main__":
    main()
