"""``galh profile``."""

import json
import os
import re
import select
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from emulator.bench import Bench
from emulator.clock import HostTime, VirtualClock
from emulator.testing import HandHost
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, PROFILES
from firmware_model.profile import HoldAction, PressWhileLit, Profile, describe
from firmware_model.profile_file import profile_from_mapping
from hosttools.calibration import Answer, Cue, Prompt, Tell, conduct, measure
from hosttools.calibration.prompts import Mark
from hosttools.calibration.testing import Person
from hosttools.cli import profile as profile_commands
from hosttools.cli.files import write_new
from hosttools.cli.main import cli
from hosttools.cli.options import load_profile
from hosttools.console import Console
from hosttools.errors import HostError, UsageError
from hosttools.testing import BACKSTOP_S

Galh = Callable[..., tuple[int, str, str]]
REAL = profile_from_mapping(
    {
        "base": "GALH",
        "lit_ns": 32_000_000_000,
        "press_while_lit": "clear",
        "hold_ns": 6_000_000_000,
        "hold_action": "menu",
    }
)


def test_list_names_every_profile(galh: Galh) -> None:
    """Every profile that ships has a line."""
    exit_code, out, err = galh("profile", "list")
    names = [line.split()[0] for line in out.splitlines()[1:]]

    assert (0, "", list(PROFILES)) == (exit_code, err, names)


def test_list_as_json(galh: Galh) -> None:
    """As JSON there are name, title, type, digits, lit time and press while lit."""
    listed = json.loads(galh("profile", "list", "--json")[1])

    assert {
        "name": "GALH",
        "title": "GALH key fob, event-based",
        "type": "event",
        "digits": 6,
        "lit_s": 30.0,
        "press_while_lit": "ignore",
    } == listed[0]


@pytest.mark.parametrize("name", PROFILES)
def test_show_tells_every_setting(galh: Galh, name: str) -> None:
    """Every setting is shown, with a meaning and a source."""
    out = galh("profile", "show", name)[1]
    shown = json.loads(galh("profile", "show", name, "--json")[1])
    settings = [setting for setting, _, _ in describe()]

    assert settings == re.findall(r"^(\w+) = ", out, re.MULTILINE)
    assert out.count("    Source: ") == len(settings)
    assert settings == [row["setting"] for row in shown["settings"]]
    assert all(row["meaning"] and row["source"] for row in shown["settings"])


def test_show_reads_files(galh: Galh, tmp_path: Path) -> None:
    """A profile file is shown like one that ships."""
    path = tmp_path / "mine.toml"
    path.write_text('base = "GALH"\nname = "MINE"\nlit_ns = 12_500_000_000\n')

    assert "\nlit_ns = 12.5 s\n" in galh("profile", "show", path)[1]


def test_show_refuses_others(galh: Galh) -> None:
    """What is neither a profile nor a file is wrong usage."""
    exit_code, out, err = galh("profile", "show", "GALX")

    assert (2, "") == (exit_code, out)
    assert "no profile 'GALX'" in err


class Script:
    """What a person did, to be done again at the command line.

    Args:
        profile: of the fob in their hand.
    """

    def __init__(self, profile: Profile = REAL) -> None:
        bench = Bench(VirtualClock(0))
        bench.open(configure("GALH00004226", profile, Secret(b"12345678901234567890")))
        self.answers: list[Answer] = []
        self._person = Person(bench)
        self.found = conduct(measure(GALH), self._note)
        self._moments = iter([answer.at_ns for answer in self.answers])

    def _note(self, prompt: Prompt) -> Answer | None:
        answer = self._person.answer(prompt)
        if answer is not None:
            self.answers.append(answer)
        return answer

    @property
    def codes(self) -> set[str]:
        """The codes that were typed."""
        return {a.text for a in self.answers if re.fullmatch(r"[0-9]{6}", a.text)}

    def clock(self) -> HostTime:
        """Read the host's clock as it was at each Enter."""
        return HostTime(0, next(self._moments), "script")

    @property
    def typed(self) -> str:
        """All that was typed."""
        return "".join(f"{answer.text}\n" for answer in self.answers)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Let somebody sit at the terminal, with a clock of their own."""
    script = Script()
    monkeypatch.setattr(profile_commands, "_at_terminal", lambda: True)
    monkeypatch.setattr(profile_commands, "host_time", script.clock)
    return script


def run(*arguments: object, typed: str = "") -> Result:
    """Run ``galh profile measure``."""
    return CliRunner().invoke(cli, ["profile", "measure", *map(str, arguments)], input=typed)


def test_measure_writes_what_was_seen(script: Script, tmp_path: Path) -> None:
    """A measurement leaves a profile file that behaves as the fob did."""
    path = tmp_path / "myfob.toml"
    result = run("--out", path, typed=script.typed)
    profile = load_profile(str(path))

    assert (0, None) == (result.exit_code, result.exception)
    assert profile is not None
    assert ("MYFOB", 32_000_000_000, PressWhileLit.CLEAR, HoldAction.MENU, 6_000_000_000) == (
        profile.name,
        profile.lit_ns,
        profile.press_while_lit,
        profile.hold_action,
        profile.hold_ns,
    )
    assert f"wrote {path}: " in result.stdout
    assert 0o644 == stat.S_IMODE(path.stat().st_mode)
    assert ["myfob.toml"] == [entry.name for entry in tmp_path.iterdir()]


def test_measure_tells_no_code(script: Script, tmp_path: Path) -> None:
    """No code that was typed is printed or written."""
    path = tmp_path / "myfob.toml"
    result = run("--out", path, typed=script.typed)
    left = result.output + path.read_text()

    assert len(script.codes) > 4
    assert [] == [code for code in script.codes if code in left]


def test_measure_as_json(script: Script, tmp_path: Path) -> None:
    """As JSON, standard output has the settings alone; the dialog is on standard error."""
    path = tmp_path / "myfob.toml"
    result = run("--out", path, "--json", typed=script.typed)
    told = json.loads(result.stdout.splitlines()[-1])

    assert "clear" == told["settings"]["press_while_lit"]["value"]
    assert (str(path), []) == (told["file"], told["missing"])
    assert "A long hold" in result.stderr


def test_measure_names_its_profile(script: Script, tmp_path: Path) -> None:
    """Name and base are as asked for."""
    path = tmp_path / "fob.toml"
    run("--out", path, "--name", "WARD-7", "--base", "VIP-FOB", typed=script.typed)
    data = tomllib.loads(path.read_text())

    assert ("VIP-FOB", "WARD-7", "WARD-7, measured") == (data["base"], data["name"], data["title"])


@pytest.mark.parametrize("lines", [0, 1, 5, 20])
def test_aborted_measurement_writes_nothing(script: Script, tmp_path: Path, lines: int) -> None:
    """Input that ends before the measurement does leaves no file."""
    typed = "".join(script.typed.splitlines(keepends=True)[:lines])
    result = run("--out", tmp_path / "myfob.toml", typed=typed)

    assert 1 == result.exit_code
    assert "Aborted!" in result.stderr
    assert [] == list(tmp_path.iterdir())


def test_measure_needs_a_terminal(galh: Galh, tmp_path: Path) -> None:
    """Without a terminal nothing is asked: exit 2."""
    assert (
        2,
        "",
        "galh: measuring asks questions: run it at a terminal, input not redirected\n",
    ) == galh("profile", "measure", "--out", tmp_path / "myfob.toml")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--out", "there.toml"], "there.toml is there already; give another name"),
        (["--out", "no/fob.toml"], "there is no directory no"),
        (["--out", "fob.toml", "--name", "a fob"], "profile name 'a fob'"),
        (["--out", "fob.toml", "--name", "GALH"], "a profile of that name ships"),
        (["--out", "fob.toml", "--base", "GALX"], "'GALX' is not one of"),
    ],
)
def test_measure_refuses_before_it_asks(
    galh: Galh,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    reason: str,
) -> None:
    """What can't be written is refused before anybody presses anything."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.toml").write_text("mine")
    exit_code, out, err = galh("profile", "measure", *arguments)

    assert (2, "") == (exit_code, out)
    assert reason in err
    assert "mine" == (tmp_path / "there.toml").read_text()


def test_file_that_came_up_meanwhile_is_left_alone(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the name was taken during the measurement, what was seen is printed instead."""
    path = tmp_path / "myfob.toml"

    def take_it() -> bool:
        path.write_text("mine")
        return True

    monkeypatch.setattr(profile_commands, "_at_terminal", take_it)
    result = run("--out", path, typed=script.typed)

    assert isinstance(result.exception, UsageError)
    assert 'press_while_lit = "clear"' in result.stdout
    assert "mine" == path.read_text()
    assert [path] == list(tmp_path.iterdir())


def test_write_new_reports_what_failed(tmp_path: Path) -> None:
    """A file that can't be written is an error that names it, and nothing is left."""
    with pytest.raises(HostError, match="can't be written: No such file"):
        write_new(tmp_path / "no" / "fob.toml", b"")

    assert [] == list(tmp_path.iterdir())


def test_console_reads_the_clock_after_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer's moment is when Enter was hit; what is told takes none."""
    host = HandHost()

    def enter(*_: object, **__: object) -> str:
        host.pass_time(7)
        return "code"

    monkeypatch.setattr("click.prompt", enter)
    console = Console(host)

    assert console.answer(Tell("hello")) is None
    assert Answer("code", 7) == console.answer(Mark(Cue.DARK, "?"))


ON_TERMINAL = """\
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from hosttools.cli.main import main
main(["profile", "measure", "--out", sys.argv[1]])
"""


@pytest.fixture
def measuring(tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a measurement at a real terminal; give the terminal's other end, and the process."""
    fd, terminal = os.openpty()
    command = [sys.executable, "-c", ON_TERMINAL, str(tmp_path / "myfob.toml")]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    ) as process:
        os.close(terminal)
        yield fd, process
        process.kill()
    os.close(fd)


def read_until(fd: int, text: bytes, nudge: bytes = b"") -> bytes:
    """Read a terminal until it shows a text; type the nudge while it shows nothing."""
    shown = b""
    while text not in shown:
        if nudge and not select.select([fd], [], [], 2.0)[0]:
            os.write(fd, nudge)
        else:
            shown += os.read(fd, 4096)
    return shown


def test_real_terminal(measuring: tuple[int, subprocess.Popen[bytes]], tmp_path: Path) -> None:
    """At a real terminal a typed code doesn't show, and Ctrl-C ends it without a file."""
    fd, process = measuring
    shown = b""
    for prompt, typed in [
        (b"Enter to begin, or skip.\r\n> ", b"\n"),
        (b"code appears.\r\n> ", b"\n"),
        (b"here), Enter.\r\n> ", b"493817\n"),
        (b"goes dark.\r\n> ", b"\x03"),
    ]:
        shown += read_until(fd, prompt)
        os.write(fd, typed)
    # Python doesn't see a Ctrl-C in the instant before it reads: people hit it again.
    shown += read_until(fd, b"Aborted.", nudge=b"\x03")

    assert 130 == process.wait(BACKSTOP_S)
    assert b"493817" not in shown
    assert [] == list(tmp_path.iterdir())
