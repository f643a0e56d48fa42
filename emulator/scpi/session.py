"""One line port's conversation: assembles lines, executes them in order, answers.

A session of a serial port outlives its clients: they come one after another, and what
one leaves behind (half a line, a button held down, a selected token, answers nobody
reads) must not meet the next. A connection has a session of its own.
While a press or a wait takes its bench time, nothing further is executed; lines that
come meanwhile queue. The session belongs to the bench's thread and never sleeps.
"""

import contextlib
import enum
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from emulator.annotations import Annotation, Connected, Disconnected, Traffic
from emulator.errors import ClockError, ConflictError, EmulatorError, StateError, UsageError
from emulator.scpi.commands import TABLE
from emulator.scpi.context import Context
from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.status import Status
from emulator.scpi.traffic import LONGEST, tell
from emulator.scpi.tree import Pending, Program, Table, Unit
from emulator.scpi.verbs import BenchVerbs

MAX_LINE: Final = 64 * 1024
"""Longest line, in bytes without its end; a longer one is thrown away (-363)."""

HIGH_WATER: Final = 64 * 1024
"""A port stops reading while :attr:`Session.backlog` is above this."""

MAX_BACKLOG: Final = 16 * HIGH_WATER
"""Whole lines beyond this are thrown away (-363): for ports that did not stop."""

_CHUNK: Final = 64 * 1024
_METHODS: Final = frozenset(
    b"GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PRI".split()  # PRI opens HTTP/2
)
_HTTP_SEEN: Final = len("OPTIONS h")
"""Bytes from which a request line is told, however long it gets."""


class _Mark(enum.Enum):
    """What stands in the queue between lines."""

    HANG_UP = enum.auto()
    OVERRUN = enum.auto()


def looks_like_http(line: bytes) -> bool:
    """Whether a line, or its beginning, is an HTTP request: a browser, not a client.

    Method and the first character of the target are enough, since an endless target
    must not get through as a line that is merely too long.

    >>> looks_like_http(b"GET / HTTP/1.1"), looks_like_http(b"*IDN?")
    (True, False)
    """
    method, _, target = line[:_HTTP_SEEN].partition(b" ")
    if method.upper() not in _METHODS:
        return False
    return target[:1] in {b"/", b"*", b"h", b"H"} or (method == b"CONNECT" and target != b"")


class Session:
    """What a port talks to, for one token or for all of a bench.

    Args:
        bench: the verbs.
        serial: the token that the lines speak of; ``None``: the one that they select
            (``INSTrument:SELect``).
        write: takes answers, each call whole lines; must not block.
        client: who it is, for the journal: ``pty``, ``tcp 127.0.0.1:40512``.
        connection: whether it is one connection's, so that the journal tells when the
            client came and left.
        table: the headers.
        on_http: called once, on a line that looks like HTTP; from then on all input
            is thrown away until :meth:`hang_up`. ``None`` treats it like any line.
    """

    __slots__ = (
        "_backlog",
        "_client",
        "_closed",
        "_connection",
        "_context",
        "_muted",
        "_next",
        "_on_http",
        "_partial",
        "_pending",
        "_program",
        "_queue",
        "_running",
        "_skipping",
        "_table",
        "_write",
    )

    def __init__(
        self,
        bench: BenchVerbs,
        serial: str | None,
        write: Callable[[bytes], None],
        *,
        client: str = "",
        connection: bool = False,
        table: Table = TABLE,
        on_http: Callable[[], None] | None = None,
    ) -> None:
        self._context = Context(bench, serial, serial is not None, table)
        self._client = client
        self._connection = connection
        self._write = write
        self._table = table
        self._on_http = on_http
        self._partial = bytearray()
        self._skipping = False  # the rest of a line that was too long
        self._closed = False  # HTTP came: deaf until the client is gone
        # Made when needed: an empty one takes more memory than all the rest of the session.
        self._queue: deque[bytes | _Mark] | None = None
        self._backlog = 0
        self._muted = 0  # hang-ups in the queue: before them nobody reads
        self._program: Program = ()
        self._next = 0
        self._pending: Pending[Any] | None = None
        self._running = False
        if connection:
            self._note(Connected(bench.settled_ns, client))

    @property
    def backlog(self) -> int:
        """Bytes of whole lines that wait; stop feeding above :data:`HIGH_WATER`."""
        return self._backlog

    @property
    def busy(self) -> bool:
        """Whether a press or a wait is taking its time."""
        return self._pending is not None

    @property
    def status(self) -> Status:
        """Registers and error queue, which stay from client to client."""
        return self._context.status

    def feed(self, data: bytes) -> None:
        """Take what the client sent, cut anywhere; execute what is complete."""
        for start in range(0, len(data), _CHUNK):
            if self._closed:
                return
            # Run between chunks: however much comes, little of it is kept.
            self._assemble(data[start : start + _CHUNK])
            if not self._running:
                self._run()

    def hang_up(self) -> None:
        """Note that the client is gone; the next one may come at once.

        Half a line is dropped. Whole lines still execute, unanswered; after them a
        button that the client left down is released. Nothing of it keeps the port: a
        wait ends, and a press lets go of the button.
        """
        self._partial.clear()
        self._skipping = False
        self._closed = False
        self._put(_Mark.HANG_UP)
        self._muted += 1
        if self._connection:
            self._note(Disconnected(self._context.bench.settled_ns, self._client))
        if self._pending is not None:
            self._abandon(self._pending)
        if not self._running:
            self._run()

    def _abandon(self, pending: Pending[Any]) -> None:
        """Let what nobody waits for come to its end."""
        if pending.passive:
            self._pending = None
        context = self._context
        try:
            with context.bench.acting(self._client):
                context.bench.give_up(context.serial, pending.ticket)
        except (ScpiError, EmulatorError) as e:
            self._report(e, None)

    def _assemble(self, data: bytes) -> None:
        # CR, LF and CRLF all end a line: the empty line inside CRLF is ignored.
        *ended, rest = data.replace(b"\r", b"\n").split(b"\n")
        for part in ended:
            line = part
            if self._skipping:
                self._skipping = False
                continue
            if self._partial:
                line = bytes(self._partial) + part
                self._partial.clear()
            if len(line) > MAX_LINE:
                self._overrun(line)
            elif line:
                self._enqueue(line)
        if rest and not self._skipping:
            self._partial += rest
            if len(self._partial) > MAX_LINE:
                self._overrun(bytes(self._partial))
                self._partial.clear()
                self._skipping = True

    def _enqueue(self, line: bytes) -> None:
        if self._backlog + len(line) >= MAX_BACKLOG:
            self._overrun(line)
            return
        self._backlog += len(line) + 1
        self._put(line)

    def _overrun(self, line: bytes) -> None:
        if self._on_http is not None and looks_like_http(line):
            self._put(line[:_HTTP_SEEN])
            self._backlog += _HTTP_SEEN + 1
        elif not self._queue or self._queue[-1] is not _Mark.OVERRUN:
            self._put(_Mark.OVERRUN)

    def _put(self, item: bytes | _Mark) -> None:
        if self._queue is None:
            self._queue = deque()
        self._queue.append(item)

    def _run(self) -> None:
        """Execute until nothing is left or something takes time; a loop, never deeper."""
        self._running = True
        try:
            with self._context.bench.acting(self._client):
                while self._pending is None:
                    if self._next < len(self._program):
                        unit = self._program[self._next]
                        self._next += 1
                        self._execute(unit)
                        continue
                    if self._program:
                        self._end_program()
                    if not self._queue:
                        self._queue = None
                        return
                    self._take(self._queue.popleft())
        finally:
            self._running = False

    def _take(self, item: bytes | _Mark) -> None:
        if item is _Mark.HANG_UP:
            self._muted -= 1
            self._leave()
        elif item is _Mark.OVERRUN:
            self._context.status.report(
                ErrorCode.INPUT_OVERRUN, f"a line has at most {MAX_LINE} bytes"
            )
        elif isinstance(item, bytes):
            self._backlog -= len(item) + 1
            if self._on_http is not None and looks_like_http(item):
                self._close()
            else:
                self._tell(item[: LONGEST + 1].decode("latin-1"), answer=False)
                self._program = self._table.program(item)

    def _close(self) -> None:
        # What follows of the same client is the request's header and body.
        while self._queue and self._queue[0] is not _Mark.HANG_UP:
            item = self._queue.popleft()
            if isinstance(item, bytes):
                self._backlog -= len(item) + 1
        if self._on_http is not None and not self._muted:
            self._closed = True
            self._partial.clear()
            self._skipping = False
            self._on_http()

    def _execute(self, unit: Unit) -> None:
        context = self._context
        try:
            answer = unit.run(context, *unit.arguments)
            if isinstance(answer, Pending):
                if not answer.ticket.done:
                    self._pending = answer
                    answer.ticket.then(partial(self._resume, answer))
                    if self._muted:
                        self._abandon(answer)
                    return
                answer = answer.answer(answer.ticket.result)
        except (ScpiError, EmulatorError) as e:
            self._report(e, unit)
        else:
            self._add(answer)

    def _resume(self, pending: Pending[Any], result: object) -> None:
        if self._pending is not pending:
            return  # a wait that ended with its client
        self._pending = None
        try:
            answer = pending.answer(result)
        except ScpiError as e:
            self._report(e, None)
        else:
            self._add(answer)
        if not self._running:
            self._run()

    def _add(self, answer: str | None) -> None:
        if answer is not None and not self._muted:
            self._context.answers.append(answer)

    def _end_program(self) -> None:
        program, self._program = self._program, ()
        self._next = 0
        answers = self._context.answers
        if answers:
            line = ";".join(answers)
            answers.clear()
            if not self._muted:
                self._write((line + "\n").encode("ascii", "replace"))
                self._tell(line, answer=True, lcd=any(unit.lcd for unit in program))

    def _leave(self) -> None:
        """Let nothing of the client meet the next one."""
        try:
            self._context.release()
        except EmulatorError as e:
            self._report(e, None)
        if not self._context.fixed:
            self._context.selected = None

    def _tell(self, line: str, *, answer: bool, lcd: bool = False) -> None:
        bench = self._context.bench
        if bench.traffic:
            self._note(Traffic(bench.settled_ns, self._client, tell(line, lcd=lcd), answer))

    def _note(self, event: Annotation) -> None:
        bench = self._context.bench
        if bench.traffic:
            # A journal that can't be written stops the bench by itself: whoever commands
            # a token is told so, a line that only passes by is not.
            with contextlib.suppress(EmulatorError):
                bench.annotate(self._context.selected or "", event)

    def _report(self, error: ScpiError | EmulatorError, unit: Unit | None) -> None:
        if isinstance(error, ScpiError):
            self._context.status.report(error.code, error.info)
            return
        code = ErrorCode.SYSTEM
        if isinstance(error, ClockError | ConflictError):
            code = ErrorCode.SETTINGS_CONFLICT
        elif isinstance(error, UsageError):
            code = ErrorCode.OUT_OF_RANGE if unit and unit.arguments else ErrorCode.EXECUTION
        elif isinstance(error, StateError):
            code = ErrorCode.STORAGE
        self._context.status.report(code, str(error))
