"""The reference server of a test, and how far a token is from it."""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from emulator.render.gauge import gauge_lines
from emulator.serverview import ServerView
from firmware_model.nvm import Config
from firmware_model.profile import SECOND, TokenType
from hosttools.attached import AttachedReference, ServerElsewhere
from hosttools.errors import NotOfferedError, UsageError
from hosttools.hand import Token
from hosttools.hand.bench import Alive, BenchHand
from hosttools.pytest_plugin.clock import GalhClock
from hosttools.refserver import Policy, Record, Status, Store, TokenServer, Verdict
from hosttools.refserver.view import DEFAULT_NAME, server_view

T = TypeVar("T")

_WIDTH = 60


class GalhServer:
    """The reference server, on the test's clock, knowing the test's tokens.

    Every verb is about the first token, unless a serial number is given.

    Args:
        policy: how it treats its tokens.
        clock: the test's.

    Attributes:
        name: what journal and cases call it.
        policy: as given.
    """

    name = DEFAULT_NAME

    def __init__(self, policy: Policy, clock: GalhClock) -> None:
        self.policy = policy
        self._clock = clock
        self._store = Store(":memory:", policy)
        self._attached: AttachedReference | None = None
        self._serials: list[str] = []
        self._stack = contextlib.ExitStack()
        self._stack.callback(self._store.close)
        self._url: str | None = None

    def know(self, tokens: Sequence[Token]) -> None:
        """Add tokens, active and in step: as a server knows them that were in use so far."""
        for token in tokens:
            self._serials.append(token.serial)
            self._store.add(in_step(token.config))
        for token in tokens:
            if isinstance(token.hand, BenchHand):
                self._attach(token.hand.runner, token.serial)

    def _attach(self, runner: Alive, serial: str) -> None:
        """Have a token's bench tell of all that the server is sent."""
        if self._attached is None:
            # It adds what else is on the bench, as it is by now: all are known already.
            self._attached = runner.call(lambda: AttachedReference(runner.bench, store=self._store))
        attached = self._attached
        runner.call(lambda: attached.enrol(serial))

    @property
    def _judge(self) -> TokenServer:
        if self._attached is None:
            return self._store
        return ServerElsewhere(self._attached, self._clock.runner.call)

    def verify(self, code: str, *, serial: str | None = None) -> Verdict:
        """Sign with a code; the verdict explains itself (``accepted``, ``kind``, ``operator``)."""
        return self._judge.verify(self._which(serial), code, self._clock.time_ns())

    def sync(self, code1: str, code2: str, *, serial: str | None = None) -> Verdict:
        """Submit the add form."""
        return self._judge.sync(self._which(serial), code1, code2, self._clock.time_ns())

    def resync(self, code1: str, code2: str, *, serial: str | None = None) -> Verdict:
        """Submit the resync form."""
        return self._judge.resync(self._which(serial), code1, code2, self._clock.time_ns())

    def unlock(self, *, serial: str | None = None) -> None:
        """Forget a token's failures, as an operator."""
        self._store.unlock(self._which(serial), self._clock.time_ns())

    def record(self, *, serial: str | None = None) -> Record:
        """Return what it knows of a token."""
        return self._store.get(self._which(serial))

    def put(self, record: Record) -> None:
        """Have it know a token otherwise than it does, such as one that is not added yet."""
        with contextlib.suppress(ValueError):
            self._serials.remove(record.serial)
        self._store.remove(record.serial)
        self._store.add(record)
        self._serials.insert(0, record.serial)

    def view(self, *, serial: str | None = None) -> ServerView:
        """Return what it believes of a token, as the gauge draws it."""
        return server_view(self.record(serial=serial), self.policy, self._clock.time_ns())

    @property
    def url(self) -> str:
        """Where it answers over HTTP, on loopback (``galh server``'s API).

        Raises:
            UsageError: the extra ``web`` is not installed.
        """
        if self._url is None:
            try:
                from emulator.http.server import HttpPort  # noqa: PLC0415  # the extra [web]
                from hosttools.refserver.http.app import make_app  # noqa: PLC0415  # likewise
                from hosttools.refserver.http.clock import ServerClock  # noqa: PLC0415  # likewise
                from hosttools.refserver.http.desk import ServerDesk  # noqa: PLC0415  # likewise
            except ModuleNotFoundError as e:
                raise UsageError(
                    f"galh_server.url needs {e.name}; pip install 'galh-emulator[web]'"
                ) from None

            desk = ServerDesk(store=self._store, clock=ServerClock(host=self._clock.time_ns))
            port = self._in_loop(HttpPort.serve(make_app(desk), desk, "127.0.0.1", 0))
            self._stack.callback(lambda: self._in_loop(port.close()))
            self._url = port.url
        return self._url

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        loop = self._clock.runner.loop
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    @property
    def for_recipes(self) -> TokenServer:
        """The same server as recipes and holders ask it."""
        return self._judge

    @property
    def keeps(self) -> Store:
        """What it keeps, for a case."""
        return self._store

    def close(self) -> None:
        """Forget everything."""
        self._stack.close()

    def _which(self, serial: str | None) -> str:
        if serial is None and not self._serials:
            raise NotOfferedError("the server knows no token; the test has none")
        return self._serials[0] if serial is None else serial


class GalhPair:
    """A token and the server that knows it, on one clock.

    Args:
        token: the token.
        server: the server.
        clock: the clock of both.

    Attributes:
        token: as given.
        server: as given.
        clock: as given.
    """

    def __init__(self, token: Token, server: GalhServer, clock: GalhClock) -> None:
        self.token = token
        self.server = server
        self.clock = clock

    @property
    def distance(self) -> int:
        """Presses, or steps, that the token is ahead of the server; negative: behind.

        Raises:
            NotOfferedError: nobody can see where the token is.
        """
        return position(self.token) - expected(self.server.view(serial=self.token.serial))

    @property
    def words(self) -> str:
        """The distance in words, such as ``+37 NEEDS A RESYNC: two codes in a row``."""
        return gauge(self.token, self.server)[0].strip()

    def sign(self) -> Verdict:
        """Wait until dark, press, and submit the code."""
        return self.server.verify(self.token.fresh_code(), serial=self.token.serial)

    def resync(self) -> Verdict:
        """Submit the resync form with two codes in a row."""
        first, second = self.token.fresh_code(), self.token.fresh_code()
        return self.server.resync(first, second, serial=self.token.serial)


def in_step(config: Config) -> Record:
    """Return the record of a token that was added when it was new."""
    return replace(Record.of_token(config), status=Status.ACTIVE)


def position(token: Token) -> int:
    """Return the token's side of the gauge: its next counter, or its clock's steps ahead."""
    if token.token_type is TokenType.EVENT:
        return token.counter
    config, now_ns = token.config, token.now_ns
    clock_ns = now_ns + round(token.clock_offset_s * SECOND)
    t0_ns = config.t0_s * SECOND
    return (clock_ns - t0_ns) // config.step_ns - (now_ns - t0_ns) // config.step_ns


def expected(view: ServerView) -> int:
    """Return the server's side of it."""
    found = view.next_counter if view.next_counter is not None else view.step_offset
    assert found is not None  # noqa: S101  # ServerView has one of the two
    return found


def gauge(token: Token, server: GalhServer) -> tuple[str, ...]:
    """Draw how far a token is from its server: words, marker, scale, labels."""
    view = server.view(serial=token.serial)
    return gauge_lines(view, position(token), _WIDTH)
