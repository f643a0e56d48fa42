"""The command line as a whole: help, names, exit codes, environment, start-up."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from emulator.errors import BusyError as EmulatorBusyError
from emulator.errors import EmulatorError
from firmware_model.errors import IdentifierError
from hosttools.cli import main as main_module
from hosttools.cli.main import COMMANDS, cli, run
from hosttools.errors import BusyError, HostError, StateError, UsageError
from hosttools.seedfiles import sample

Galh = Callable[..., tuple[int, str, str]]
GALH = [sys.executable, "-m", "hosttools.cli"]
SEEDS = sample("ward.csv")
HEAVY = {
    *("PIL", "asyncio", "cryptography", "defusedxml", "emulator", "filelock", "numpy"),
    *("importlib.metadata", "platformdirs", "pskc", "pydantic", "serial", "sqlite3"),
}


def _all_commands() -> list[list[str]]:
    found: list[list[str]] = []
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        found.append([name])
        if isinstance(command, click.Group):
            found += [[name, inner] for inner in command.list_commands(context)]
    return found


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("words", [[], *_all_commands()], ids=" ".join)
def test_help(galh: Galh, words: list[str], option: str) -> None:
    """Every command has help, under both names."""
    exit_code, out, err = galh(*words, option)

    assert (0, "") == (exit_code, err)
    assert out.startswith(f"Usage: galh {' '.join(words)}".rstrip())


@pytest.mark.parametrize("name", COMMANDS)
def test_table_says_what_commands_say(name: str) -> None:
    """The static table of --help has each command's own short help."""
    command = cli.get_command(click.Context(cli), name)

    assert command is not None
    assert (command.name, command.get_short_help_str(limit=200)) == (name, COMMANDS[name][1])


def test_help_lists_commands(galh: Galh) -> None:
    """--help has a line for each command."""
    out = galh("--help")[1]

    assert [name for name in COMMANDS if f"\n  {name} " not in out] == []


def test_version(galh: Galh) -> None:
    """--version says which."""
    assert galh("--version") == (0, f"galh {version('galh-emulator')}\n", "")


def test_nothing_shows_help(galh: Galh) -> None:
    """Called without a command it shows what there is."""
    exit_code, out, err = galh()

    assert exit_code == 2
    assert "Commands:" in out + err


@pytest.mark.parametrize(
    ("word", "hint"), [("sevre", "Did you mean 'serve'?"), ("xyzzy", "There are case, code")]
)
def test_unknown_command(galh: Galh, word: str, hint: str) -> None:
    """A command that is not there: exit 2 and what may have been meant."""
    exit_code, out, err = galh(word)

    assert (2, "") == (exit_code, out)
    assert f"No such command '{word}'. {hint}" in err


def test_unknown_option(galh: Galh) -> None:
    """An option that is not there: exit 2 and a message."""
    assert galh("--nonsense")[0] == 2
    assert "No such option" in galh("serve", "--nonsense")[2]


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (HostError("told"), 1),
        (EmulatorError("told"), 1),
        (OSError("told"), 1),
        (UsageError("told"), 2),
        (IdentifierError("told"), 2),
        (StateError("told"), 74),
        (BusyError("told"), 75),
        (EmulatorBusyError("told"), 75),
    ],
)
def test_exit_code_of_errors(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    exit_code: int,
) -> None:
    """Each error ends the command with its exit code and one line on standard error."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(main_module.cli, "main", fail)
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # put back what run takes away

    assert exit_code == run([])
    assert capsys.readouterr().err == "galh: told\n"


def test_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is none of ours comes out with its traceback."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main_module.cli, "main", fail)

    with pytest.raises(ZeroDivisionError):
        run([])


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Interrupted by hand: exit 130, as shells have it."""

    def fail(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr(main_module.cli, "main", fail)

    assert run([]) == 130
    assert capsys.readouterr().err == "Aborted.\n"


def test_options_from_environment(galh: Galh, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options come from GALH_COMMAND_OPTION, those of inner commands and --json too."""
    monkeypatch.setenv("GALH_TOKEN_LIST_JSON", "1")
    monkeypatch.setenv("GALH_SERVE_CLOCK", "sundial")

    assert isinstance(json.loads(galh("token", "list", SEEDS)[1]), list)
    assert "--clock 'sundial'" in galh("serve", "--seeds", SEEDS)[2]


def test_help_imports_next_to_nothing() -> None:
    """--help imports no package that it does not need; start-up time is made of those."""
    script = (
        "import sys; from hosttools.cli.main import run; run(['--help']);"
        " print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())

    assert "click" in loaded
    assert sorted(loaded & HEAVY) == []


def test_reader_that_leaves(tmp_path: Path) -> None:
    """A reader that closes the pipe early gets no traceback behind it."""
    path = tmp_path / "many.csv"
    subprocess.run([*GALH, "token", "new", "--count", "5000", "--out", path], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    command = f"{shlex.join(GALH)} token list {shlex.quote(str(path))} | head -c1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)  # noqa: S602  # a pipe

    assert ("s", "") == (done.stdout, done.stderr)


def test_full_disk() -> None:
    """Output that can't be written: exit 1 and one line, no traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*GALH, "token", "list", SEEDS], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip

    assert (1, "galh: [Errno 28] No space left on device\n") == (done.returncode, done.stderr)


def test_script_is_the_module() -> None:
    """The console script and the module are the same program."""
    script = Path(sys.executable).with_name("galh")
    if not script.exists():
        pytest.skip("the package is not installed as a script")
    outputs = {
        subprocess.run(
            [*command, "--help"], capture_output=True, text=True, check=True, env=os.environ
        ).stdout
        for command in (GALH, [str(script)])
    }

    assert len(outputs) == 1
