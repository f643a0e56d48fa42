"""What several commands take."""

import io
import json
import sys
from fractions import Fraction
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import VirtualClock
from emulator.errors import EmulatorError
from emulator.errors import UsageError as EmulatorUsageError
from firmware_model.products import GALT, PROFILES
from hosttools.cli.options import (
    NamedOption,
    json_option,
    load_profile,
    load_seeds,
    make_clock,
    print_json,
    speaks_unicode,
)
from hosttools.errors import UsageError
from hosttools.seedfiles import SeedFileError, SeedKeyError, pskc, sample

NEW_YEAR_NS = 1_767_225_600_000_000_000


def test_real_clock() -> None:
    """``real`` is the host's clock."""
    clock = make_clock("real")

    assert ("real", Fraction(1)) == (clock.mode, clock.rate)


def test_manual_clock_at_a_time() -> None:
    """``manual:TIME`` stands at that time, a checkpoint or not."""
    for resume_ns in (None, 5):
        clock = make_clock("manual:2026-01-01T01:00:00+01:00", resume_ns)

        assert ("manual", NEW_YEAR_NS) == (clock.mode, clock.read().now_ns)


def test_manual_clock_goes_on() -> None:
    """``manual`` goes on from the checkpoint."""
    assert make_clock("manual", 5).read().now_ns == 5


@pytest.mark.parametrize(
    ("word", "rate"), [("60", Fraction(60)), ("0.5", Fraction(1, 2)), ("1/3", Fraction(1, 3))]
)
def test_scaled_clock(word: str, rate: Fraction) -> None:
    """``scaled:RATE`` runs at that rate, and goes on from the checkpoint."""
    clock = make_clock(f"scaled:{word}", NEW_YEAR_NS)

    assert ("scaled", rate) == (clock.mode, clock.rate)
    assert clock.read().now_ns >= NEW_YEAR_NS


@pytest.mark.parametrize(
    "word",
    [
        "",
        "wall",
        "REAL",
        "real:2026-01-01",
        "scaled",
        "scaled:",
        "scaled:0",
        "scaled:-1",
        "scaled:nan",
        "scaled:inf",
        "scaled:1e9",
        "scaled:1/0",
        "scaled:99999999999",
        "manual:",
        "manual:yesterday",
        "manual:2026-13-01",
    ],
)
def test_clock_that_can_not_be(word: str) -> None:
    """Another word is refused, with what is allowed."""
    with pytest.raises(EmulatorUsageError):
        make_clock(word)


@given(st.one_of(st.text(), st.text().map("scaled:".__add__), st.text().map("manual:".__add__)))
def test_any_word_makes_a_clock_or_an_error(word: str) -> None:
    """Whatever is given as a clock: a clock, or an error of ours."""
    try:
        clock = make_clock(word)
    except EmulatorError:
        return

    assert word == "real" or isinstance(clock, VirtualClock)


def test_profile_by_name() -> None:
    """A profile is found by its name; none given is none."""
    assert GALT == load_profile("GALT")
    assert load_profile(None) is None


def test_profile_from_file(tmp_path: Path) -> None:
    """A profile can be a TOML file."""
    path = tmp_path / "gaht.toml"
    path.write_text('base = "GALT"\nname = "GAHT"\nserial_pattern = "GAHT[0-9]{8}"\nlit_ns = 5\n')
    profile = load_profile(str(path))

    assert profile is not None
    assert ("GAHT", 5, GALT.step_s) == (profile.name, profile.lit_ns, profile.step_s)


@pytest.mark.parametrize(
    "content",
    [
        b"name = ",
        b"\xff\xfe",
        b'name = "X"',
        b'base = "GALH"\nlit = 5',
        b'base = "GALH"\nlit_ns = 1.5',
        b"a = " + b"[" * 5_000,
    ],
)
def test_file_that_is_no_profile(tmp_path: Path, content: bytes) -> None:
    """A file that is no profile is named in the error."""
    path = tmp_path / "bad.toml"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=r"bad\.toml"):
        load_profile(str(path))


@pytest.mark.parametrize("name", ["galh", "NONE", "/nowhere.toml", "/", "a\0b", ""])
def test_profile_that_is_not_there(name: str) -> None:
    """A name that is neither lists the profiles that there are."""
    with pytest.raises(UsageError, match=", ".join(sorted(PROFILES))):
        load_profile(name)


def test_seed_warnings_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is unusual about a seed goes to standard error, with the file's name, once."""
    path = tmp_path / "short.csv"
    path.write_text("GALH00000001,00112233445566778899,hotp,6\n")
    (record,) = load_seeds(path)
    out, err = capsys.readouterr()

    assert record.serial == "GALH00000001"
    assert out == ""
    assert err.startswith(f"galh: {path}: warning: ")
    assert "00112233445566778899" not in err


def test_sample_seeds_warn_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The sample tokens are read without a word."""
    load_seeds(sample("rfc4226.csv"))

    assert capsys.readouterr() == ("", "")


def test_seed_file_that_is_not_there() -> None:
    """A missing seed file is a usage error that names it."""
    with pytest.raises(SeedFileError, match=r"/nowhere\.csv"):
        load_seeds(Path("/nowhere.csv"))


def test_encrypted_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that reads seeds takes the password of the environment."""
    path = tmp_path / "locked.xml"
    monkeypatch.setattr(pskc, "ROUNDS", 2)
    seeds = load_seeds(sample("ward.csv"))
    path.write_bytes(pskc.write_pskc(seeds, password="p"))
    with pytest.raises(SeedKeyError, match="GALH_SEEDS_PASSWORD"):
        load_seeds(path)
    monkeypatch.setenv("GALH_SEEDS_PASSWORD", "p")
    assert seeds == load_seeds(path)


def test_json_is_one_ascii_line(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON comes on one line that any terminal and any encoding takes."""
    print_json({"link": "/dev/é\udcff\n"})
    out = capsys.readouterr().out

    assert out.isascii()
    assert (1, "/dev/é\udcff\n") == (out.count("\n"), json.loads(out)["link"])


@pytest.mark.parametrize(
    ("encoding", "speaks"), [("utf-8", True), ("ascii", False), ("latin-1", False)]
)
def test_speaks_unicode(monkeypatch: pytest.MonkeyPatch, encoding: str, *, speaks: bool) -> None:
    """An LCD is drawn with lines only where the output's encoding has them."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))

    assert speaks == speaks_unicode()


def test_option_is_named_as_typed() -> None:
    """An option's variable is named as the option, not as its parameter in Python."""

    @click.command()
    @json_option
    @click.option("--dry-run", "dry", cls=NamedOption, default="no")
    def tell(*, as_json: bool, dry: str) -> None:
        click.echo(f"{as_json} {dry}")

    done = CliRunner().invoke(
        tell, auto_envvar_prefix="GALH_TELL", env={"GALH_TELL_JSON": "1", "GALH_TELL_DRY_RUN": "x"}
    )

    assert done.output == "True x\n"
