"""What a command that serves owes to whoever started it: signals, its parent, a ready file."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hosttools.errors import UsageError


def on_signals(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    """Call ``end`` on SIGINT, SIGTERM and SIGHUP."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A hang-up that nohup had us ignore stays ignored; to interrupt us is always meant.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end)


@contextlib.contextmanager
def with_parent(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> Iterator[None]:
    """Call ``end`` when the process that started this one ends, however it does.

    Raises:
        UsageError: the system can't watch a process.
    """
    parent = os.getppid()
    try:
        # Readable once that process is gone: nothing to poll, and no signal to lose.
        fd = os.pidfd_open(parent)
    except (OSError, AttributeError) as e:
        raise UsageError(f"--exit-with-parent: this system can't watch a process: {e}") from None
    loop.add_reader(fd, end)
    if os.getppid() != parent:
        end()
    try:
        yield
    finally:
        loop.remove_reader(fd)
        os.close(fd)


@contextlib.contextmanager
def ready_file(path: Path) -> Iterator[None]:
    """Have no ready file in the beginning, and none in the end.

    Raises:
        UsageError: one of a run that was killed can't be removed; it would be taken for
            this one's.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as e:
        raise UsageError(f"--ready-file {path} can't be replaced: {e.strerror}") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def write_ready(path: Path, ready: Mapping[str, Any]) -> None:
    """Let the ready file appear whole: whoever waits for it may read it at once.

    Raises:
        UsageError: it can't be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps(ready) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise UsageError(f"--ready-file {path} can't be written: {e.strerror}") from None
