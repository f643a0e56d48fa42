"""Benches beside each other, as the workers of a test run start them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from subprocess import CalledProcessError
from typing import Final

import pytest

from hosttools.seedfiles import sample
from hosttools.testing import Serving
from tests.robustness.crowd import Line

SERIAL: Final = "GALH00004226"
SERVE: Final = (
    *("--seeds", sample("rfc4226.csv"), "--clock", "manual:2026-01-05T08:00:00Z"),
    *("--http", "127.0.0.1:0", "--tcp", "127.0.0.1:0"),
)


def test_two_workers_have_a_bench_each(tmp_path: Path) -> None:
    """Started at once, with port 0 and a state of their own, they know nothing of each other."""

    def start(name: str) -> Serving:
        return Serving(*SERVE, "--state", tmp_path / name, "--link", tmp_path / f"{name}.port")

    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        one, two = map(stack.enter_context, pool.map(start, ["gw0", "gw1"]))
        addresses = {found for each in (one, two) for found in (each.http, each.port(kind="tcp"))}
        assert len(addresses) == 4
        first, second = (stack.enter_context(closing(Line(each.http))) for each in (one, two))
        # The same key, too: it is one bench's.
        assert first.press(SERIAL, "same", 3)[1]["factor"] == 2
        assert second.press(SERIAL, "same")[1]["factor"] == 0
        assert [0, 0] == [one.stop()[0], two.stop()[0]]
        assert not list(tmp_path.glob("*.port"))


def test_two_on_one_state_directory(tmp_path: Path) -> None:
    """The second is refused with 75 and told who has it; the first goes on."""
    with Serving(*SERVE, "--state", tmp_path) as served, closing(Line(served.http)) as line:
        with pytest.raises(CalledProcessError) as refused:
            Serving(*SERVE, "--state", tmp_path)
        assert (75, "") == (refused.value.returncode, refused.value.output)
        assert f"is in use by process {served.process.pid} (galh serve" in refused.value.stderr
        assert "use another directory" in refused.value.stderr
        assert line.press(SERIAL, "on")[1]["factor"] == 0
