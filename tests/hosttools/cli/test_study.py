"""``galh study``: a tiny fleet from file to report, and what is refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosttools.cli.study import EXAMPLE
from hosttools.study import runner
from hosttools.study.answers import answers
from hosttools.study.model import Study
from hosttools.study.part import run_part
from hosttools.study.reader import read_study
from hosttools.study.tally import Tally
from hosttools.study.workdir import WorkDir

if TYPE_CHECKING:
    from tests.hosttools.cli.conftest import Done, Galh

TINY = """\
version = 1
title = "Tiny"
count = 50
months = 2
[[policy]]
name = "narrow"
look_ahead = 3
"""
Run = Callable[..., "Done"]


@pytest.fixture
def tiny(tmp_path: Path, galh: "Galh", monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a tiny study, in this process and in many parts."""
    monkeypatch.setattr(runner, "PRESSES_A_PART", 5_000)
    (tmp_path / "tiny.toml").write_text(TINY)

    def run_it(out: str, *arguments: object) -> "Done":
        return galh("study", tmp_path / "tiny.toml", "--workers", 1, "--no-sensitivity",
                    "--out", tmp_path / out, *arguments)  # fmt: skip

    return run_it


def test_report(tiny: Run, tmp_path: Path) -> None:
    """A policy is told in a line, and the page is where it is said to be."""
    done = tiny("out")
    assert 0 == done.exit_code
    short, *_, headline, report = done.out.splitlines()
    assert "Support calls stay under 0.1 %" in short
    assert "With a look-ahead of 3 (narrow)" in headline
    assert f"Report: {tmp_path / 'out' / 'report.html'}" == report
    assert (tmp_path / "out" / "report.html").is_file()


def test_json(tiny: Run, tmp_path: Path) -> None:
    """With --json standard output is data: the question, the answers and the report's place."""
    data = json.loads(tiny("out", "--json", "--tokens", 20, "--years", 1, "--seed", "x").out)
    assert ("Tiny", 20, 12, "x") == tuple(
        data["study"][key] for key in ("title", "count", "months", "seed")
    )
    assert ["narrow"] == [policy["name"] for policy in data["policies"]]
    assert 12 == len(data["policies"][0]["out"])
    assert [] == data["sensitivity"]
    assert str(tmp_path / "out" / "report.html") == data["report"]


def test_example(galh: "Galh", tmp_path: Path) -> None:
    """What --example prints is a file that reads back."""
    done = galh("study", "--example")
    assert (0, "") == (done.exit_code, done.err)
    path = tmp_path / "fleet.toml"
    path.write_text(done.out)
    assert read_study(EXAMPLE) == read_study(path)
    assert 20_000 == read_study(path).count


@pytest.mark.parametrize(
    ("text", "key"), [("version = 1\nmonths = 0", "months"), ("version = 1\ncuont = 3", "cuont")]
)
def test_a_bad_file_is_wrong_usage(galh: "Galh", tmp_path: Path, text: str, key: str) -> None:
    """The message names the file and the key."""
    path = tmp_path / "bad.toml"
    path.write_text(text)
    done = galh("study", path, "--out", tmp_path / "out")
    assert (2, "") == (done.exit_code, done.out)
    assert str(path) in done.err
    assert key in done.err
    assert not (tmp_path / "out").exists()


def test_another_study_s_folder(tiny: Run, tmp_path: Path) -> None:
    """Parts of another study are a state that can't be used; they stay."""
    WorkDir(tmp_path / "work" / "study", Study(count=7))
    done = tiny("out", "--work", tmp_path / "work")
    assert (74, "") == (done.exit_code, done.out)
    assert "parts of another study" in done.err
    WorkDir(tmp_path / "work" / "study", Study(count=7))


def test_two_ways_to_spread(tiny: Run) -> None:
    """Workers of this machine and a scheduler's exclude each other."""
    done = tiny("out", "--scheduler", "tcp://127.0.0.1:1")
    assert (2, "") == (done.exit_code, done.out)
    assert "give one" in done.err


def test_ctrl_c_keeps_what_is_done(
    tiny: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command goes on from the parts, and comes to the same answers."""
    saved: list[range] = []
    save = WorkDir.save

    def interrupted(folder: WorkDir, tokens: range, tally: Tally) -> None:
        save(folder, tokens, tally)
        saved.append(tokens)
        if len(saved) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(WorkDir, "save", interrupted)
    done = tiny("out")
    assert (130, "") == (done.exit_code, done.out)
    assert 2 == len(list((tmp_path / "out" / "parts" / "study").glob("part-*")))
    assert not (tmp_path / "out" / "report.html").exists()
    went_on = json.loads(tiny("out", "--json").out)
    assert list(range(50)) == sorted(token for tokens in saved for token in tokens)
    assert len(saved) > 2
    study = read_study(tmp_path / "tiny.toml")
    (whole,) = answers(study, run_part(study, range(50)))
    assert [json.loads(json.dumps(whole.as_dict()))] == went_on["policies"]


@pytest.mark.parametrize(
    ("missing", "extra"),
    [("numpy", "fleet"), ("numba", "fleet"), ("matplotlib", "report"), ("distributed", "fleet")],
)
def test_needs_an_extra(tmp_path: Path, missing: str, extra: str) -> None:
    """What is not installed is named with what to install, before anything is lived."""
    # A process of its own: here all is imported already.
    script = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from hosttools.cli.main import main; main(sys.argv[1:])"
    )
    where = ("--scheduler", "tcp://127.0.0.1:1") if missing == "distributed" else ()
    out = tmp_path / "out"
    command = [sys.executable, "-c", script, "study", "--quick", "--out", str(out), *where]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (2, "") == (done.returncode, done.stdout)
    assert f"pip install 'galh-emulator[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
