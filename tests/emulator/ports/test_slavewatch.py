"""SlaveWatch, on plain files: it watches whatever is opened and closed."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.errors import PortError
from emulator.ports.slavewatch import CLOSED, OPENED, OVERFLOW, SlaveWatch


class Noted:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.masks: list[int] = []
        self.settled = 0

    def saw(self, mask: int) -> None:
        """Note it."""
        self.masks.append(mask)

    def settle(self) -> None:
        """Note that too."""
        self.settled += 1


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give a loop that runs when told."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def watch(loop: asyncio.AbstractEventLoop) -> Iterator[SlaveWatch]:
    """Give the loop's watch."""
    joined = SlaveWatch.join(loop)
    yield joined
    joined.leave()


def turn(loop: asyncio.AbstractEventLoop) -> None:
    """Let the loop do what is ready."""
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(asyncio.sleep(0))


def test_opens_and_closes_are_told_in_order(
    loop: asyncio.AbstractEventLoop, watch: SlaveWatch, tmp_path: Path
) -> None:
    """Each is noted as it came; settling comes once for all of them."""
    (tmp_path / "a").touch()
    noted = Noted()
    watch.add(str(tmp_path / "a"), noted)
    for _ in range(2):
        os.close(os.open(tmp_path / "a", os.O_RDWR))
    turn(loop)

    assert [True, False, True, False] == [bool(mask & OPENED) for mask in noted.masks]
    assert [False, True, False, True] == [bool(mask & CLOSED) for mask in noted.masks]
    assert 1 == noted.settled


def test_equal_events_in_a_row_are_all_told(watch: SlaveWatch, tmp_path: Path) -> None:
    """Two that open at once, and then close at once, are two."""
    (tmp_path / "a").touch()
    noted = Noted()
    watch.add(str(tmp_path / "a"), noted)
    opened = [os.open(tmp_path / "a", os.O_RDWR) for _ in range(3)]
    for fd in opened:
        os.close(fd)

    watch.collect()

    assert [True] * 3 + [False] * 3 == [bool(mask & OPENED) for mask in noted.masks]


def test_collect_tells_without_a_turn_of_the_loop(watch: SlaveWatch, tmp_path: Path) -> None:
    """Who has read bytes learns at once what came before them, and settles later."""
    (tmp_path / "a").touch()
    noted = Noted()
    watch.add(str(tmp_path / "a"), noted)
    os.close(os.open(tmp_path / "a", os.O_RDONLY))

    watch.collect()

    assert (2, 0) == (len(noted.masks), noted.settled)


def test_a_removed_slave_is_told_what_came_before(
    loop: asyncio.AbstractEventLoop, watch: SlaveWatch, tmp_path: Path
) -> None:
    """Events until the removal count; later ones don't."""
    (tmp_path / "a").touch()
    noted = Noted()
    number = watch.add(str(tmp_path / "a"), noted)
    fd = os.open(tmp_path / "a", os.O_RDONLY)
    watch.remove(number)
    os.close(fd)
    turn(loop)

    assert [OPENED] == noted.masks


def test_an_overflow_is_told_to_every_slave(
    loop: asyncio.AbstractEventLoop,
    watch: SlaveWatch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever may have missed something looks for itself."""
    slaves = [Noted(), Noted()]
    for number, slave in enumerate(slaves):
        (tmp_path / str(number)).touch()
        watch.add(str(tmp_path / str(number)), slave)
    read = os.read
    overflow = (-1).to_bytes(4, "little", signed=True) + OVERFLOW.to_bytes(4, "little") + bytes(8)
    os.close(os.open(tmp_path / "0", os.O_RDONLY))
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", lambda fd, size: (read(fd, size), overflow)[1])
        watch.collect()
    turn(loop)

    assert [([OVERFLOW], 1)] * 2 == [(slave.masks, slave.settled) for slave in slaves]


def test_a_loop_has_one_watch(loop: asyncio.AbstractEventLoop, watch: SlaveWatch) -> None:
    """All of a loop's ports share one descriptor."""
    again = SlaveWatch.join(loop)
    assert watch is again
    again.leave()


def test_nothing_to_watch_is_a_port_error(watch: SlaveWatch, tmp_path: Path) -> None:
    """The kernel's reason and the limit are in the message."""
    with pytest.raises(PortError, match="No such file"):
        watch.add(str(tmp_path / "missing"), Noted())
