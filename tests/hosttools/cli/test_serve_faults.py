"""``galh serve --faults``."""

from collections.abc import Callable
from pathlib import Path

import pytest
import serial

from hosttools.seedfiles import sample
from hosttools.testing import BACKSTOP_S, Serving

Galh = Callable[..., tuple[int, str, str]]
SEEDS = ("--seeds", sample("rfc4226.csv"))
FAULTS = """
[[fault]]
name = "dip"
press = 1
reset = { delay_ms = 20 }

[[fault]]
name = "plug"
on = "dark"
port_drop = { count = 1, direction = "to_client" }
"""


def test_it_fires(tmp_path: Path) -> None:
    """What the file says goes wrong, with the token, with its port, and over the port."""
    path = tmp_path / "faults.toml"
    path.write_text(FAULTS)
    with (
        Serving(*SEEDS, "--faults", path, "--clock", "manual:2026-01-01T00:00:00Z") as served,
        serial.Serial(served.ready["tokens"][0]["pty"], timeout=BACKSTOP_S) as line,
    ):

        def ask(query: str) -> str:
            line.write(f"{query}\n".encode())
            answer: bytes = line.readline()
            return answer.decode().removesuffix("\n")

        assert '"dip: reset","plug: port_drop"' == ask("FAULt:LIST?")
        assert '"REFUSED RESET"' == ask("BUTTon:PRESs?")
        assert '"755224"' != ask("BUTTon:PRESs?")
        assert "1" == ask("FAULt:COUNt?")
        # The LCD goes dark, and the line drops the quote before the next answer.
        assert 'injected 1: tear"' == ask("CLOCk:ADVance 60;:FAULt:INJect 'tear 13';:FAULt:LIST?")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("tear = {byte = 33}", "fault 'x': tear: byte: 33 is out of range; allowed are 0 to 32"),
        ("clock_offset = {seconds = 1}", "an event token has no clock"),
        ("serial = 'GALH1'\nmend = {}", "no token GALH1; there are GALH00004226"),
    ],
)
def test_impossible(tmp_path: Path, galh: Galh, body: str, message: str) -> None:
    """A fault that can't come true is refused before any token is made."""
    path, state = tmp_path / "faults.toml", tmp_path / "state"
    path.write_text(f"[[fault]]\nname = 'x'\npress = 1\n{body}\n")
    exit_code, out, err = galh("serve", *SEEDS, "--state", state, "--faults", path)
    assert (2, "") == (exit_code, out)
    assert message in err
    assert str(path) in err
    assert [] == list(state.glob("tokens/*"))


def test_kept_token(tmp_path: Path, galh: Galh) -> None:
    """A token that is kept is checked too, without its seed."""
    path, state = tmp_path / "faults.toml", tmp_path / "state"
    with Serving(*SEEDS, "--state", state):
        pass
    path.write_text("[[fault]]\nname = 'x'\npress = 1\nclock_offset = {seconds = 1}\n")
    exit_code, _, err = galh("serve", "--state", state, "--faults", path)
    assert 2 == exit_code
    assert "token GALH00004226: an event token has no clock" in err
