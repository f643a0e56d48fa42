"""Hundreds of tokens in one process; the benchmarks do it with thousands."""

import asyncio
import gc
import os
import resource
import select
import tracemalloc
from collections.abc import Iterator
from functools import partial
from typing import Final

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.ports.line import Line, troubled
from emulator.ports.pty import PtyPort
from emulator.scpi.handover import find_cut
from emulator.scpi.session import Session
from firmware_model import GALH, Secret, configure

PORTS: Final = 300
LIMIT: Final = 8000
"""Bytes that an idle token and its port may take."""


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Return an event loop that runs only while a test says so, and descriptors enough."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def serve(loop: asyncio.AbstractEventLoop, bench: Bench, number: int) -> PtyPort:
    """Put a token on the bench and open its port, as ``galh serve`` does."""
    serial = f"GALH{number:08}"
    bench.open(configure(serial, GALH, Secret(number.to_bytes(20, "big"))))
    return PtyPort(loop, troubled(loop, partial(Session, bench, serial), Line()), cut=find_cut)


def descriptors() -> set[str]:
    """Return the open descriptors of this process."""
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no path wanted


def turn(loop: asyncio.AbstractEventLoop) -> None:
    """Let the loop do what is there to do."""
    loop.run_until_complete(asyncio.sleep(0))


def test_hundreds_of_ports_answer_each_for_its_token(loop: asyncio.AbstractEventLoop) -> None:
    """All open at once; and nothing is left when they are closed."""
    bench = Bench(VirtualClock(0))
    before = descriptors()
    ports = [serve(loop, bench, number) for number in range(PORTS)]
    clients = [os.open(port.path, os.O_RDWR | os.O_NOCTTY) for port in ports]
    for client in clients:
        os.write(client, b"*IDN?\n")
    answers = []
    for client in clients:
        poll = select.poll()
        poll.register(client, select.POLLIN)
        while not poll.poll(0):
            turn(loop)
        answers.append(os.read(client, 200).split(b",")[2].decode())
        os.close(client)
    for port in ports:
        port.close()
    assert [f"GALH{number:08}" for number in range(PORTS)] == answers
    assert before >= descriptors()


def test_an_idle_token_and_its_port_take_little_memory(loop: asyncio.AbstractEventLoop) -> None:
    """As Python counts it; the benchmark asks the kernel."""
    bench = Bench(VirtualClock(0))
    ports = [serve(loop, bench, PORTS)]  # what all share
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        ports += [serve(loop, bench, number) for number in range(PORTS)]
        turn(loop)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        for port in ports:
            port.close()
    assert (after - before) / PORTS < LIMIT
