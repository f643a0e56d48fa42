"""``--exit-with-parent``: nothing is left of a bench whose job was killed."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from hosttools.seedfiles import sample
from hosttools.testing import BACKSTOP_S, Serving
from tests.robustness.crowd import connect

PARENT: Final = """
import subprocess, sys
served = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
sys.stdout.buffer.write(served.stdout.readline())
sys.stdout.flush()
sys.stdin.read()
"""
"""Starts a bench, passes its ready line on, and waits to be killed."""


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start a process that starts a bench."""
    serve = [*Serving.COMMAND, "--json", "--seeds", sample("rfc4226.csv"), *arguments]
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, *map(str, serve)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def ends(process: int) -> bool:
    """Wait for the end of a process, which is nobody's child here."""
    return bool(select.select([process], [], [], BACKSTOP_S)[0])


def test_the_bench_ends_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed with -9: process, pty, link, ready file and port are gone."""
    link, ready_file, artifacts = (tmp_path / name for name in ("token", "ready.json", "kept"))
    with start(
        *("--http", "127.0.0.1:0", "--link", link, "--ready-file", ready_file),
        *("--state", tmp_path / "state", "--artifacts", artifacts, "--exit-with-parent"),
    ) as parent:
        assert parent.stdout is not None
        ready = json.loads(parent.stdout.readline())
        served = os.pidfd_open(ready["pid"])
        pty = os.open(ready["tokens"][0]["pty"], os.O_RDWR | os.O_NOCTTY)
        assert link.is_symlink()
        assert ready == json.loads(ready_file.read_text())
        parent.send_signal(signal.SIGKILL)
        assert ends(served)
    hung_up = select.poll()
    hung_up.register(pty, select.POLLHUP)
    assert hung_up.poll(0)
    assert (False, False) == (link.is_symlink(), ready_file.exists())
    with pytest.raises(ConnectionRefusedError):
        connect(ready["http"])
    assert (artifacts / "journal.jsonl").stat().st_size > 0  # it ended as if told to
    os.close(pty)
    os.close(served)
    with Serving("--state", tmp_path / "state", "--no-pty") as again:  # nobody holds it
        assert again.stop()[0] == 0


def test_without_it_the_bench_lives_on(tmp_path: Path) -> None:
    """As a service must, which outlives the shell that started it."""
    with start("--link", tmp_path / "token") as parent:
        assert parent.stdout is not None
        ready = json.loads(parent.stdout.readline())
        served = os.pidfd_open(ready["pid"])
        parent.send_signal(signal.SIGKILL)
    with open(ready["tokens"][0]["pty"], "r+b", buffering=0) as port:  # noqa: PTH123  # unbuffered
        port.write(b"*OPC?\n")
        assert port.read(2) == b"1\n"
    signal.pidfd_send_signal(served, signal.SIGTERM)
    assert ends(served)
    os.close(served)
