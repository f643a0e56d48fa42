"""A state directory that can't be written to: at the start, and all of a sudden."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import CalledProcessError
from typing import Final

import pytest

from hosttools.seedfiles import sample
from hosttools.testing import Serving
from tests.robustness.crowd import Line

WARD: Final = sample("ward.csv")
EVENT, TIME = "GALH12345678", "GALT00000042"
WEB: Final = ("--no-pty", "--http", "127.0.0.1:0", "--clock", "manual")

# To root, modes of files mean nothing; without this capability they do.
UNDER: Final = ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """Return a state directory with all tokens in it."""
    place = tmp_path / "state"
    with Serving("--seeds", WARD, "--state", place, "--no-pty") as served:
        assert served.stop()[0] == 0
    yield place
    allow(place, writing=True)


def allow(place: Path, *, writing: bool) -> None:
    """Let a folder and what is in it be written to, or not."""
    for path in (place, *place.rglob("*")):
        mode = 0o700 if path.is_dir() else 0o600
        path.chmod(mode if writing else mode & ~0o222)


def test_read_only_from_the_start(state: Path) -> None:
    """Exit code 74; the directory is named, and what is in it stays as it is."""
    allow(state, writing=False)
    before = {file: file.read_bytes() for file in state.rglob("*") if file.is_file()}
    with pytest.raises(CalledProcessError) as refused:
        Serving("--state", state, *WEB, under=UNDER)
    assert (74, "") == (refused.value.returncode, refused.value.output)
    assert f"galh: state directory {state} can't be used: Permission denied" in refused.value.stderr
    assert before == {file: file.read_bytes() for file in state.rglob("*") if file.is_file()}


def test_no_place_for_a_new_one(tmp_path: Path) -> None:
    """Exit code 74 as well where a new one can't be made."""
    tmp_path.chmod(0o500)
    with pytest.raises(CalledProcessError) as refused:
        Serving("--seeds", WARD, "--state", tmp_path / "state", *WEB, under=UNDER)
    tmp_path.chmod(0o700)
    assert refused.value.returncode == 74
    assert "Permission denied" in refused.value.stderr


def test_read_only_all_of_a_sudden(state: Path) -> None:
    """A token stops without a code and says why; anew, and writable, it repeats nothing."""
    with (
        Serving("--state", state, *WEB, under=UNDER) as served,
        closing(Line(served.http)) as line,
    ):
        assert line.press(EVENT, "before")[1]["factor"] == 0
        line.ask("POST", "/api/v1/clock/advance", {"seconds": 60})
        allow(state, writing=False)
        for key in ("while", "while-still"):
            status, problem = line.press(EVENT, key)
            assert (500, "urn:galh:state") == (status, problem["type"])
            assert "Permission denied" in problem["detail"]
        assert line.ask("GET", f"/api/v1/tokens/{TIME}")[0] == 200
        allow(state, writing=True)
        assert line.press(TIME, "later")[1]["refused"] is None
        assert served.stop()[0] == 0
    with Serving("--state", state, *WEB) as served, closing(Line(served.http)) as line:
        assert line.press(EVENT, "while")[1]["refused"] == "interrupted"
        assert line.press(EVENT, "after")[1]["factor"] == 1
