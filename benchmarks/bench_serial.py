"""A round trip over the serial port against a bare pty echo: python benchmarks/bench_serial.py.

The client is pyserial, reading as many bytes as the answer has. The peer is the
least that a process behind a pty can do: read what came, write as many bytes as
the token does. All run in processes of their own and take turns in short blocks.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from typing import Final

import serial

from hosttools.seedfiles import sample
from hosttools.testing import Serving

QUERY: Final = b"DISP:TEXT?\n"
ANSWER: Final = b'""\n'
BLOCKS: Final = 60
ROUND_TRIPS: Final = 200
GOAL: Final = 1.3


def echo() -> None:
    """Be the peer: answer whatever comes, until there is nobody to ask."""
    master, slave = os.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    while True:
        os.read(master, 4096)
        os.write(master, ANSWER)


@contextlib.contextmanager
def bare_echo() -> Iterator[str]:
    """Run the peer and give its port."""
    command = [sys.executable, __file__, "echo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ourselves
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def block(port: serial.Serial) -> list[int]:
    """Ask again and again, and return how long each took, in ns."""
    times = []
    for _ in range(ROUND_TRIPS):
        begin = time.perf_counter_ns()
        port.write(QUERY)
        answer = port.read(len(ANSWER))
        times.append(time.perf_counter_ns() - begin)
        assert answer == ANSWER
    return times


def main() -> None:
    """Time in turns, and print the table."""
    seeds = ("--seeds", sample("rfc4226.csv"))
    with (
        bare_echo() as echo_port,
        Serving(*seeds, "--clock", "manual") as manual,
        Serving(*seeds, "--clock", "real") as real,
        contextlib.ExitStack() as stack,
    ):
        paths = {"bare echo": echo_port, "manual clock": manual.port(), "real clock": real.port()}
        ports = {
            name: stack.enter_context(serial.Serial(path, 115_200, timeout=10))
            for name, path in paths.items()
        }
        times: dict[str, list[int]] = {name: [] for name in ports}
        for port in ports.values():
            block(port)  # warm up
        for _ in range(BLOCKS):
            for name, port in ports.items():
                times[name] += block(port)
    print(f"{QUERY.decode().strip() + ', ' + str(BLOCKS * ROUND_TRIPS) + ' times':28}", end="")
    print(f"{'p50 µs':>10}{'p99 µs':>10}{'times echo':>12}")
    peer = statistics.median(times["bare echo"])
    for name, taken in times.items():
        p50, p99 = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
        print(f"  {name:26}{p50 / 1000:10.1f}{p99 / 1000:10.1f}{p50 / peer:12.2f}")
    print(f"  goal: at most {GOAL} times the echo's p50")


if __name__ == "__main__":
    if sys.argv[1:] == ["echo"]:
        echo()
    else:
        main()
