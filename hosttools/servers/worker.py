"""A server in a child process of its own, asked in lines of JSON.

Some servers are libraries that want a process to themselves: Django has one set of
settings for all, and a clock that is moved under liboath would move for everybody. So
they live in a child, and die with it. The child's verbs are plain functions; this module
knows none of them. Secrets go through the pipe and nowhere else: the child is given none
on its command line or in its environment.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any, Final

from hosttools.servers.seam import ServerError, clean

PATIENCE_S: Final = 60.0
"""How long an answer may take before the child counts as hung; our default."""

_GOODBYE_S: Final = 5.0
_LAST_FORK_S: Final = 1.0
_TAIL: Final = 400

Verb = Callable[..., Any]
"""What a child does when it is asked: keyword arguments and an answer, plain values all."""


class RefusedError(Exception):
    """What a verb raises that can't be done; the parent passes on what it says."""


class Worker:
    """The parent's end. Any number of threads may ask at a time.

    Args:
        module: what the child runs, as after ``python -m``; it calls :func:`serve`.
        arguments: for the module's command line: nothing secret.
        environment: the child's; ``None``: as ours.
        patience_s: host seconds after which an answer is given up.

    Raises:
        ServerError: it can't be started, or says on its first line that it can't serve.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._name = module.rpartition(".")[2]
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Any]] = {}
        self._ticket = 0
        self._gone = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the child
        self._child = subprocess.Popen(  # noqa: S603  # a module of ours
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=None if environment is None else dict(environment),
            start_new_session=True,  # with its forks it is one group, to be ended as one
        )
        ready: Future[Any] = Future()
        self._waiting[self._ticket] = ready
        self._reader = threading.Thread(target=self._read, name=self._name, daemon=True)
        self._reader.start()
        try:
            self._answer(ready)
        except BaseException:
            self.close()
            raise

    def ask(self, verb: str, **arguments: object) -> Any:  # noqa: ANN401  # whatever the verb answers
        """Return what a verb of the child answers.

        Raises:
            ServerError: the verb failed, or the child is gone or hangs.
        """
        answer: Future[Any] = Future()
        with self._lock:
            if self._gone:
                raise ServerError(self._last_words())
            self._ticket += 1
            self._waiting[self._ticket] = answer
            line = json.dumps({"id": self._ticket, "verb": verb, "arguments": arguments})
            try:
                _pipe(self._child.stdin).write(line.encode() + b"\n")
                _pipe(self._child.stdin).flush()
            except OSError as e:
                raise ServerError(self._last_words()) from e
        return self._answer(answer)

    def close(self) -> None:
        """Let the child end, and see to it that it does."""
        with contextlib.suppress(OSError):
            _pipe(self._child.stdin).close()
        try:
            self._child.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(_LAST_FORK_S)
        if self._reader.is_alive():  # a fork hangs, and holds the other end of the pipe
            os.killpg(self._child.pid, signal.SIGKILL)
            self._reader.join()
        _pipe(self._child.stdout).close()
        self._said.close()

    def _answer(self, answer: Future[Any]) -> Any:  # noqa: ANN401  # see ask
        try:
            return answer.result(self._patience_s)
        except TimeoutError as e:
            raise ServerError(f"{self._name} gave no answer for {self._patience_s:g} s") from e

    def _read(self) -> None:
        for line in _pipe(self._child.stdout):
            said = json.loads(line)
            with self._lock:
                answer = self._waiting.pop(said["id"])
            if "error" in said:
                answer.set_exception(ServerError(said["error"]))
            else:
                answer.set_result(said["answer"])
        with self._lock:
            self._gone = True
            left = list(self._waiting.values())
            self._waiting.clear()
        for answer in left:
            answer.set_exception(ServerError(self._last_words()))

    def _last_words(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            self._said.seek(0)
            lines = self._said.read().decode(errors="replace").splitlines()
            if lines:
                return f"the process of {self._name} is gone: {clean(lines[-1])[:_TAIL]}"
        return f"the process of {self._name} is gone"


def serve(verbs: Mapping[str, Verb], *, threads: int = 0) -> None:
    """Serve as a child until nobody asks any more.

    Args:
        verbs: what can be asked, by name.
        threads: how many questions are answered at a time in this process; 0: each is
            answered in a fork of its own, as an sshd would, of which nothing stays.
    """
    with os.fdopen(os.dup(1), "wb", 0) as out:
        os.dup2(2, 1)  # whatever prints must not print into the answers
        lock = threading.Lock()

        def say(ticket: int, what: Mapping[str, object]) -> None:
            line = json.dumps({"id": ticket, **what}).encode() + b"\n"
            with lock, contextlib.suppress(BrokenPipeError):
                out.write(line)  # at once: from a fork it is whole up to PIPE_BUF, see pipe(7)

        def answer(line: bytes) -> None:
            question = json.loads(line)
            try:
                said = verbs[question["verb"]](**question["arguments"])
            except RefusedError as e:
                say(question["id"], {"error": str(e)})
            except Exception as e:  # noqa: BLE001  # the parent raises it
                say(question["id"], {"error": f"{type(e).__name__}: {e}"[:_TAIL]})
            else:
                say(question["id"], {"answer": said})

        say(0, {"answer": None})
        if threads:
            with ThreadPoolExecutor(threads) as pool:
                for line in sys.stdin.buffer:
                    pool.submit(answer, line)
            return
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are not waited for
        for line in sys.stdin.buffer:
            if os.fork() == 0:
                try:
                    answer(line)
                finally:
                    os._exit(0)


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise ServerError("a child without pipes")  # pragma: no cover  # Popen was asked for them
    return end
