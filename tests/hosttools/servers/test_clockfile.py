"""A clock that libfaketime reads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hosttools.errors import UsageError
from hosttools.servers import ServerError
from hosttools.servers.clockfile import ClockFile, find_libfaketime
from tests.hosttools.servers import real
from tests.hosttools.servers.fob import START_NS


def test_a_process_sees_it_move(tmp_path: Path) -> None:
    """From one look to the next, in one process, to the second; monotonic time goes on."""
    if find_libfaketime() is None:
        real.missing("faketime")
    clock = ClockFile(tmp_path / "clock")
    clock.start()
    look = "import time\nfor _ in range(2): input(); print(int(time.time()), flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", look],
        env=clock.environment(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        seen = []
        for now_ns in (START_NS, START_NS - 10**18 + 999_999_999):
            clock.put(now_ns)
            child.stdin.write("\n")
            child.stdin.flush()
            seen.append(int(child.stdout.readline()))

    assert [START_NS // 10**9, START_NS // 10**9 - 10**9] == seen


@pytest.mark.parametrize("now_ns", [10**30, -(10**30)])
def test_refuses_a_time_of_no_calendar(tmp_path: Path, now_ns: int) -> None:
    """The file stays as it was."""
    clock = ClockFile(tmp_path / "clock")
    clock.start()
    with pytest.raises(UsageError, match="allowed"):
        clock.put(now_ns)

    assert "+0\n" == clock.path.read_text(encoding="ascii")


def test_says_where_it_can_not_be_put(tmp_path: Path) -> None:
    """A folder that is gone."""
    with pytest.raises(ServerError, match="can't be put"):
        ClockFile(tmp_path / "gone" / "clock").start()
