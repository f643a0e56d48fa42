"""Tokens in a UsersFile that others write too."""

from dataclasses import replace
from pathlib import Path

import pytest

from firmware_model.oath import Algorithm, Secret
from hosttools.servers import Enrolment, ServerError
from hosttools.servers.roster import Roster
from tests.hosttools.servers.fob import EVENT, SECOND_OF_ONE_USER, TIMED

THEIRS = "HOTP/E\tsomebody\t-\t00112233445566778899aabbccddeeff\t7\t123456\t2026-01-05T08:00:00L"


def test_leaves_the_lines_of_others_alone(tmp_path: Path) -> None:
    """What was in the file stays as it is, whoever comes and goes."""
    path = tmp_path / "users.oath"
    path.write_text(f"# ours\n{THEIRS}\n", encoding="utf-8")
    roster = Roster(path)
    roster.enrol(EVENT)
    roster.enrol(TIMED)
    roster.remove(EVENT.serial)
    lines = path.read_text(encoding="utf-8").splitlines()

    assert ["# ours", THEIRS] == lines[:2]
    assert [TIMED.holder] == [line.split()[1] for line in lines[2:]]
    assert 0o600 == path.stat().st_mode & 0o777


def test_takes_out_one_of_a_users_tokens(tmp_path: Path) -> None:
    """The other one stays."""
    roster = Roster(tmp_path / "users.oath")
    roster.enrol(EVENT)
    roster.enrol(SECOND_OF_ONE_USER)
    roster.remove(EVENT.serial)

    assert 0 == roster.view(SECOND_OF_ONE_USER.serial, "it", 5).next_counter
    with pytest.raises(ServerError, match="was not enrolled"):
        roster.view(EVENT.serial, "it", 5)


@pytest.mark.parametrize(
    "token",
    [
        replace(EVENT, user="two words"),
        replace(EVENT, algorithm=Algorithm.SHA256),
        replace(EVENT, secret=Secret(bytes(33))),
        replace(TIMED, step_s=45),
    ],
    ids=["name", "hash", "secret", "step"],
)
def test_refuses_what_liboath_has_not_got(tmp_path: Path, token: Enrolment) -> None:
    """Before anything is written."""
    roster = Roster(tmp_path / "users.oath")
    with pytest.raises(ServerError):
        roster.enrol(token)

    assert b"" == roster.path.read_bytes()


def test_refuses_a_token_twice(tmp_path: Path) -> None:
    """It would be two lines that go their own ways."""
    roster = Roster(tmp_path / "users.oath")
    roster.enrol(EVENT)
    with pytest.raises(ServerError, match="already"):
        roster.enrol(EVENT)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """And names the file."""
    with pytest.raises(ServerError, match=r"users\.oath can't be used"):
        Roster(tmp_path / "gone" / "users.oath")
