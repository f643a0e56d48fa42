"""The bench beside the portal: fobs to press, and one clock for both.

The portal takes the bench's time, lays spares on the bench, and tells it what was said to
its tokens and what is believed of them, for the gauge and the journal. The bench never
asks for anything here: its thread must not wait for a database whose holder waits for it.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from emulator.annotations import Note
from emulator.bench import Bench
from firmware_model.nvm import Config
from hosttools.attached import Teller
from hosttools.errors import RecordError
from hosttools.hand.bench import Alive
from hosttools.refserver import Act, Record, Store, Verdict

T = TypeVar("T")

NAME: Final = "portal"

_SAID: Final = frozenset({Act.VERIFY, Act.SYNC, Act.RESYNC, Act.UNLOCK})
"""What is told as it was said; what else an operator does is told by what is kept since."""


class BesideBench:
    """A bench that lives in a thread of its own, as the portal's clock, drawer and hearer.

    Args:
        runner: lets the bench live.
    """

    def __init__(self, runner: Alive) -> None:
        self._runner = runner
        self._teller = Teller(runner.bench, NAME)
        self._store: Store | None = None

    def now_ns(self) -> int:
        """Return bench time, ns since 1970, UTC."""
        return self._on_bench(lambda bench: bench.now_ns())

    def reach(self, now_ns: int) -> None:
        """Let time pass until then, if it is not past: what was done before is never ahead."""
        self._on_bench(lambda bench: bench.advance(max(now_ns - bench.now_ns(), 0)))

    def put(self, config: Config, note: str) -> None:
        """Lay a fob on the bench; one that is there already stays as it is."""

        def open_it(bench: Bench) -> None:
            if config.serial not in bench.serials():
                bench.open(config)
                bench.annotate(config.serial, Note(bench.now_ns(), note))

        self._on_bench(open_it)
        self._place(config.serial)

    def follow(self, store: Store) -> None:
        """Tell the bench what a store keeps of its tokens, now and from now on."""
        self._store = store
        store.tell(self)
        self.rules_changed()

    def judged(self, verdict: Verdict, record: Record, now_ns: int) -> None:
        """Tell what was said to a token's codes, and what is believed since."""
        assert self._store is not None  # noqa: S101  # nobody else calls
        policy, said = self._store.policy, verdict.act in _SAID

        def tell(bench: Bench) -> None:
            if record.serial not in bench.serials():
                return
            if said:
                self._teller.tell(verdict, record, policy, now_ns)
            self._teller.place(record, policy)
            if not said:
                self._teller.push(record, policy)

        self._on_bench(tell)

    def rules_changed(self) -> None:
        """Tell what is believed of all tokens on the bench."""
        for serial in self._on_bench(lambda bench: bench.serials()):
            self._place(serial)

    def _place(self, serial: str) -> None:
        if self._store is None:
            return
        try:
            record = self._store.get(serial)
        except RecordError:
            return  # nobody has told the portal of this fob
        policy = self._store.policy

        def place(bench: Bench) -> None:
            if serial in bench.serials():
                self._teller.place(record, policy)
                self._teller.push(record, policy)

        self._on_bench(place)

    def _on_bench(self, do: Callable[[Bench], T]) -> T:
        return self._runner.call(lambda: do(self._runner.bench))
