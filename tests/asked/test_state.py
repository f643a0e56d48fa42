"""What people ask of resets, power and state: lines 6 and 7."""

import json
import subprocess
from pathlib import Path

import serial

from hosttools.testing import BACKSTOP_S, Serving
from tests.asked.asking import MANUAL, RFC, RFC_CODES, Asked


def test_06_a_reset_clears_volatile_state_only() -> None:
    """A reset clears volatile state only: the LCD goes dark, the counter stays."""
    with (
        Asked("--seeds", "rfc4226.csv", *MANUAL) as bench,
        serial.Serial(bench.serving.port(), timeout=BACKSTOP_S) as port,
    ):
        assert RFC_CODES[0] == bench.press(RFC)["code"]
        port.write(b"*RST;:DISP:STAT?;:TOK:COUN?\n")
        assert b"0;1\n" == port.readline()
        assert RFC_CODES[1] == bench.press(RFC)["code"]


def test_06_state_is_saved_and_restored(tmp_path: Path) -> None:
    """A snapshot under a passphrase brings back counter, lit LCD, and the codes to come."""
    options = ("--seeds", "rfc4226.csv", "--no-pty", "--snapshots", tmp_path, *MANUAL)
    with Asked(*options) as bench:
        bench.press(RFC)
        bench.send("POST", "/snapshots", name="lit", passphrase="a made-up one")
        assert list(RFC_CODES[1:4]) == [bench.fresh_code(RFC) for _ in range(3)]
        bench.send("POST", "/snapshots/lit/restore", passphrase="a made-up one")

        assert 1 == bench.next_counter(RFC)
        assert RFC_CODES[0] == bench.get(f"/tokens/{RFC}/display")["text"]
        assert RFC_CODES[1] == bench.fresh_code(RFC)


def test_06_a_stop_is_a_power_off_at_any_moment(tmp_path: Path) -> None:
    """Killed while lit, it starts dark and goes on with the next counter."""
    options = ("--seeds", "rfc4226.csv", "--no-pty", "--state", tmp_path / "state")
    with Asked(*options, *MANUAL) as bench:
        assert RFC_CODES[0] == bench.press(RFC)["code"]
        bench.serving.kill()
    with Asked(*options, "--clock", "manual") as bench:
        assert (1, "") == (bench.next_counter(RFC), bench.get(f"/tokens/{RFC}/display")["text"])
        assert RFC_CODES[1] == bench.press(RFC)["code"]


def test_06_power_loss_can_be_written_as_a_test() -> None:
    """The supply fails at byte 13 of the counter's write: no code, one counter skipped."""
    with Asked("--seeds", "rfc4226.csv", "--no-pty", *MANUAL) as bench:
        bench.press(RFC)
        bench.wait(RFC, "dark")
        bench.send("POST", f"/tokens/{RFC}/faults", fault="{press = 1, tear = {byte = 13}}")
        torn = bench.press(RFC)

        assert (None, "reset") == (torn["code"], torn["refused"])
        assert RFC_CODES[2] == bench.fresh_code(RFC)


def _serve_again(*options: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [*Serving.COMMAND, "--seeds", "rfc4226.csv", "--no-pty", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=BACKSTOP_S, check=False)


def test_07_state_has_a_lock_that_names_its_holder(tmp_path: Path) -> None:
    """A second process on one state directory ends with 75, and says who has it."""
    with Asked("--seeds", "rfc4226.csv", "--no-pty", "--state", tmp_path) as bench:
        second = _serve_again("--state", tmp_path)
        assert (75, "") == (second.returncode, second.stdout)
        assert f"process {bench.serving.process.pid}" in second.stderr
        bench.serving.kill()
    with Asked("--seeds", "rfc4226.csv", "--no-pty", "--state", tmp_path) as bench:
        assert 0 == bench.next_counter(RFC)  # a killed holder keeps nobody out


def test_07_state_has_a_version_and_a_later_one_is_refused(tmp_path: Path) -> None:
    """A version that is not known is told with the file and both numbers, and left alone."""
    with Asked("--seeds", "rfc4226.csv", "--no-pty", "--state", tmp_path) as bench:
        assert 0 == bench.serving.stop()[0]
    place = tmp_path / "format.json"
    written = json.loads(place.read_text())
    place.write_text(json.dumps(written | {"version": 99}))
    files = {path: path.read_bytes() for path in tmp_path.rglob("*.nvm")}

    refused = _serve_again("--state", tmp_path)

    assert (74, "") == (refused.returncode, refused.stdout)
    assert all(word in refused.stderr for word in (str(tmp_path), "99", str(written["version"])))
    assert files == {path: path.read_bytes() for path in files}
