"""The same token for ``async`` code: every verb of :class:`Token`, awaited.

Nothing is written twice: a verb here is the one there, called where it blocks nobody. A
token in this process whose time can be moved never waits, so it is called at once, in
the caller's thread; any other in a thread of its own.
"""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from hosttools.hand.bench import BenchHand
from hosttools.hand.seam import Can
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


class AsyncToken:
    """A token in your hand, for ``async`` code.

    Args:
        token: the token; closed with this.

    Attributes:
        token: as given. What is asked of it directly may block the event loop.
        serial: its serial number.
    """

    def __init__(self, token: Token) -> None:
        self.token = token
        self.serial = token.serial
        at_once = isinstance(token.hand, BenchHand) and Can.ADVANCE in token.can
        # One thread: a port belongs to one, and verbs must not overtake each other.
        self._thread = None if at_once else ThreadPoolExecutor(1, thread_name_prefix="galh-hand")

    def __repr__(self) -> str:
        return f"<AsyncToken {self.serial}>"

    async def call(self, function: Callable[[], T]) -> T:
        """Call something that may block, such as ``lambda: token.token.counter``."""
        if self._thread is None:
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

    async def close(self) -> None:
        """Put the token down, and end its thread."""
        await self.call(self.token.close)
        if self._thread is not None:
            self._thread.shutdown()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
