"""docs/portal-operation.md says what the portal says."""

import re
import shlex
from pathlib import Path

import pytest

from hosttools.cli.main import run
from hosttools.portal import Portal, open_portal, sessions
from hosttools.portal.passwords import CHEAP, DEAR
from hosttools.portal.practice import PEOPLE, PIN
from hosttools.portal.sessions import CLIENT_LOGINS, IDLE_S, LOGIN_S, LOGINS, LONGEST_S

PAGE = Path(__file__).parents[3] / "docs" / "portal-operation.md"
TEXT = PAGE.read_text(encoding="utf-8")


def _plain(printed: str) -> str:
    """Leave out what differs from database to database."""
    return re.sub(r"\d+ entries|key [0-9a-f]{16}", "…", printed)


def test_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command prints what stands below it."""
    monkeypatch.chdir(tmp_path)
    open_portal("portal.db", hashing=CHEAP).close()
    Path("secret.txt").write_text("a long password\n")
    blocks = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)[1:]  # the first one serves
    for part in "".join(blocks).split("$ ")[1:]:
        command, _, printed = part.partition("\n")
        assert 0 == run(shlex.split(command)[1:])
        assert _plain(printed) == _plain(capsys.readouterr().out)


def test_accounts_are_told(portal: Portal) -> None:
    """With their passwords, which are right."""
    rows = re.findall(r"^\| (`.*?) \| `(\S+)` \|", TEXT, re.MULTILINE)
    told = {name: password for names, password in rows for name in re.findall(r"`(\S+)`", names)}

    assert {person.account.name: person.password for person in PEOPLE} == told
    for name, password in told.items():
        assert sessions.log_in(portal, name, password)
    assert f"PIN is {PIN}" in TEXT


def test_numbers_are_told() -> None:
    """As they are in the code."""
    assert (14, 8, 5) == (DEAR.n.bit_length() - 1, DEAR.r, DEAR.p)
    assert "N = 2¹⁴, r = 8, p = 5" in TEXT
    assert (10, 100, 5) == (LOGINS, CLIENT_LOGINS, LOGIN_S // 60)
    assert (30, 12) == (IDLE_S // 60, LONGEST_S // 3600)
