"""A bench in a thread of its own: calls into it, and its end."""

import asyncio
import gc
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import BusyError, StateError, UsageError
from emulator.results import PressResult, Ticket
from emulator.runner import Runner
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH
from hosttools.testing import BACKSTOP_S

SERIAL = "GALH00000042"


def _make_bench() -> Bench:
    bench = Bench(VirtualClock(0))
    bench.open(configure(SERIAL, GALH, Secret(b"12345678901234567890")))
    return bench


def _real_bench() -> Bench:
    bench = Bench(RealClock())
    bench.open(configure(SERIAL, GALH, Secret(b"12345678901234567890")))
    return bench


def test_bench_is_made_and_used_in_its_thread() -> None:
    """The bench is made, and every call made, in one thread that is not ours."""
    idents = []

    def make_bench() -> Bench:
        idents.append(threading.get_ident())
        return _make_bench()

    with Runner(make_bench) as runner:
        idents.append(runner.call(threading.get_ident))

    assert len(set(idents)) == 1
    assert threading.get_ident() not in idents


def test_call_returns() -> None:
    """A call returns what the function returns."""
    with Runner(_make_bench) as runner:
        assert runner.call(lambda: runner.bench.press(SERIAL).result.code) == "755224"


def test_bench_lives_by_itself() -> None:
    """On a real clock a press comes to its end though nobody calls again."""
    pressed = threading.Event()
    results: list[PressResult] = []

    def told(result: PressResult) -> None:
        results.append(result)
        pressed.set()

    with Runner(_real_bench) as runner:
        runner.call(lambda: runner.bench.press(SERIAL, hold_ns=50_000_000).then(told))

        assert pressed.wait(BACKSTOP_S)
    assert [result.code for result in results] == ["755224"]


def test_result_is_waited_for() -> None:
    """What takes bench time is begun there, and waited for here."""
    with Runner(_real_bench) as runner:
        pressed = runner.result(lambda: runner.bench.press(SERIAL, hold_ns=1_000_000))

        assert pressed.refused == "glitch"
        assert runner.result(lambda: runner.bench.wait(SERIAL, lit=False, timeout_ns=0))


def test_refusal_to_begin_comes_out() -> None:
    """What can't begin is raised here."""
    with Runner(_make_bench) as runner, pytest.raises(UsageError, match="a hold of 0 ns"):
        runner.result(lambda: runner.bench.press(SERIAL, hold_ns=0))


def test_end_ends_what_is_waited_for() -> None:
    """A press that the end of the bench cuts off is an error, not a wait for ever."""
    runner = Runner(_real_bench)
    begun = threading.Event()

    def press() -> Ticket[PressResult]:
        begun.set()
        return runner.bench.press(SERIAL, hold_ns=3_600_000_000_000)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(runner.result, press)
        assert begun.wait(BACKSTOP_S)
        runner.close()

        with pytest.raises(UsageError, match="the bench has ended"):
            waiting.result(BACKSTOP_S)


def test_error_of_making_comes_out() -> None:
    """What making the bench raises is raised where the runner is made; no thread stays."""

    def make_bench() -> Bench:
        raise BusyError("process 7 has it")

    before = threading.enumerate()  # of which some may end meanwhile: those of other tests
    with pytest.raises(BusyError, match="process 7 has it"):
        Runner(make_bench)

    assert set() == {*threading.enumerate()}.difference(before)


@pytest.mark.parametrize("error", [StateError("full"), ValueError("no"), SystemExit(3)])
def test_error_of_call_comes_out(error: BaseException) -> None:
    """What a function raises is raised to its caller, whatever it is; the bench lives on."""

    def fail() -> None:
        raise error

    with Runner(_make_bench) as runner:
        with pytest.raises(type(error)) as raised:
            runner.call(fail)

        assert error is raised.value
        assert runner.call(lambda: 1) == 1


def test_call_from_inside() -> None:
    """A call made in the bench's own thread is made at once, not waited for for ever."""
    with Runner(_make_bench) as runner:
        assert runner.call(lambda: runner.call(lambda: 1)) == 1


def test_call_after_close() -> None:
    """A call into a closed runner is an error at once."""
    runner = Runner(_make_bench)
    runner.close()

    with pytest.raises(UsageError, match="the bench has ended"):
        runner.call(lambda: 1)


def test_close_twice() -> None:
    """A second close does nothing."""
    runner = Runner(_make_bench)
    runner.close()

    runner.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_dead_loop_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the loop dies under a call that waits, the call fails, and so does the next one."""
    runner = Runner(_make_bench)
    reached, queued = threading.Event(), threading.Event()

    def die() -> None:
        reached.set()
        queued.wait(BACKSTOP_S)
        raise SystemExit

    runner.loop.call_soon_threadsafe(die)
    assert reached.wait(BACKSTOP_S)
    call_soon = runner.loop.call_soon_threadsafe

    def call_soon_and_tell(callback: Callable[..., object], *arguments: object) -> asyncio.Handle:
        handle = call_soon(callback, *arguments)
        queued.set()
        return handle

    monkeypatch.setattr(runner.loop, "call_soon_threadsafe", call_soon_and_tell)
    with pytest.raises(UsageError, match="the bench has ended"):
        runner.call(lambda: 1)
    with pytest.raises(UsageError, match="the bench has ended"):
        runner.call(lambda: 1)
    runner.close()


def _open_fds() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_close_leaves_nothing() -> None:
    """Neither a thread nor a descriptor stays, and nothing complains of being left open."""
    Runner(_make_bench).close()
    gc.collect()
    threads, open_fds = threading.enumerate(), _open_fds()  # others' may end meanwhile

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(10):
            Runner(_make_bench).close()
        gc.collect()

    assert set() == {*threading.enumerate()}.difference(threads)
    assert open_fds >= _open_fds()


def test_close_keeps_the_time() -> None:
    """Closing closes the bench; if that fails it says so, and the thread has ended."""
    before = threading.enumerate()
    runner = Runner(_make_bench)

    def fail() -> None:
        raise StateError("no space left")

    runner.bench.close = fail  # type: ignore[method-assign]  # the disk is full
    with pytest.raises(StateError, match="no space left"):
        runner.close()

    assert set() == {*threading.enumerate()}.difference(before)
