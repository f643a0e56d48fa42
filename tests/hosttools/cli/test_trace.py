"""``galh trace`` writes whole files or none, and refuses what can't be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

Galh = Callable[..., tuple[int, str, str]]


def test_all_three(galh: Galh, tmp_path: Path) -> None:
    """VCD, CSV and PNG of the same trace; nothing else is left behind."""
    vcd, table, png = (tmp_path / name for name in ("t.vcd", "t.csv", "t.png"))
    exit_code, out, err = galh("trace", "--vcd", vcd, "--csv", table, "--png", png)

    assert (0, "") == (exit_code, err)
    assert [f"wrote {path}" for path in (vcd, table, png)] == out.splitlines()
    assert {vcd, table, png} == set(tmp_path.iterdir())
    assert b"$enddefinitions" in vcd.read_bytes()
    assert table.read_text().startswith("time_s,contact,button,")
    with Image.open(png) as picture:
        assert "PNG" == picture.format


def test_same_command_same_file(galh: Galh, tmp_path: Path) -> None:
    """Traces don't depend on when they are made."""
    for name in ("a.vcd", "b.vcd"):
        galh("trace", "--vcd", tmp_path / name)

    assert (tmp_path / "a.vcd").read_bytes() == (tmp_path / "b.vcd").read_bytes()


def test_presses(galh: Galh, tmp_path: Path) -> None:
    """Each press that finds the LCD dark lights the next code."""
    out = tmp_path / "t.csv"
    galh("trace", "--csv", out, "--press", "0.5", "--press", "40:0.2", "--bounce", "none")
    rows = [line.split(",") for line in out.read_text().splitlines()]
    factor, screen = rows[0].index("factor"), rows[0].index("lcd_screen")

    assert {"0", "1"} == {row[factor] for row in rows if row[screen] == "code"}
    assert {"0.500000000", "40.000000000", "40.200000000"} <= {row[0] for row in rows}


def test_weak_and_cold(galh: Galh, tmp_path: Path) -> None:
    """Temperature and battery have their effect: in the cold an old cell browns out."""
    out = tmp_path / "t.csv"
    galh("trace", "--csv", out, "--celsius", "-10", "--battery", "2", "--for", "5")
    text = out.read_text()

    assert ",-10.0\n" in text
    assert "code" not in text
    assert text.splitlines()[-1].startswith("5.000000000,")


def test_profile_and_serial(galh: Galh, tmp_path: Path) -> None:
    """A token of several is named; a time token has steps."""
    out = tmp_path / "t.csv"
    exit_code, _, _ = galh("trace", "galt00000042", "--seeds", "ward.csv", "--csv", out)

    assert 0 == exit_code
    assert ",code,0,58920000," in out.read_text()


def test_from_the_environment(galh: Galh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options come from the environment under the names that are typed."""
    monkeypatch.setenv("GALH_TRACE_PRESS", "0.2 0.7")
    monkeypatch.setenv("GALH_TRACE_FOR", "1.5")
    galh("trace", "--csv", tmp_path / "t.csv")
    times = [line.split(",")[0] for line in (tmp_path / "t.csv").read_text().splitlines()]

    assert {"0.200000000", "0.700000000"} <= set(times)
    assert "1.500000000" == times[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to write"),
        (("--csv", "t.csv", "--png", "t.csv"), "named twice"),
        (("--csv", "there"), "there already"),
        (("--csv", "nowhere/t.csv"), "no directory"),
        (("--csv", "t.csv", "--press", "soon"), "--press 'soon'; allowed are"),
        (("--csv", "t.csv", "--press", "nan"), "allowed are"),
        (("--csv", "t.csv", "--press", "1:0"), "allowed are"),
        (("--csv", "t.csv", "--press", "1:2", "--press", "2"), "let go"),
        (("--csv", "t.csv", "--for", "0.1"), "after the end"),
        (("--csv", "t.csv", "--for", "nan"), "not a number"),
        (("--csv", "t.csv", "--celsius", "nan"), "allowed are -100 to 150"),
        (("--csv", "t.csv", "--celsius", "1000"), "allowed are -100 to 150"),
        (("--csv", "t.csv", "--battery", "101"), "0<=x<=100"),
        (("--csv", "t.csv", "--seeds", "ward.csv"), "name one"),
        (("GALH99999999", "--csv", "t.csv"), "no token GALH99999999"),
    ],
)
def test_refused(
    galh: Galh,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    """What can't be is wrong usage, says why, and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").touch()
    exit_code, out, err = galh("trace", *arguments)

    assert (2, "") == (exit_code, out)
    assert said in err
    assert [tmp_path / "there"] == list(tmp_path.iterdir())
