"""The token of a holder under load: the emulator's own, on a bench to itself.

An event token lives in a time of its own, as far ahead as its holder's life has come: no
second is waited for. A time token lives by the host's clock, as the server does; its holder
waits as long as people do, but for the hours between two uses.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.journal import Journal
from emulator.results import PressResult
from firmware_model.nvm import Config, configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, GALT
from firmware_model.profile import SECOND, TokenType
from hosttools.holder import BenchToken, Token

SERIALS: Final = 10**8
LONGEST_WAIT_NS: Final = 300 * SECOND
"""A longer wait of a time token's holder is left out; our default."""

_REMEMBERED: Final = 64
_RECORDS: Final = 16  # of a journal that nobody reads
_KINDS: Final = {TokenType.EVENT: ("GALH", GALH), TokenType.TIME: ("GALT", GALT)}


def make_config(token_type: TokenType, number: int, secret: Secret) -> Config:
    """Return the settings of a token by its number, which counts modulo :data:`SERIALS`."""
    prefix, profile = _KINDS[token_type]
    return configure(f"{prefix}{number % SERIALS:08d}", profile, secret)


def make_token(
    config: Config, now_ns: Callable[[], int], sleep: Callable[[float], object]
) -> Token:
    """Manufacture a token, at the host's time.

    Args:
        config: its settings.
        now_ns: the host's clock, ns since 1970, UTC.
        sleep: waits host seconds.
    """
    bench = Bench(VirtualClock(now_ns()), journal=Journal(_RECORDS))
    bench.open(config)
    token = BenchToken(bench, config.serial)
    return token if config.token_type is TokenType.EVENT else PacedToken(token, now_ns, sleep)


class PacedToken:
    """A token whose clock is the host's, in the hands of somebody whose days are left out.

    Args:
        token: the token, on a bench with a manual clock.
        now_ns: the host's clock.
        sleep: waits host seconds.
    """

    def __init__(
        self, token: BenchToken, now_ns: Callable[[], int], sleep: Callable[[float], object]
    ) -> None:
        self._token = token
        self._host_ns = now_ns
        self._sleep = sleep
        self._left_out_ns = 0

    def now_ns(self) -> int:
        """Return the holder's time: the host's, and what was left out."""
        return self._host_ns() + self._left_out_ns

    def advance(self, by_ns: int) -> None:
        """Wait, or leave it out."""
        if by_ns <= LONGEST_WAIT_NS:
            self._sleep(by_ns / SECOND)
        else:
            self._left_out_ns += by_ns

    def press(self, hold_ns: int) -> PressResult:
        """Press and let go, at the host's time."""
        behind_ns = self._host_ns() - self._token.now_ns()
        if behind_ns > 0:  # a press takes bench time, which the host's may not have reached
            self._token.advance(behind_ns)
        return self._token.press(hold_ns)


class Fob:
    """A token that remembers which factor its last codes were of, for reports without digits.

    Args:
        token: the token.
        unit: what it counts: ``counter`` or ``step``.
    """

    def __init__(self, token: Token, unit: str) -> None:
        self._token = token
        self._unit = unit
        self._shown: deque[tuple[str, int]] = deque(maxlen=_REMEMBERED)

    def now_ns(self) -> int:
        """Return the time, ns since 1970, UTC."""
        return self._token.now_ns()

    def advance(self, by_ns: int) -> None:
        """Let time pass."""
        self._token.advance(by_ns)

    def press(self, hold_ns: int) -> PressResult:
        """Press and let go; return what could be read, or why nothing."""
        result = self._token.press(hold_ns)
        if result.code is not None and result.factor is not None:
            self._shown.append((result.code, result.factor))
        return result

    def call(self, codes: tuple[str, ...]) -> str:
        """Return how a report speaks of codes."""
        return " and ".join(map(self._name, codes))

    def _name(self, code: str) -> str:
        factor = next((f for shown, f in reversed(self._shown) if shown == code), None)
        return "a code not shown" if factor is None else f"{self._unit} {factor}"
