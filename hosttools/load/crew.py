"""Starts the processes that load, passes their job on, and waits for the report.

Locust lives in them and never in here. They are in sessions of their own: an interrupt
from the terminal is ours, and we ask them to come to an end, so that there is a report of
what was done.
"""

import contextlib
import importlib.util
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from hosttools.errors import HostError, UsageError
from hosttools.load.plan import Plan
from hosttools.load.report import Report
from hosttools.refserver import Policy
from hosttools.servers.launch.process import Process

_GOODBYE_S: Final = 20.0
_READY: Final = re.compile(r"^ready http=(\S+)$")
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """How a plan is carried out.

    Attributes:
        users: holders.
        spawn_rate: how many begin in a second.
        duration_s: how long it goes on, from the first user on.
        requests: after how many answers it ends earlier; 0: it does not.
        workers: processes that load; 0: one, and no master.
        host: where a master listens for workers.
        port: at which port; 0: any.
        starts_workers: whether the workers are started here; else they come from elsewhere.
        html: whether Locust's report is wanted.
    """

    users: int
    spawn_rate: float
    duration_s: float
    requests: int = 0
    workers: int = 0
    host: str = _LOOPBACK
    port: int = 0
    starts_workers: bool = True
    html: bool = False


class _Message(NamedTuple):
    """What a process says; ``None``: it is gone."""

    child: "_Child"
    said: Mapping[str, Any] | None


class _Child:
    """A process that loads.

    Args:
        job: what it is to do, as JSON has it.
        inbox: where what it says goes.
    """

    def __init__(self, job: Mapping[str, Any], inbox: "queue.Queue[_Message]") -> None:
        self.role: str = job["role"]
        self._process = subprocess.Popen(  # a module of ours
            [sys.executable, "-m", "hosttools.load.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101  # asked for above
        with contextlib.suppress(BrokenPipeError):  # it is gone, which its reader will say
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        self._reader = threading.Thread(target=self._read, args=(inbox,), daemon=True)
        self._reader.start()

    def ask_to_end(self) -> None:
        """Have it come to an end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """See to it that it is gone."""
        assert self._process.stdin is not None  # noqa: S101  # as above
        assert self._process.stdout is not None  # noqa: S101  # likewise
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def _read(self, inbox: "queue.Queue[_Message]") -> None:
        for line in self._process.stdout or ():
            inbox.put(_Message(self, json.loads(line)))
        inbox.put(_Message(self, None))


def load(
    plan: Plan, job: Job, progress: Callable[[Mapping[str, Any]], object] = lambda _: None
) -> Report:
    """Carry a plan out.

    Args:
        plan: what to load, and how.
        job: by how many, and how long.
        progress: is told, about once a second, how far it is.

    Returns:
        What came of it; on an interrupt, of what was done until then.

    Raises:
        HostError: it can't be carried out.
    """
    _check()
    inbox: queue.Queue[_Message] = queue.Queue()
    share = replace(plan, budget=plan.budget // max(job.workers, 1))
    wanted = {**asdict(job), "plan": share.as_json()}
    with contextlib.ExitStack() as stack:

        def start(**more: object) -> _Child:
            child = _Child({**wanted, **more}, inbox)
            stack.callback(child.close)
            return child

        lead = start(role="lead")
        stack.enter_context(_interrupts(lead))
        while True:
            child, said = inbox.get()
            match said:
                case None if child is lead:
                    raise HostError("the process that loads is gone; see what it said above")
                case None:
                    continue  # a worker; the master counts those that are lost
                case {"event": "failed"}:
                    raise _error(said)
                case {"event": "report"}:
                    return Report.of(plan, said)
                case {"event": "listening", "port": port} if job.starts_workers:
                    for _ in range(job.workers):
                        start(role="worker", port=port)
                case _:
                    progress(said)


def work(plan: Plan, host: str, port: int) -> None:
    """Be a worker of a master elsewhere, until that one has enough.

    Raises:
        HostError: it can't be done.
    """
    _check()
    inbox: queue.Queue[_Message] = queue.Queue()
    child = _Child({"role": "worker", "plan": plan.as_json(), "host": host, "port": port}, inbox)
    try:
        with _interrupts(child):
            said = inbox.get().said
    finally:
        child.close()
    if said is not None:
        raise _error(said)


@contextlib.contextmanager
def _interrupts(child: _Child) -> Iterator[None]:
    """On the first interrupt, ask for an early end, and for the report; the next is meant."""

    def ask(number: int, _: object) -> None:
        signal.signal(number, signal.default_int_handler)
        child.ask_to_end()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def own_server(policy: Policy | None) -> Iterator[str]:
    """Serve a reference server of our own, its tokens in a file; yield how it is named.

    Args:
        policy: how it treats its tokens; ``None``: as by default.

    Raises:
        HostError: it does not start.
    """
    settings = [] if policy is None else [f"{k}={_word(v)}" for k, v in asdict(policy).items()]
    with tempfile.TemporaryDirectory(prefix="galh-") as folder:
        command = [sys.executable, "-m", "hosttools.cli", "server", "--exit-with-parent"]
        command += ["--http", f"{_LOOPBACK}:0", "--db", str(Path(folder, "tokens.sqlite"))]
        command += [word for setting in settings for word in ("--policy", setting)]
        with Process(command, _READY, os.environ) as process:
            yield f"reference:{process.ready[1]}"


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _error(said: Mapping[str, Any]) -> HostError:
    usage = said["exit_code"] == UsageError.exit_code
    return (UsageError if usage else HostError)(said["error"])


def _check() -> None:
    """Say that Locust is missing before anything is started. It is not imported.

    Raises:
        UsageError: it is.
    """
    if importlib.util.find_spec("locust") is None:
        raise UsageError("galh load needs Locust: pip install 'galh-emulator[load,web]'")
