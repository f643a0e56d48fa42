"""The command adapter drives a program that nobody wrote one for, from TOML alone."""

import re
import sys
from pathlib import Path

import pytest

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.servers import Can, Enrolment, Outcome, Server, ServerError
from hosttools.servers.command import CommandServer, read_description
from hosttools.servers.described.tables import DescriptionError, Table
from tests.hosttools.servers.descriptions import open_otpcheck

SERIAL = "GALH12345678"
SECRET = Secret(b"12345678901234567890")
TOKEN = Enrolment(serial=SERIAL, token_type=TokenType.EVENT, secret=SECRET)
PAGE = Path(__file__).parents[3] / "docs" / "servers.md"


def described(text: str, folder: Path = Path()) -> Server:
    """Open a server by a description, ``PYTHON`` in it replaced."""
    table = Table.of_text(text.replace("PYTHON", sys.executable).encode(), "test.toml")
    return CommandServer(read_description(table, folder, "test"))


def verify(script: str, more: str = "", arguments: str = '"{code}"') -> str:
    """Return a description whose program is a Python script."""
    script = script.replace("{", "{{").replace("}", "}}")
    return f"""
        [verify]
        argv = ["PYTHON", "-c", '''{script}''', {arguments}]
        accepted = {{exit = 0}}
        otherwise = "refused"
        {more}
    """


@pytest.fixture
def otpcheck(tmp_path: Path) -> Server:
    """Return the server that the documented example opens, its program beside it."""
    found = re.search(r"`otpcheck.toml`.*?```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return open_otpcheck(tmp_path, found[1])


def test_program(otpcheck: Server, tmp_path: Path) -> None:
    """A program with its own state is driven through all verbs of its description."""
    assert {Can.EVENT, Can.ENROL, Can.REMOVE} == otpcheck.can
    otpcheck.enrol(TOKEN)
    codes = [hotp(Key(SECRET), 4), "000000", "000000", "000000", hotp(Key(SECRET), 5)]
    assert [Outcome.ACCEPTED, *[Outcome.REFUSED] * 3, Outcome.LOCKED] == [
        otpcheck.verify(SERIAL, code).outcome for code in codes
    ]
    otpcheck.remove(SERIAL)
    assert [] == list(tmp_path.glob("*.json"))


def test_what_no_rule_knows(otpcheck: Server) -> None:
    """A program that fails in another way is an error, without the code."""
    with pytest.raises(ServerError, match="an answer that no rule knows, with 1") as caught:
        otpcheck.verify(SERIAL, "123456")  # not enrolled: no file
    assert "123456" not in str(caught.value)


@pytest.mark.parametrize("typed", ["a b; exit 1", "$(exit 1)", "ä", "", "a\nb", "'\"\\"])
def test_no_shell(typed: str) -> None:
    """What is typed arrives as one argument, whatever it holds."""
    script = f"import sys; sys.exit(sys.argv[1:] != [{typed!r}])".replace("\\", "\\\\")
    toml = verify("PLACE").replace("'''PLACE'''", '"""' + script.replace('"', '\\"') + '"""')
    assert described(toml).verify(SERIAL, typed).accepted


def test_options() -> None:
    """What is typed can't become an option, but after a double hyphen it needn't."""
    with pytest.raises(ServerError, match="argument 3 would become an option") as caught:
        described(verify("")).verify(SERIAL, "--help123456")
    assert "123456" not in str(caught.value)
    server = described(verify("", arguments='"--", "{code}"'))
    assert server.verify(SERIAL, "--help").accepted


def test_nul() -> None:
    """What no argument can hold is an error, and not repeated."""
    for typed in ("123456\0", "\ud800\udfff"):
        with pytest.raises(ServerError, match="no argument or variable can hold"):
            described(verify("")).verify(SERIAL, typed)


def test_environment_and_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets reach a program by variables and by files that only we can read."""
    monkeypatch.setenv("PIN_OF_ALICE", "4711")
    script = (
        "import os, pathlib, stat, sys; f = pathlib.Path(sys.argv[1]);"
        'sys.exit((os.environ["PIN"], f.read_text(), stat.S_IMODE(f.stat().st_mode))'
        ' != ("4711", "755224", 0o600))'
    )
    more = 'environment = {PIN = "{pin}"}\nfiles = {seed = "{code}"}'
    server = described('secrets.pin = {env = "PIN_OF_ALICE"}\n' + verify(script, more, '"{seed}"'))
    assert server.verify(SERIAL, "755224").accepted


def test_secrets_stay_out_of_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets stand among the arguments only where the description allows it."""
    monkeypatch.setenv("PIN_OF_ALICE", "4711")
    text = 'secrets.pin = {env = "PIN_OF_ALICE"}\n' + verify(
        "import sys; sys.exit(sys.argv[1] != '4711')".replace("'", '"'), arguments='"{pin}"'
    )
    with pytest.raises(DescriptionError, match=r"\{pin\} would show in the list of processes"):
        described(text)
    assert described("server.secrets_in_arguments = true\n" + text).verify(SERIAL, "1").accepted


def test_output_decides() -> None:
    """Output and JSON on standard output can decide in place of the exit status."""
    script = 'import sys; print("""{"ok": true}"""); print("Fine", file=sys.stderr)'
    text = verify(script).replace("{exit = 0}", '{contains = "fine", json = {ok = true}}')
    assert described(text).verify(SERIAL, "1").accepted


def test_no_end() -> None:
    """A program that doesn't end is ended, and so is what it started."""
    script = 'import subprocess; subprocess.run(["sleep", "1000"])'
    text = "server.timeout_s = 0.1\n" + verify(script)
    with pytest.raises(ServerError, match=r"no end within 0\.1 s"):
        described(text).verify(SERIAL, "1")


def test_ended_by_a_signal() -> None:
    """A program that crashes refuses nothing."""
    with pytest.raises(ServerError, match="with -9"):
        described(verify("import os; os.kill(os.getpid(), 9)")).verify(SERIAL, "1")


def test_no_program(tmp_path: Path) -> None:
    """A program that isn't there is named."""
    text = '[verify]\nargv = ["./missing"]\naccepted = {exit = 0}\notherwise = "refused"'
    with pytest.raises(ServerError, match=r"\./missing can't be run: No such file"):
        described(text, tmp_path).verify(SERIAL, "1")


def test_host() -> None:
    """A program that asks another machine says so, for the guard."""
    assert "otp.example.org" == described('server.host = "otp.example.org"\n' + verify("")).host


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("argv = []", "give the program"),
        ('argv = ["{code}"]', "give the program"),
        ('argv = ["a", "{cod}"]', "did you mean 'code'"),
        ('argv = ["a"]\nstdn = "x"', "did you mean 'stdin'"),
        ('argv = ["a"]\nfiles = {"../a" = "x"}', "no name"),
        ('argv = ["a"]\nenvironment = {"A=B" = "x"}', "no name"),
        ('argv = ["a"]\naccepted = {status = 0}', "status: unknown key"),
    ],
)
def test_descriptions_that_are_none(change: str, complaint: str) -> None:
    """What can't be is refused with its place."""
    rest = "" if "accepted" in change else "accepted = {exit = 0}"
    with pytest.raises(DescriptionError, match=rf"^test\.toml: verify\..*{complaint}"):
        described(f'[verify]\n{change}\n{rest}\notherwise = "refused"')
