"""A state directory on a disk that is full, and has room again later."""

import contextlib
import errno
import itertools
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.errors import StateError
from emulator.statedir import StateDir
from firmware_model import GALH, GALT, Secret, configure
from firmware_model.stimuli import Lit
from hosttools.seedfiles import sample
from hosttools.testing import BACKSTOP_S, Serving
from tests.robustness.crowd import Line

WARD: Final = sample("ward.csv")
EVENT, TIME = "GALH12345678", "GALT00000042"
START_NS: Final = 1_767_225_600_000_000_000
WEB: Final = ("--no-pty", "--http", "127.0.0.1:0")

NAMESPACE: Final = ("-m",) if os.geteuid() == 0 else ("-r", "-m")
"""Who is not root needs to be root in a namespace of users."""


class Disk(NamedTuple):
    """Where a state directory is, and what fills it.

    Attributes:
        state: the directory, as the process under test calls it.
        under: how to start that process.
        fill: leaves no room.
        free: makes room again.
        status: what HTTP says of it.
    """

    state: Path
    under: tuple[str, ...]
    fill: Callable[[Serving], None]
    free: Callable[[Serving], None]
    status: int


@pytest.fixture
def tiny(tmp_path: Path, require_tool: Callable[[str], str]) -> Iterator[Disk]:
    """A file system of 512 KiB that nobody else sees, until its holder ends."""
    command = 'mount -t tmpfs -o size=512k galh "$0" && echo mounted && exec cat'
    with subprocess.Popen(
        [require_tool("unshare"), *NAMESPACE, "sh", "-c", command, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline() != "mounted\n":
            pytest.skip("no file system can be mounted here; the limit on file sizes is tried")
        filler = Path(f"/proc/{holder.pid}/root{tmp_path}/filler")

        def fill(_: Serving) -> None:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))

        namespaces = ("-m",) if len(NAMESPACE) == 1 else ("--preserve-credentials", "-U", "-m")
        yield Disk(
            tmp_path / "state",
            ("nsenter", "-t", str(holder.pid), *namespaces),
            fill,
            lambda _: filler.unlink(),
            507,
        )
        holder.stdin.close()


@pytest.fixture
def limited(tmp_path: Path) -> Disk:
    """A limit on the size of files, which is above that of all but the journal."""
    most = resource.RLIM_INFINITY

    def fill(served: Serving) -> None:
        size = max(file.stat().st_size for file in (tmp_path / "state/journal").iterdir())
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (size, most))

    def free(served: Serving) -> None:
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (most, most))

    return Disk(tmp_path / "state", (), fill, free, 500)


@pytest.fixture(autouse=True)
def no_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes that may write no more leave no half of a compiled module behind.

    Python keeps what a limit on file sizes lets through, and no process after it would start.
    """
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")


@pytest.fixture(params=["tiny", "limited"])
def disk(request: pytest.FixtureRequest) -> Disk:
    """Both in turn: the first needs rights that not every machine gives."""
    found: Disk = request.getfixturevalue(request.param)
    return found


def factors(answer: tuple[int, dict[str, list[dict[str, int]]]]) -> list[int]:
    """Return what was pressed by an answer that has codes."""
    status, body = answer
    assert status == 200
    return [press["factor"] for press in body["presses"]]


def test_a_bench_whose_disk_is_full(disk: Disk) -> None:
    """It lives and says why nothing is pressed; with room again, and anew, no code repeats."""
    seen: list[int] = []
    start = ("--state", disk.state, "--clock", "manual", *WEB)
    with (
        Serving("--seeds", WARD, *start, under=disk.under) as served,
        closing(Line(served.http)) as line,
    ):
        seen += factors(line.press(EVENT, "before", 2))
        disk.fill(served)
        number = 0
        while (answer := line.press(EVENT, f"full-{number}", 2))[0] == 200:
            seen += factors(answer)  # the last page has room for some
            number += 1
        for status, problem in (answer, line.press(EVENT, "full-still"), line.press(TIME, "time")):
            assert (disk.status, "urn:galh:state") == (status, problem["type"])
            assert "can't be written: " in problem["detail"]
        assert line.ask("GET", f"/api/v1/tokens/{TIME}")[0] == 200
        assert line.ask("GET", "/healthz")[0] == 503
        disk.free(served)
        assert line.ask("GET", "/healthz")[0] == 200
        assert len(factors(line.press(TIME, "later", 2))) == 2  # the others go on
        answer = line.press(EVENT, "still", 2)
        if answer[0] == 200:  # it was full between two codes
            seen += factors(answer)
        else:
            assert "start it again" in answer[1]["detail"]
        assert served.stop()[0] == 0
    with Serving(*start, under=disk.under) as served, closing(Line(served.http)) as line:
        again = line.press(EVENT, f"full-{number}", 2)[1]
        assert again["refused"] in {"interrupted", "failed"}
        lit = [press["factor"] for press in again["presses"] if press["refused"] is None]
        assert not set(lit) & set(seen)
        seen += factors(line.press(EVENT, "after", 2))
        assert sorted(set(seen)) == seen


def test_a_clock_that_runs_stops_with_a_clear_error(disk: Disk) -> None:
    """What happens by itself can't be kept: exit code 74, and the journal is named."""
    with (
        Serving(
            *("--seeds", WARD, "--state", disk.state, "--clock", "scaled:1000", *WEB),
            under=disk.under,
        ) as served,
        closing(Line(served.http)) as line,
    ):
        disk.fill(served)
        with pytest.raises(ConnectionError):  # noqa: PT012  # one of them finds it gone
            for number in itertools.count():
                line.press(TIME, f"full-{number}")
        _, err = served.process.communicate(timeout=BACKSTOP_S)
    assert served.process.returncode == 74
    assert f"galh: the journal {disk.state}/journal can't be written: " in err


def test_no_room_at_the_start(disk: Disk) -> None:
    """Exit code 74 where nothing can be kept from the beginning, and the file is named."""
    command = [*disk.under, "prlimit", "--fsize=600", *Serving.COMMAND, "--seeds", str(WARD)]
    done = subprocess.run(
        [*command, "--state", str(disk.state)], capture_output=True, text=True, check=False
    )
    assert (74, "") == (done.returncode, done.stdout)
    assert f"galh: {disk.state}" in done.stderr
    assert "can't be written: " in done.stderr
    with Serving("--seeds", WARD, "--state", disk.state, under=disk.under) as served:
        assert served.stop()[0] == 0


# At any write: in this process, without a disk.

CONFIGS: Final = {
    EVENT: configure(EVENT, GALH, Secret(b"12345678901234567890")),
    TIME: configure(TIME, GALT, Secret(b"12345678901234567890")),
}


class Filling:
    """A disk that is full once so many writes are done, until there is room again.

    Attributes:
        left: writes that have room; ``None``: any number.
    """

    def __init__(self) -> None:
        self.left: int | None = None
        self._write = os.pwrite

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        """Write, or not; the first that has no room is cut short, as disks do it."""
        if self.left is not None:
            self.left -= 1
            if self.left == -1 and len(data) > 1:
                return self._write(fd, data[: len(data) // 2], offset)
            if self.left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._write(fd, data, offset)


def moves(store: StateDir, serial: str) -> list[int]:
    """Return what the journal says was shown of a token."""
    bench = Bench(VirtualClock(store.now_ns or START_NS), store=store)
    lit = [
        record.event
        for record in bench.journal.read(0, 1_000, serials={serial})
        if isinstance(record.event, Lit)
    ]
    bench.close()
    return [event.factor for event in lit if event.factor is not None]


@pytest.mark.parametrize("serial", [EVENT, TIME])
@pytest.mark.parametrize("room", range(14))
def test_a_disk_that_fills_at_any_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, serial: str
) -> None:
    """The same request, sent until it is answered, presses no more than was asked for."""
    filling = Filling()
    monkeypatch.setattr("os.pwrite", filling.pwrite)
    with StateDir(tmp_path / "state") as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        bench.open(CONFIGS[serial])
        filling.left = room
        told = None
        for _ in range(3):
            with contextlib.suppress(StateError):
                told = bench.press_once(serial, "k", "{}", 2).result
            filling.left = None
        bench.close()
        shown = moves(store, serial)
        assert len(shown) <= 2
        again = Bench(VirtualClock(store.now_ns or START_NS), store=store)
        again.open(CONFIGS[serial])
        last = again.press_once(serial, "k", "{}", 2).result
        for answer in (told or (), last):
            codes = [press.factor for press in answer if press.refused is None]
            assert codes == shown[: len(codes)]
            # If not all of them, it says so.
            assert len(codes) == 2 or not answer or answer[-1].refused in {"interrupted", "failed"}
        (fresh,) = again.press_once(serial, "new", "{}").result
        assert fresh.factor is not None
        assert not shown or serial == TIME or fresh.factor > shown[-1]
