"""A press over HTTP against a bare Starlette route: python benchmarks/bench_http.py [DIRECTORY].

Both are served by uvicorn in a process of their own, and asked over one connection that
is kept, in turns. The bench has a manual clock and keeps its state in the
directory, which must be on a real disk: each press lights a code, whose counter is durable
before the answer goes out. Between two presses the clock is advanced, untimed.
Beside them: a look at the display, and what a press takes without HTTP.
"""

import asyncio
import contextlib
import http
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.statedir import StateDir
from firmware_model import GALH, Secret, configure, hotp
from firmware_model.oath import Key

SECOND: Final = 1_000_000_000
CONFIG: Final = configure("GALH00004226", GALH, Secret(b"12345678901234567890"))
SERIAL: Final = CONFIG.serial
ROUNDS: Final = 2_000
WARM_UP: Final = 100
GOAL: Final = 2.5

PRESS: Final = ("POST", f"/api/v1/tokens/{SERIAL}/button", {"action": "press-and-release"})
LOOK: Final = ("GET", f"/api/v1/tokens/{SERIAL}/display", None)
DARK: Final = ("POST", "/api/v1/clock/advance", {"seconds": 31})
BARE: Final = ("POST", "/", PRESS[2])
Request = tuple[str, str, Mapping[str, object] | None]


async def serve_bench(folder: Path) -> None:
    """Be the server of a bench."""
    from emulator.http.desk import Desk  # noqa: PLC0415  # the other server does without
    from emulator.http.server import HttpPort  # noqa: PLC0415

    with StateDir(folder) as store:
        bench = Bench(VirtualClock(0), store=store)
        bench.open(CONFIG)
        port = await HttpPort.open(Desk(bench=bench), "127.0.0.1", 0)
        print(port.port, flush=True)
        await asyncio.Event().wait()


def serve_bare() -> None:
    """Be the least that can answer JSON to JSON."""
    import uvicorn  # noqa: PLC0415  # the other server has its own
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.requests import Request as Asked  # noqa: PLC0415
    from starlette.responses import JSONResponse  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    async def answer(request: Asked) -> JSONResponse:
        await request.json()
        return JSONResponse({"code": "755224"})

    app = Starlette(routes=[Route("/", answer, methods=["POST"])])
    config = uvicorn.Config(
        app, loop="none", log_config=None, access_log=False, timeout_keep_alive=60
    )
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    asyncio.run(uvicorn.Server(config).serve([listener]))


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[http.client.HTTPConnection]:
    """Run one of the servers and connect to it."""
    command = [sys.executable, __file__, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ourselves
        assert process.stdout is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()))
        try:
            yield connection
        finally:
            connection.close()
            process.kill()


def ask(connection: http.client.HTTPConnection, request: Request) -> tuple[int, dict[str, str]]:
    """Send a request; return how long the answer took, in ns, and the answer."""
    method, path, content = request
    body = None if content is None else json.dumps(content)
    headers = {} if body is None else {"Content-Type": "application/json"}
    begin = time.perf_counter_ns()
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    data = response.read()
    taken = time.perf_counter_ns() - begin
    assert response.status == http.HTTPStatus.OK, data
    return taken, json.loads(data)


def time_in_turns(
    bench: http.client.HTTPConnection, bare: http.client.HTTPConnection
) -> dict[str, list[int]]:
    """Return how long each request took, by what it was."""
    key = Key(CONFIG.secret)
    taken: dict[str, list[int]] = {"bare route": [], "display": [], "press": []}
    for counter in range(WARM_UP + ROUNDS):
        times = {"bare route": ask(bare, BARE)[0], "display": ask(bench, LOOK)[0]}
        times["press"], answer = ask(bench, PRESS)
        assert hotp(key, counter) == answer["code"]
        ask(bench, DARK)
        if counter >= WARM_UP:
            for name, ns in times.items():
                taken[name].append(ns)
    return taken


def time_without_http(folder: Path) -> list[int]:
    """Return how long a durable press takes in the process itself."""
    with StateDir(folder) as store:
        bench = Bench(VirtualClock(0), store=store)
        bench.open(CONFIG)
        times = []
        for _ in range(ROUNDS // 2):
            begin = time.perf_counter_ns()
            result = bench.press(SERIAL).result
            times.append(time.perf_counter_ns() - begin)
            assert result.code is not None
            bench.advance(31 * SECOND)
        return times


def main() -> None:
    """Time, print the table."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=directory) as name:
        folder = Path(name)
        with serving("bench", str(folder / "state")) as bench, serving("bare") as bare:
            taken = time_in_turns(bench, bare)
        taken["press without HTTP"] = time_without_http(folder / "alone")
    base = statistics.median(taken["bare route"])
    print(f"{ROUNDS:,} requests each    p50 µs   p99 µs   / bare route")
    for what, times in taken.items():
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(f"{what:<20} {p50 / 1000:10.1f} {p99 / 1000:8.1f} {p50 / base:13.2f}x")
    ratio = statistics.median(taken["press"]) / base
    print(f"a press takes {ratio:.2f} times a bare route (goal: {GOAL})")


if __name__ == "__main__":
    if sys.argv[1:2] == ["bench"]:
        asyncio.run(serve_bench(Path(sys.argv[2])))
    elif sys.argv[1:2] == ["bare"]:
        serve_bare()
    else:
        main()
