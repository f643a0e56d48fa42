"""Where a test's tokens live: in this process, in another, on a port, in somebody's hand.

Each makes hands for the tokens that a test asks for; nothing else in the plugin knows
which one it is.
"""

import contextlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from emulator.clock import BILLION, Clock, RealClock, format_utc, host_time
from emulator.newfiles import write_new
from emulator.ports.pty import PtyPort
from emulator.runner import Runner
from emulator.scpi.session import Session
from firmware_model.nvm import Config
from firmware_model.profile import TokenType
from hosttools.benchclient import BenchClient
from hosttools.calibration.prompts import Answer, Prompt
from hosttools.cases import Case, Keeps, take
from hosttools.errors import NotOfferedError, UsageError
from hosttools.hand import BenchHand, Hand, ManualHand, open_hand
from hosttools.pytest_plugin.clock import FollowingClock, GalhClock, Moved
from hosttools.pytest_plugin.following import FollowingHand
from hosttools.seedfiles import SeedRecord, write_oath_csv
from hosttools.testing import Serving

Ask = Callable[[Prompt], Answer | None]


class Backend(Protocol):
    """Makes the tokens of one test."""

    @property
    def clock(self) -> Clock:
        """The clock that the test's bench runs on."""

    def make(self, configs: Sequence[Config], clock: GalhClock) -> list[Hand]:
        """Take tokens in the hand.

        Raises:
            NotOfferedError: there are not so many.
        """

    def port(self, hand: Hand) -> str:
        """Return a port of a token, for a program in another process.

        Raises:
            NotOfferedError: it has none besides the one in use here.
        """

    def case(
        self, *, title: str, failure: str, seed: str, servers: Mapping[str, Keeps]
    ) -> Case | None:
        """Return what happened to its tokens, as a case; ``None``: nobody has kept that.

        Args:
            title: what it is about.
            failure: what went wrong.
            seed: of the run.
            servers: what the test's servers keep, by name.

        Raises:
            HostError, EmulatorError: none can be taken.
        """

    def close(self) -> None:
        """Let go of everything."""


class InProcess:
    """Tokens on the test's own bench."""

    def __init__(self, start_ns: int) -> None:
        self.clock: Clock = FollowingClock(start_ns)
        self._ports = contextlib.ExitStack()
        self._hands: list[BenchHand] = []

    def make(self, configs: Sequence[Config], clock: GalhClock) -> list[Hand]:
        """Put tokens on the bench."""
        runner = clock.runner
        runner.call(lambda: runner.bench.open_many([(config, None) for config in configs]))
        made = [BenchHand(runner, config.serial) for config in configs]
        self._hands += made
        return [*made]

    def port(self, hand: Hand) -> str:
        """Give the token a pseudo-terminal."""
        assert isinstance(hand, BenchHand)  # noqa: S101  # the only kind made here
        runner, serial = hand.runner, hand.serial()
        assert isinstance(runner, Runner)  # noqa: S101  # the clock's, as in make
        session = partial(Session, runner.bench, serial, client="pty")
        port = runner.call(lambda: PtyPort(runner.loop, session))
        self._ports.callback(runner.call, port.close)
        return str(port.path)

    def case(
        self, *, title: str, failure: str, seed: str, servers: Mapping[str, Keeps]
    ) -> Case | None:
        """Take it of the test's bench, its servers with it."""
        if not self._hands:
            return None
        runner, serials = self._hands[0].runner, [hand.serial() for hand in self._hands]
        return runner.call(
            lambda: take(
                runner.bench, serials, servers=servers, title=title, failure=failure, seed=seed
            )
        )

    def close(self) -> None:
        """Close the ports."""
        self._ports.close()


class Emulated:
    """Tokens in a ``galh serve`` process, pressed over TCP; their ptys are free for others.

    With the extra ``web`` the process is asked over HTTP what happened.
    """

    def __init__(self, start_ns: int) -> None:
        self.clock: Clock = FollowingClock(start_ns, moved=self._moved)
        self._start_ns = start_ns
        self._hands: list[FollowingHand] = []
        self._ptys: dict[str, str] = {}
        self._benches: list[str] = []
        self._stack = contextlib.ExitStack()

    def _moved(self, by: Moved) -> None:
        for hand in self._hands:
            hand.moved(by)

    def make(self, configs: Sequence[Config], clock: GalhClock) -> list[Hand]:
        """Start a process with these tokens."""
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="galh-")))
        write_new(folder / "seeds.csv", write_oath_csv(map(_seed, configs)).encode())
        start = format_utc(self._start_ns // BILLION * BILLION)
        web = find_spec("fastapi") is not None and find_spec("httpx") is not None
        serving = self._stack.enter_context(
            Serving(
                *("--seeds", folder / "seeds.csv", "--tcp", "127.0.0.1:0"),
                *("--clock", f"manual:{start}", "--exit-with-parent"),
                *("--profile", configs[0].profile.name),
                *(("--http", "127.0.0.1:0") if web else ()),
            )
        )
        if web:
            self._benches.append(serving.http)
        made: list[Hand] = []
        for config in configs:
            self._ptys[config.serial] = serving.port(config.serial)
            host_port = serving.port(config.serial, "tcp")
            hand = FollowingHand(open_hand(f"socket://{host_port}"), clock)
            self._stack.callback(hand.close)
            hand.moved(Moved(clock.time_ns() - self._start_ns // BILLION * BILLION))
            self._hands.append(hand)
            made.append(hand)
        return made

    def port(self, hand: Hand) -> str:
        """Return the token's pseudo-terminal."""
        return self._ptys[hand.serial()]

    def case(
        self,
        *,
        title: str,
        failure: str,
        seed: str,
        servers: Mapping[str, Keeps],  # noqa: ARG002  # they are not of that process
    ) -> Case | None:
        """Ask the process of the first token; the test's servers are not in it."""
        if not self._benches:
            return None
        with BenchClient(self._benches[0]) as client:
            case = client.case(title=title, note=failure)  # blotted out there, as all of it
        return replace(case, failure=case.note, note="", seeds={"all": seed})

    def close(self) -> None:
        """End the processes."""
        self._stack.close()


class SerialDevice:
    """One token at a port: a rig with a real one, or an emulator that somebody else serves.

    Raises:
        BusyError, PortError: as of :func:`hosttools.hand.open_hand`.
    """

    def __init__(self, start_ns: int, target: str, serial: str | None) -> None:
        self._target = target
        self._hand = open_hand(target, serial)
        self._following: FollowingHand | None = None
        manual = self._hand.clock_mode() == "manual"
        self.clock: Clock = FollowingClock(start_ns, moved=self._moved) if manual else RealClock()

    @property
    def serial(self) -> str:
        """The serial number of the token that is there."""
        return self._hand.serial()

    def _moved(self, by: Moved) -> None:
        if self._following is not None:
            self._following.moved(by)

    def make(self, configs: Sequence[Config], clock: GalhClock) -> list[Hand]:
        """Take the token that is there."""
        if len(configs) > 1 or self._following is not None:
            raise NotOfferedError(f"there is one token at {self._target}; the test needs more")
        if isinstance(self.clock, RealClock):
            return [self._hand]
        self._following = FollowingHand(self._hand, clock)
        return [self._following]

    def port(self, hand: Hand) -> str:  # noqa: ARG002  # the seam's signature
        """Refuse: the test itself has the port open.

        Raises:
            NotOfferedError: always.
        """
        raise NotOfferedError(f"{self._target} is in use by the test itself")

    def case(
        self,
        *,
        title: str,  # noqa: ARG002  # the seam's signature
        failure: str,  # noqa: ARG002  # likewise
        seed: str,  # noqa: ARG002  # likewise
        servers: Mapping[str, Keeps],  # noqa: ARG002  # likewise
    ) -> Case | None:
        """Return none: nobody has kept what happened."""
        return None

    def close(self) -> None:
        """Close the port."""
        self._hand.close()


class Manual:
    """A person at the terminal with a real token."""

    def __init__(self, ask: Ask) -> None:
        self.clock: Clock = RealClock()
        self._ask = ask
        self._made = False

    def make(self, configs: Sequence[Config], clock: GalhClock) -> list[Hand]:  # noqa: ARG002  # it is now
        """Have the person take their token."""
        if len(configs) > 1 or self._made:
            raise NotOfferedError("a person has one token in hand; the test needs more")
        self._made = True
        return [ManualHand(configs[0], self._ask)]

    def port(self, hand: Hand) -> str:  # noqa: ARG002  # the seam's signature
        """Refuse.

        Raises:
            NotOfferedError: always.
        """
        raise NotOfferedError("a real token in somebody's hand has no port")

    def case(
        self,
        *,
        title: str,  # noqa: ARG002  # the seam's signature
        failure: str,  # noqa: ARG002  # likewise
        seed: str,  # noqa: ARG002  # likewise
        servers: Mapping[str, Keeps],  # noqa: ARG002  # likewise
    ) -> Case | None:
        """Return none: nobody has kept what happened."""
        return None

    def close(self) -> None:
        """Do nothing."""


def open_backend(
    name: str, target: str, *, start_ns: int | None, serial: str | None, ask: Ask
) -> Backend:
    """Return the backend of a test.

    Args:
        name: see :class:`hosttools.pytest_plugin.spec.Options`.
        target: what ``serial`` opens.
        start_ns: where a clock that can stand anywhere starts; ``None``: now.
        serial: the token that is asked for; ``None``: any.
        ask: asks the person of ``manual``.
    """
    start_ns = host_time().utc_ns if start_ns is None else start_ns
    if name == "inprocess":
        return InProcess(start_ns)
    if name == "emulated":
        return Emulated(start_ns)
    if name == "serial":
        return SerialDevice(start_ns, target, serial)
    if name == "manual":
        return Manual(ask)
    raise UsageError(f"no backend {name!r}")


def _seed(config: Config) -> SeedRecord:
    event = config.token_type is TokenType.EVENT
    return SeedRecord(
        serial=config.serial,
        secret=config.secret,
        token_type=config.token_type,
        algorithm=config.algorithm,
        digits=config.digits,
        counter=config.first_counter if event else None,
        step_s=None if event else config.step_s,
        practice=True,
    )
