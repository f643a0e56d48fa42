"""Thousands of ports in one process: python benchmarks/bench_ports.py [PTYS [TCP_PORTS [MUX]]].

Each process serves a bench of that many tokens in memory, each with a port of its own:
how long that takes to open, how much resident memory (Rss of /proc/self/smaps_rollup) a
token and its port add, and a round trip of ``*IDN?`` at the first, the middle and the
last of them, in turns with a process that has one port, and with the least that can
answer. Asks for 4,000 ptys and 9,000 TCP ports, and takes fewer where the system gives
no more (kernel.pty.max, ulimit -n), and says so. Beyond that, 100,000 tokens share one
multiplexed port, on which each is selected and asked.
"""

import asyncio
import contextlib
import gc
import itertools
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from serial import Serial

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.ports.line import Line, troubled
from emulator.ports.pty import PtyPort
from emulator.ports.tcp import TcpServer
from emulator.scpi.handover import find_cut
from emulator.scpi.session import Session
from emulator.scpi.welcome import sessions
from firmware_model import GALH, Config, Secret, configure

WANTED: Final = {"pty": 4000, "tcp": 9000, "mux": 100_000}
DESCRIPTORS: Final = {"pty": 2, "tcp": 1, "mux": 0}
"""That a port takes."""

SPARE: Final = 64
"""Descriptors and ptys left for others."""

QUERY: Final = b"*IDN?\n"
BLOCKS: Final = 60
ROUND_TRIPS: Final = 100
GOAL: Final = 8000
"""Bytes that an idle token and its port may take."""

Ask = Callable[[], bytes]


def serial_of(number: int) -> str:
    """Return the serial number of the token made as that one."""
    return f"GALH{number:08}"


def config_of(number: int) -> Config:
    """Return its settings."""
    return configure(serial_of(number), GALH, Secret(number.to_bytes(20, "big")))


def query_of(kind: str, number: int) -> bytes:
    """Return what asks a token who it is."""
    return f"INST:SEL {serial_of(number)};".encode() * (kind == "mux") + QUERY


def answer_of(number: int) -> bytes:
    """Return what that token answers."""
    bench = Bench(VirtualClock(0))
    answers: list[bytes] = []
    bench.open(config_of(number))
    Session(bench, serial_of(number), answers.append).feed(QUERY)
    return answers[0]


def rss() -> int:
    """Return the resident memory of this process, in bytes."""
    gc.collect()
    rollup = Path("/proc/self/smaps_rollup").read_text()
    return 1024 * next(int(line.split()[1]) for line in rollup.splitlines() if "Rss" in line)


# The processes that serve.


async def serve(kind: str, count: int) -> None:
    """Be a bench with that many tokens and ports; say so, and stay until stdin ends."""
    loop = asyncio.get_running_loop()
    bench = Bench(VirtualClock(0))

    def add(number: int) -> PtyPort | TcpServer:
        bench.open(config_of(number))
        if kind == "mux":
            return ports[0] if number else TcpServer(loop, sessions(bench, None))
        session = troubled(loop, partial(Session, bench, serial_of(number)), Line())
        if kind == "pty":
            return PtyPort(loop, session, cut=find_cut)
        return TcpServer(loop, lambda _: session)

    ports: list[PtyPort | TcpServer] = []
    ports.append(add(0))  # what all share is there with the first
    await asyncio.sleep(0)
    before, begin = rss(), time.perf_counter()
    ports += [add(number) for number in range(1, count)]
    took_s = time.perf_counter() - begin
    await asyncio.sleep(0)
    bytes_each = (rss() - before) / max(count - 1, 1)
    urls = {number: ports[number].url for number in {0, count // 2, count - 1}}
    print(json.dumps({"s": took_s, "bytes": bytes_each, "urls": urls}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for port in dict.fromkeys(ports):
        port.close()


def echo_pty(size: int) -> None:
    """Be the least that can answer at a pty."""
    master, slave = os.openpty()
    tty.setraw(slave)
    print(json.dumps(os.ttyname(slave)), flush=True)
    answer = b"." * (size - 1) + b"\n"
    while True:
        os.read(master, 4096)
        os.write(master, answer)


def echo_tcp(size: int) -> None:
    """Be the least that can answer at a TCP port."""
    listening = socket.create_server(("127.0.0.1", 0))
    print(json.dumps("socket://{}:{}".format(*listening.getsockname())), flush=True)
    sock, _ = listening.accept()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answer = b"." * (size - 1) + b"\n"
    while sock.recv(4096):
        sock.sendall(answer)


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[Any]:
    """Run one of these processes, and give what it says when it is ready."""
    command = [sys.executable, __file__, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  # ourselves
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


# The client.


@contextlib.contextmanager
def connected(url: str, query: bytes = QUERY) -> Iterator[Callable[[int], bytes]]:
    """Connect, and give what asks and returns so many bytes of answer."""
    if url.startswith("socket://"):
        host, _, port = url.removeprefix("socket://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def exchange(size: int) -> bytes:
                sock.sendall(query)
                return sock.recv(size, socket.MSG_WAITALL)

            yield exchange
        return
    with Serial(url, 115_200, timeout=30) as line:

        def ask(size: int) -> bytes:
            line.write(query)
            answer: bytes = line.read(size)
            return answer

        yield ask


def block(ask: Ask) -> list[int]:
    """Ask again and again, and return how long each took, in ns."""
    times = []
    for _ in range(ROUND_TRIPS):
        begin = time.perf_counter_ns()
        ask()
        times.append(time.perf_counter_ns() - begin)
    return times


def in_turns(contestants: Mapping[str, Sequence[Ask]]) -> dict[str, list[int]]:
    """Time blocks of each in turns; one with several asks at one after the other."""
    times: dict[str, list[int]] = {name: [] for name in contestants}
    for number in range(BLOCKS):
        for name, asks in contestants.items():
            times[name] += block(asks[number % len(asks)])
    return times


def possible(kind: str, wanted: int) -> int:
    """Return how many ports this system gives us, and say so if they are fewer."""
    _, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))  # children inherit it
    most = (descriptors - SPARE) // max(DESCRIPTORS[kind], 1)
    why = f"ulimit -n is {descriptors}"
    if kind == "pty":
        ptys, used = (int(Path(f"/proc/sys/kernel/pty/{n}").read_text()) for n in ("max", "nr"))
        if ptys - used - SPARE // 2 < most:
            most, why = ptys - used - SPARE // 2, f"kernel.pty.max is {ptys}, {used} are in use"
    if kind == "mux":
        return wanted
    if most < wanted:
        print(f"only {most:,} ports and not {wanted:,}: {why}")
    return min(most, wanted)


def compare(kind: str, wanted: int) -> None:
    """Measure one kind of port, and print the table."""
    count, size = possible(kind, wanted), len(answer_of(0))
    what = "tokens" if kind == "mux" else "ports"
    with contextlib.ExitStack() as stack:
        many = stack.enter_context(running("serve", kind, str(count)))
        one = stack.enter_context(running("serve", kind, "1"))
        contestants: dict[str, list[Ask]] = {}
        for name, served in ((f"{count:,} {what}", many), (f"1 {what[:-1]}", one)):
            for number, url in served["urls"].items():
                exchange = stack.enter_context(connected(url, query_of(kind, int(number))))
                assert exchange(size) == answer_of(int(number))
                contestants.setdefault(name, []).append(partial(exchange, size))
        peer = stack.enter_context(running("echo-pty" if kind == "pty" else "echo-tcp", str(size)))
        contestants["bare echo"] = [partial(stack.enter_context(connected(peer)), size)]
        for ask in itertools.chain.from_iterable(contestants.values()):
            assert len(ask()) == size
            block(ask)  # warm up
        times = in_turns(contestants)
    print(
        f"{count:,} {kind} {what}: open in {many['s']:.2f} s,"
        f" {1e6 * many['s'] / count:.0f} µs each; {many['bytes']:,.0f} bytes each"
        f" (goal: at most {GOAL:,})"
    )
    print(f"  {'*IDN?':14}{'p50 µs':>10}{'p99 µs':>10}{'times echo':>12}")
    echo = statistics.median(times["bare echo"])
    for name, taken in times.items():
        p50, p99 = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
        print(f"  {name:14}{p50 / 1000:10.1f}{p99 / 1000:10.1f}{p50 / echo:12.2f}")
    assert many["bytes"] <= GOAL


def main() -> None:
    """Measure every kind."""
    for kind, given in zip(WANTED, [*sys.argv[1:], None, None, None], strict=False):
        compare(kind, WANTED[kind] if given is None else int(given))


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(sys.argv[2], int(sys.argv[3])))
    elif sys.argv[1:2] == ["echo-pty"]:
        echo_pty(int(sys.argv[2]))
    elif sys.argv[1:2] == ["echo-tcp"]:
        echo_tcp(int(sys.argv[2]))
    else:
        main()
