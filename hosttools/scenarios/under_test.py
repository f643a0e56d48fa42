"""The server that a scenario runs against, fresh for each run.

It is named on the command line or in Python, never by a scenario: some adapters run
programs.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Final, Self

from emulator.bench import Bench
from hosttools.attached import Teller
from hosttools.cases import Keeps
from hosttools.refserver import Policy, Store, TokenServer, Verdict
from hosttools.refserver.sqlite import MEMORY
from hosttools.scenarios.model import Scenario
from hosttools.servers import Server
from hosttools.servers.reference import ReferenceServer
from hosttools.servers.safety import Guarded
from hosttools.servers.spec import Ask, open_server

REFERENCE: Final = "reference"


class Bed:
    """A server under test, and what else there is to be known of it.

    Args:
        server: the server.
        store: the reference server's, if that is it and in this process.
        name: what results call it; empty: as it calls itself.

    Attributes:
        server: as given.
        name: likewise.
    """

    def __init__(self, server: Server, store: "TellingStore | None" = None, name: str = "") -> None:
        self.server = server
        self.name = name or server.name
        self._store = store

    @property
    def reference(self) -> TokenServer | None:
        """The reference server itself, for recipes; ``None``: it is another one."""
        return self._store

    @property
    def verdict(self) -> Verdict | None:
        """The reference server's last verdict; ``None``: another server, or none yet."""
        return None if self._store is None else self._store.last

    @property
    def keeps(self) -> dict[str, Keeps]:
        """What the server keeps, for a case; nothing of another one than the reference server."""
        return {} if self._store is None else {self.name: self._store}

    def tell(self, bench: Bench) -> None:
        """Have a bench's journal tell all that the reference server keeps and says from now on."""
        if self._store is not None:
            self._store.teller = Teller(bench, self.name)

    def forget_verdict(self) -> None:
        """Forget it."""
        if self._store is not None:
            self._store.last = None


Opener = Callable[[Scenario], AbstractContextManager[Bed]]
"""Opens a fresh server for one run of a scenario."""


class TellingStore(Store):
    """A store in memory that remembers its last verdict.

    Args:
        policy: how it treats its tokens.

    Attributes:
        last: the verdict.
        teller: tells a journal of all that is said; ``None``: nobody wants to know.
    """

    def __init__(self, policy: Policy | None = None) -> None:
        super().__init__(MEMORY, policy)
        self.last: Verdict | None = None
        self.teller: Teller | None = None
        self._one = threading.Lock()  # a race is told in the order in which it was judged

    def verify(self, serial: str, code: str, now_ns: int) -> Verdict:
        """Hold one code against a token."""
        judge = super().verify
        return self._told(serial, now_ns, lambda: judge(serial, code, now_ns))

    def sync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Submit the add form."""
        judge = super().sync
        return self._told(serial, now_ns, lambda: judge(serial, code1, code2, now_ns))

    def resync(self, serial: str, code1: str, code2: str, now_ns: int) -> Verdict:
        """Submit the resync form."""
        judge = super().resync
        return self._told(serial, now_ns, lambda: judge(serial, code1, code2, now_ns))

    def _told(self, serial: str, now_ns: int, judge: Callable[[], Verdict]) -> Verdict:
        with self._one:
            if self.teller is not None:
                self.teller.place(self.get(serial), self.policy)
            self.last = judge()
            if self.teller is not None:
                self.teller.tell(self.last, self.get(serial), self.policy, now_ns)
            return self.last


def reference(policy: Policy | None = None, name: str = "") -> Opener:
    """Return what opens the reference server in this process.

    Args:
        policy: how it treats its tokens; ``None``: as the scenario says.
        name: what results call it.
    """

    @contextmanager
    def opened(scenario: Scenario) -> Iterator[Bed]:
        with TellingStore(policy or scenario.policy) as store:
            yield Bed(ReferenceServer(store, name=name or REFERENCE), store)

    return opened


class Servers:
    """Opens the servers that ``--server`` names. Close it.

    One on this machine is opened anew for each run. One elsewhere is opened once, so that
    its failure budget is one for all runs.

    Args:
        authorised: hosts other than this machine that may be tested.
        failure_budget: how many submissions a server elsewhere may refuse.
        ask: asks the person at the terminal.
    """

    def __init__(
        self, authorised: Collection[str] = (), failure_budget: int = 0, ask: Ask | None = None
    ) -> None:
        self._open = partial(
            open_server,
            trusted=True,
            authorised=authorised,
            failure_budget=failure_budget,
            ask=ask,
        )
        self._kept = ExitStack()

    def opener(self, spec: str) -> Opener:
        """Return what opens a server for each run; the first one is opened now.

        Args:
            spec: as of :func:`hosttools.servers.spec.open_server`.

        Raises:
            UsageError: there is no such server, or it must not be asked.
        """
        if spec == REFERENCE:
            return reference()
        first = self._open(spec)
        if isinstance(first, Guarded):
            kept = Bed(self._kept.enter_context(first), name=spec)
            return lambda _: nullcontext(kept)
        unused = [first]

        def close_unused() -> None:
            for server in unused:
                server.close()

        self._kept.callback(close_unused)

        @contextmanager
        def opened(_: Scenario) -> Iterator[Bed]:
            with unused.pop() if unused else self._open(spec) as server:
                yield Bed(server, name=spec)

        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()
