"""What is special of PAM and pam_oath."""

from dataclasses import replace
from pathlib import Path

import pytest

from hosttools.errors import UsageError
from hosttools.servers import Can, Enrolment, NotOfferedError, Outcome
from hosttools.servers.pam import PamServer, open_server
from tests.hosttools.servers import real
from tests.hosttools.servers.fob import EVENT, TIMED, Fob
from tests.hosttools.servers.measured import taken


def test_has_the_window_of_liboath() -> None:
    """Inclusive for a new token, one less for a used one."""
    with real.pam(window=2) as server:
        assert [0, 1, 2] == taken(server, EVENT, range(4))
        assert [1, 2] == taken(server, EVENT, range(4), after=1)


@pytest.mark.parametrize("token", [EVENT, TIMED], ids=["event", "time"])
def test_takes_codes_of_eight_digits(token: Enrolment) -> None:
    """A service of our own is told how many digits a token has."""
    with real.pam() as server:
        real.with_clock(server)
        fob = Fob(server, replace(token, digits=8))

        assert server.verify(fob.serial, fob.press()).accepted


def test_says_that_a_user_is_unknown() -> None:
    """In PAM's own words."""
    with real.pam() as server:
        answer = server.verify("nobody-of-ours", "123456")

    assert Outcome.REFUSED is answer.outcome
    assert "not known" in answer.reason


def test_nothing_is_left_of_it() -> None:
    """Its service was never in /etc, and its folder is gone."""
    with real.pam() as server:
        folder = server.folder
        assert not any(Path("/etc/pam.d").glob("galh-*"))
        assert folder.is_dir()

    assert not folder.exists()


def test_a_service_of_the_host_has_tokens_of_its_own() -> None:
    """Unless its UsersFile is named nothing is enrolled."""
    with PamServer("login") as server:
        assert not {Can.ENROL, Can.REMOVE, Can.VIEW} & server.can
        with pytest.raises(NotOfferedError):
            server.enrol(EVENT)


def test_a_service_is_no_path() -> None:
    """PAM would take what is after the last slash."""
    with pytest.raises(UsageError, match=r"/etc/pam\.d"):
        open_server("../../tmp/mine")
