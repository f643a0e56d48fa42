"""What tests of the host tools share: a bench over HTTP, PostgreSQL, passwords without work."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest

from emulator.bench import Bench
from emulator.clock import Clock, VirtualClock, parse_utc
from emulator.http.desk import Desk
from emulator.http.server import HttpPort
from emulator.runner import Runner
from hosttools.attached import AttachedReference
from hosttools.casetaker import Taker
from hosttools.manufacture import config_of
from hosttools.recipebook import Book
from hosttools.seedfiles import pskc, read_seeds, sample
from hosttools.testing import BACKSTOP_S

if TYPE_CHECKING:
    from tests.hosttools.postgres import Cluster

T = TypeVar("T")
START_NS = parse_utc("2026-01-05T08:00:00Z")


class Served(NamedTuple):
    """A bench, the server attached to it, and where it is."""

    url: str
    runner: Runner
    server: AttachedReference
    book: Book

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the bench's loop."""
        return _run(self.runner, work)


def _run(runner: Runner, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, runner.loop).result(BACKSTOP_S)


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that serves sample tokens over HTTP, with a server and recipes."""
    configs = {record.serial: config_of(record) for record in read_seeds(sample("ward.csv"))}
    with contextlib.ExitStack() as stack:

        def make(
            *serials: str, clock: Clock | None = None, port: int = 0, **desk: object
        ) -> Served:
            def make_bench() -> Bench:
                bench = Bench(clock or VirtualClock(START_NS))
                for serial in serials or ("GALH12345678",):
                    bench.open(configs[serial])
                return bench

            runner = stack.enter_context(Runner(make_bench))
            server = runner.call(lambda: AttachedReference(runner.bench))
            book = Book(runner.bench, server)

            async def listen() -> HttpPort:
                settings: dict[str, Any] = {"recipes": book, "server": server, **desk}
                settings.setdefault("cases", Taker(runner.bench, server))
                return await HttpPort.open(Desk(bench=runner.bench, **settings), "127.0.0.1", port)

            http = _run(runner, listen())
            stack.callback(lambda: _run(runner, http.close()))
            return Served(http.url, runner, server, book)

        yield make


@pytest.fixture(scope="session")
def postgres() -> Iterator["Cluster"]:
    """Return a PostgreSQL server that runs for the tests of this process."""
    from tests.hosttools.postgres import cluster  # noqa: PLC0415  # psycopg is for few tests

    with cluster() as running:
        yield running


@pytest.fixture
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys from passwords without the work that keeps others from guessing them."""
    monkeypatch.setattr(pskc, "ROUNDS", 2)
