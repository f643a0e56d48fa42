"""The backends that the contract holds for. A new one is one line more in ``BACKENDS``.

Tokens of other processes come from one bench for all tests, a new token for each.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from emulator.clock import Clock, RealClock, VirtualClock
from emulator.inprocess import alive
from firmware_model.nvm import Config
from firmware_model.profile import SECOND
from hosttools.hand import BenchHand, Hand, open_bench, open_hand
from hosttools.manufacture import config_of
from hosttools.seedfiles import read_seeds
from hosttools.testing import Serving
from tests.hosttools.hand.lab import on_a_pty, rig_program
from tests.hosttools.hand.person import hold

SECRET: Final = b"12345678901234567890"
"""Of every token here: that of RFC 4226 and RFC 6238."""

START_NS: Final = 59 * SECOND
"""Bench time at the beginning: the first moment of RFC 6238's table."""

_SEEDS: Final = {"GALH": "hotp,6", "GALT": "totp,8,30,sha1"}
_STOCK: Final = 40
"""Tokens of each type on a bench in a process of its own; when they are gone, the next begins."""


class Shop:
    """Where tokens are taken from, all on one kind of clock.

    Args:
        real: whether that is a real one; else it is a manual one.
        seeds: the seed file of all tokens.
        stack: ends the benches.

    Attributes:
        configs: the tokens, by serial number.
    """

    def __init__(self, seeds: Path, stack: contextlib.ExitStack, *, real: bool) -> None:
        self.configs: Mapping[str, Config] = {r.serial: config_of(r) for r in read_seeds(seeds)}
        self._real = real
        self._seeds = seeds
        self._stack = stack
        self._unused: dict[str, list[tuple[Serving, str]]] = {kind: [] for kind in _SEEDS}

    def clock(self) -> Clock:
        """Return a new clock."""
        return RealClock() if self._real else VirtualClock(START_NS)

    def any(self, kind: str) -> Config:
        """Return what a token is made of."""
        return next(config for serial, config in self.configs.items() if serial.startswith(kind))

    def served(self, kind: str) -> tuple[Serving, str]:
        """Return a token that nobody has pressed, and the bench in another process."""
        if not self._unused[kind]:
            ports = ("--tcp", "--rfc2217", "--mux", "--http")
            listen = (word for port in ports for word in (port, "127.0.0.1:0"))
            clock = "real" if self._real else "manual:1970-01-01T00:00:59Z"
            serving = Serving("--seeds", self._seeds, "--clock", clock, *listen)
            self._stack.enter_context(serving)
            for serial in self.configs:
                self._unused[serial[:4]].append((serving, serial))
        return self._unused[kind].pop()


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[bool, Shop]]:
    """Return where tokens on a real clock are taken from (``True``), and on a manual one."""
    path = tmp_path_factory.mktemp("hand") / "seeds.csv"
    path.write_text(
        "".join(
            f"{kind}{number:08},{SECRET.hex()},{form}\n"
            for kind, form in _SEEDS.items()
            for number in range(1, 1 + _STOCK)
        ),
        encoding="utf-8",
    )
    with contextlib.ExitStack() as stack:
        yield {real: Shop(path, stack, real=real) for real in (False, True)}


Backend = Callable[[Shop, str, contextlib.ExitStack], Hand]
"""Takes a new token of a kind in the hand; the stack ends what that needs."""


def _bench(shop: Shop, kind: str, stack: contextlib.ExitStack) -> BenchHand:
    config = shop.any(kind)
    runner = stack.enter_context(open_bench([(config, None)], clock=shop.clock()))
    return BenchHand(runner, config.serial, close=runner.close)


def _manual(shop: Shop, kind: str, stack: contextlib.ExitStack) -> Hand:
    return hold(_bench(shop, kind, stack), shop.any(kind))[0]


def _local(shop: Shop, kind: str, stack: contextlib.ExitStack) -> Hand:
    config = shop.any(kind)
    stack.enter_context(alive([config], clock=shop.clock()))
    return open_hand(f"galh://{config.serial}")


def _pty(shop: Shop, kind: str, _: contextlib.ExitStack) -> Hand:
    serving, serial = shop.served(kind)
    return open_hand(serving.port(serial))


def _tcp(shop: Shop, kind: str, _: contextlib.ExitStack) -> Hand:
    serving, serial = shop.served(kind)
    return open_hand(f"socket://{serving.port(serial, 'tcp')}", serial)


def _rfc2217(shop: Shop, kind: str, _: contextlib.ExitStack) -> Hand:
    serving, serial = shop.served(kind)
    return open_hand(f"rfc2217://{serving.port(serial, 'rfc2217')}", serial)


def _mux(shop: Shop, kind: str, _: contextlib.ExitStack) -> Hand:
    serving, serial = shop.served(kind)
    return open_hand(f"socket://{serving.ready['mux']}", serial)


def _http(shop: Shop, kind: str, _: contextlib.ExitStack) -> Hand:
    serving, serial = shop.served(kind)
    return open_hand(serving.http, serial)


def _rig(shop: Shop, kind: str, stack: contextlib.ExitStack) -> Hand:
    fob = _bench(shop, kind, stack)
    rig = rig_program().Rig(
        fob.serial(),
        fob.press,
        lambda: fob.lcd().text,
        kind=fob.token_type().value.upper(),
        profile=kind,
        now=lambda: fob.time_ns() / SECOND,
        sleep=fob.advance,
    )
    return open_hand(stack.enter_context(on_a_pty(rig.serve)), fob.serial())


BACKENDS: Final[Mapping[str, Backend]] = {
    "in-process": _bench,
    "pty": _pty,
    "tcp": _tcp,
    "multiplexed": _mux,
    "rfc2217": _rfc2217,
    "galh": _local,
    "http": _http,
    "rig": _rig,
    "manual": _manual,
}

Take = Callable[..., Hand]


@pytest.fixture(params=BACKENDS)
def take(request: pytest.FixtureRequest, shops: Mapping[bool, Shop]) -> Iterator[Take]:
    """Return a function that takes a new token in the hand, of each backend."""
    with contextlib.ExitStack() as stack:

        def make(kind: str = "GALH", *, real: bool = False) -> Hand:
            hand = BACKENDS[request.param](shops[real], kind, stack)
            stack.callback(hand.close)
            return hand

        yield make


@pytest.fixture
def hand(take: Take) -> Hand:
    """Return a new event token on a manual clock, in each kind of hand."""
    return take()
