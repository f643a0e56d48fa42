"""The same token for ``async`` code: every verb of :class:`Token`, awaited.

Nothing is written twice: a verb here is the one there, called where it blocks nobody. A
token in this process on a manual clock never waits, so it is called at once, in the
caller's thread; any other in a thread of its own.
"""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from hosttools.errors import UsageError
from hosttools.hand.bench import BenchHand
from hosttools.hand.token import Token

P = ParamSpec("P")
T = TypeVar("T")


def _awaited(
    verb: Callable[Concatenate[Token, P], T],
) -> Callable[Concatenate["AsyncToken", P], Coroutine[Any, Any, T]]:
    """Return a verb of a token as one to be awaited."""

    @functools.wraps(verb)
    async def call(self: "AsyncToken", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.call(functools.partial(verb, self.token, *args, **kwargs))

    return call


def _read(
    reading: Callable[[Token], T],
) -> Callable[["AsyncToken"], Coroutine[Any, Any, T]]:
    """Return what reads a property of a token as a verb to be awaited."""

    async def call(self: "AsyncToken") -> T:
        return await self.call(lambda: reading(self.token))

    return call


class AsyncToken:
    """A token in your hand, for ``async`` code.

    What is a property of :class:`Token` is a verb here: ``await token.counter()``. What is
    awaited and cancelled goes on in the token, as a finger does that is down already.

    Args:
        token: the token; closed with this.

    Attributes:
        token: as given. What is asked of it directly may block the event loop.
        serial: its serial number.
    """

    def __init__(self, token: Token) -> None:
        self.token = token
        self.serial = token.serial
        # One thread: a port belongs to one, and verbs must not overtake each other.
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="galh-hand")

    @classmethod
    def in_process(cls, serial: str = "GALH00004226") -> Self:
        """Return a sample token in this process, see :meth:`Token.in_process`."""
        return cls(Token.in_process(serial))

    @classmethod
    async def open(cls, target: str, serial: str | None = None) -> Self:
        """Return a token behind a port or a URL, see :meth:`Token.open`."""
        return cls(await asyncio.to_thread(Token.open, target, serial))

    def __repr__(self) -> str:
        return f"<AsyncToken {self.serial}>"

    async def call(self, function: Callable[[], T]) -> T:
        """Call something that may block, such as ``token.token.hand.reset``.

        Raises:
            UsageError: the token is closed.
            HostError: whatever the function raises.
        """
        if self._closed:
            raise UsageError(f"token {self.serial} was put down: open it anew")
        hand = self.token.hand
        if isinstance(hand, BenchHand) and hand.clock_mode() == "manual":
            return function()
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    press = _awaited(Token.press)
    try_press = _awaited(Token.try_press)
    press_many = _awaited(Token.press_many)
    fresh_code = _awaited(Token.fresh_code)
    wait_dark = _awaited(Token.wait_dark)
    advance = _awaited(Token.advance)
    down = _awaited(Token.down)
    up = _awaited(Token.up)
    inject = _awaited(Token.inject)
    require = _awaited(Token.require)

    can = _read(lambda token: token.can)
    token_type = _read(lambda token: token.token_type)
    now_ns = _read(lambda token: token.now_ns)
    lcd = _read(lambda token: token.lcd)
    text = _read(lambda token: token.text)
    lit = _read(lambda token: token.lit)
    counter = _read(lambda token: token.counter)
    clock_offset_s = _read(lambda token: token.clock_offset_s)

    async def set_counter(self, counter: int) -> None:
        """Set an event token's next counter."""
        await self.call(functools.partial(setattr, self.token, "counter", counter))

    async def close(self) -> None:
        """Put the token down, and end its thread. A second call does nothing."""
        if self._closed:
            return
        try:
            await self.call(self.token.close)
        finally:
            self._closed = True
            self._thread.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
