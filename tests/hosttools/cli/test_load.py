"""``galh load``: what it refuses before anything is started."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hosttools.cli.conftest import Galh


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--worker", "127.0.0.1:1"), "--worker needs --seed"),
        (("--master", "127.0.0.1:1"), "how many with --workers"),
        (("--master", "0.0.0.0:1", "--workers", "1"), "--unsafe-listen"),
        (("--users", "20001"), "20000 in each of --workers"),
        (("--duration", "soon"), "90s, 2m"),
        (("--duration", "0s"), "allowed are 1s to"),
        (("--policy", "nonesuch"), "privacyidea"),
        (("--policy", "any", "--policy", "look_ahead=3"), "any alone"),
        (("--policy", "look_ahead=x"), "whole number"),
        (("--race", "1.5"), "0<=x<=1"),
    ],
)
def test_wrong_usage(galh: "Galh", arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2, with what is allowed."""
    done = galh("load", "--server", "reference", *arguments)

    assert 2 == done.exit_code
    assert said in done.err


def test_habits_that_can_not_be(galh: "Galh", tmp_path: Path) -> None:
    """A file that is none, and one with an unknown habit."""
    path = tmp_path / "habits.toml"
    for text, said in (("=", "--habits"), ("sings = 1", "unknown habit")):
        path.write_text(text, encoding="utf-8")
        done = galh("load", "--server", "reference", "--habits", path)

        assert 2 == done.exit_code
        assert said in done.err


def test_a_report_is_never_overwritten(galh: "Galh", tmp_path: Path) -> None:
    """That is told before the run, not after."""
    path = tmp_path / "report.html"
    path.touch()
    done = galh("load", "--server", "reference", "--report", path)

    assert 2 == done.exit_code
    assert "there already" in done.err


def test_a_server_elsewhere_needs_leave(galh: "Galh") -> None:
    """Nothing is sent to a host that is not named as authorised."""
    done = galh("load", "--server", "reference:http://otp.example.org", "--duration", "1s")

    assert 2 == done.exit_code
    assert "--authorised otp.example.org" in done.err


def test_a_server_that_takes_no_tokens(galh: "Galh") -> None:
    """It says what is missing."""
    done = galh("load", "--server", f"python:{__name__}:NoEnrolment", "--duration", "1s")

    assert 2 == done.exit_code
    assert "enrolled by program" in done.err


class NoEnrolment:
    """A server with tokens of its own."""

    def verify(self, serial: str, code: str) -> bool:
        """Refuse."""
        return not (serial or code)
