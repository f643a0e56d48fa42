"""``galh journal``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.statedir import StateDir
from firmware_model import GALH, GALT, Secret, configure

Galh = Callable[..., tuple[int, str, str]]
S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SERIAL, TIMED = "GALH00004226", "GALT00006238"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state directory whose tokens were pressed."""
    with StateDir(tmp_path / "s") as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        for serial, profile in ((SERIAL, GALH), (TIMED, GALT)):
            bench.open(configure(serial, profile, Secret(b"12345678901234567890")))
        with bench.acting("pty"):
            bench.press(SERIAL)
        bench.advance(40 * S)
        bench.press(TIMED)
        bench.remove(TIMED)
        bench.press(SERIAL)
        bench.close()
    return tmp_path / "s"


def test_list(galh: Galh, state: Path) -> None:
    """Each record is a line, with its time, its token, and who did it; no code is in it."""
    code, out, err = galh("journal", "list", "--state", str(state))
    assert (0, "") == (code, err)
    assert "2026-01-01T00:00:00.000000000Z GALH00004226 edge         closed=True  by pty" in out
    assert "lit          factor=0" in out
    assert "755224" not in out


def test_list_some(galh: Galh, state: Path) -> None:
    """Records can be chosen by token, kind and number, and come as JSON."""
    _, out, _ = galh("journal", "list", "--state", str(state), "galh-0000-4226", "--json")
    records = [json.loads(line) for line in out.splitlines()]
    assert {SERIAL} == {record["serial"] for record in records}
    _, out, _ = galh("journal", "list", "--state", str(state), "--kind", "lit", "--limit", "1")
    assert 1 == len(out.splitlines())
    last = records[-1]["sequence"]
    _, out, _ = galh("journal", "list", "--state", str(state), SERIAL, "--after", str(last))
    assert "" == out


def test_verify(galh: Galh, state: Path) -> None:
    """A journal that tells the truth leads to the counters that are kept."""
    code, out, _ = galh("journal", "verify", "--state", str(state))
    assert 0 == code
    assert "2 of 2 tokens are where their" in out


def test_verify_finds_what_was_not_told(galh: Galh, state: Path) -> None:
    """A memory that was changed elsewhere is named, and the exit code is 1."""
    image = state / "tokens" / SERIAL / "0001.nvm"
    data = bytearray(image.read_bytes())
    data[-1] ^= 1
    image.write_bytes(data)
    code, out, _ = galh("journal", "verify", "--state", str(state), "--json")
    assert 1 == code
    told = json.loads(out)
    assert not told["ok"]
    problems = {token["serial"]: token["problem"] for token in told["tokens"]}
    assert problems[TIMED] is None
    assert "changed elsewhere" in problems[SERIAL]


def test_no_such_directory(galh: Galh, tmp_path: Path) -> None:
    """A directory that is not there is not made."""
    code, _, err = galh("journal", "verify", "--state", str(tmp_path / "none"))
    assert 2 == code
    assert "no state directory" in err
    assert not (tmp_path / "none").exists()


def test_no_such_kind(galh: Galh, state: Path) -> None:
    """A kind that there is none of is told with those that there are."""
    code, _, err = galh("journal", "list", "--state", str(state), "--kind", "code")
    assert 2 == code
    assert "lit" in err
