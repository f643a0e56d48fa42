"""A token for ``async`` code: the same verbs, awaited, and nobody blocked."""

import asyncio
import inspect
import threading
from typing import assert_type

import pytest

from emulator.clock import RealClock
from emulator.inprocess import alive
from firmware_model.segments import Lcd
from hosttools.errors import NotOfferedError, UsageError
from hosttools.hand import (
    AsyncToken,
    BenchHand,
    Can,
    Pressed,
    PressRefusedError,
    Token,
    open_bench,
    sample_config,
)

RFC = "GALH00004226"
LEFT_OUT = {"hand", "config", "secret_hex", "secret_base32"}
"""Public names of a token without a twin: ``token.token`` has them, and none waits."""


def _public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_every_verb_has_its_twin() -> None:
    """What a token can be asked, the awaited one can be asked, with the same parameters."""
    assert _public(Token) - LEFT_OUT <= _public(AsyncToken)
    for name in _public(Token) - LEFT_OUT:
        verb, twin = getattr(Token, name), getattr(AsyncToken, name)
        if callable(verb):
            assert inspect.signature(verb).parameters == inspect.signature(twin).parameters
        if name != "in_process":  # waits for nothing
            assert inspect.iscoroutinefunction(twin), name


def test_extra_names_are_few() -> None:
    """What only the awaited one has: the way to anything else, and the setter of a property."""
    assert {"call", "set_counter"} == _public(AsyncToken) - _public(Token)


def test_types_are_the_twins() -> None:
    """A type checker knows what is awaited; ``make lint`` checks this function."""

    async def check(token: AsyncToken) -> None:
        assert_type(await token.press(0.2), str)
        assert_type(await token.try_press(hold_s=0.2), Pressed)
        assert_type(await token.press_many(2, limit_s=5), list[str])
        assert_type(await token.wait_dark(), None)
        assert_type(await token.counter(), int)
        assert_type(await token.lcd(), Lcd)
        assert_type(await token.lit(), bool)
        assert_type(await token.can(), frozenset[Can])
        assert_type(await token.call(token.token.hand.rate), float)

    async def main() -> None:
        async with AsyncToken.in_process() as token:
            await check(token)

    asyncio.run(main())


def test_in_process_token_needs_no_thread() -> None:
    """A token on a manual clock never waits, and is asked in the thread that awaits."""

    async def main() -> None:
        async with AsyncToken.in_process(RFC) as token:
            assert threading.get_ident() == await token.call(threading.get_ident)
            assert ["755224", "287082"] == await token.press_many(2)
            await token.set_counter(9)
            assert ("520489", 10) == (await token.fresh_code(), await token.counter())

    asyncio.run(main())


def test_port_is_asked_in_its_own_thread() -> None:
    """Verbs of a port run in one thread, which is not the loop's, in the order awaited."""

    async def main() -> None:
        async with await AsyncToken.open(f"galh://{RFC}") as token:
            threads = await asyncio.gather(*(token.call(threading.get_ident) for _ in range(3)))
            assert 1 == len(set(threads))
            assert threading.get_ident() not in threads
            codes = await asyncio.gather(*(token.fresh_code() for _ in range(3)))
            assert ["755224", "287082", "359152"] == codes

    with alive([sample_config(RFC)]):
        asyncio.run(main())


def test_real_clock_blocks_nobody() -> None:
    """While a button is held on a real clock the loop goes on; the end of the bench ends it."""

    async def main() -> None:
        config = sample_config(RFC)
        runner = open_bench([(config, None)], clock=RealClock())
        async with AsyncToken(Token(BenchHand(runner, RFC, close=runner.close))) as token:
            press = asyncio.create_task(token.press(3600))
            while not await asyncio.to_thread(
                lambda: runner.call(lambda: runner.bench.look(RFC).pressed)
            ):
                pass
            runner.close()
            with pytest.raises(UsageError, match="the bench has ended"):
                await press

    asyncio.run(main())


def test_refusals_come_out() -> None:
    """What is raised there is raised here."""

    async def main() -> None:
        async with AsyncToken.in_process(RFC) as token:
            await token.press()
            with pytest.raises(PressRefusedError, match="lit"):
                await token.press()
            with pytest.raises(NotOfferedError, match="own clock"):
                await token.clock_offset_s()
            with pytest.raises(NotOfferedError, match="own clock jump"):
                await token.require(Can.SHIFT_TOKEN_TIME)

    asyncio.run(main())


def test_closed_twice() -> None:
    """Closing twice is closing; what is asked then is refused."""

    async def main() -> None:
        async with await AsyncToken.open(f"galh://{RFC}") as token:
            await token.close()
            await token.close()
            with pytest.raises(UsageError, match=f"token {RFC} was put down"):
                await token.press()

    with alive([sample_config(RFC)]):
        asyncio.run(main())
