"""What an empty database is filled with."""

from pathlib import Path

import pytest

from hosttools.errors import ConflictError
from hosttools.portal import Portal, accounts, auditlog, open_portal, practice, sessions
from hosttools.portal.accounts import Account, Role
from hosttools.portal.passwords import CHEAP
from hosttools.portal.practice import PEOPLE


def test_everybody_can_log_in(portal: Portal) -> None:
    """With the password that is shown; there is somebody of every role."""
    for person in PEOPLE:
        _, session = sessions.log_in(portal, person.account.name, person.password)
        assert person.account == session.account

    assert set(Role) == {person.account.role for person in PEOPLE}
    assert portal.practice


def test_fills_once(tmp_path: Path) -> None:
    """What was changed since stays changed."""
    place = str(tmp_path / "portal.db")
    with open_portal(place, hashing=CHEAP) as portal:
        accounts.set_password(portal, "clark", "another password", actor="davis")
    with open_portal(place, hashing=CHEAP) as portal:
        assert accounts.check_login(portal, "clark", "another password")
        assert len(PEOPLE) == len(accounts.list_all(portal))
        assert portal.practice


def test_a_portal_of_ones_own_has_no_practice(tmp_path: Path) -> None:
    """Whoever has accounts gets no others, with passwords that everybody knows."""
    place = str(tmp_path / "portal.db")
    with open_portal(place, fill=False, hashing=CHEAP) as portal:
        account = Account(name="boss", role=Role.ADMIN, full_name="B. Boss")
        accounts.add(portal, account, "a long password")
    with open_portal(place, hashing=CHEAP) as portal:
        assert (account,) == accounts.list_all(portal)
        assert not portal.practice


def test_starts_over(shared_url: str) -> None:
    """While somebody else serves it: who was logged in is out, and the log goes on whole."""
    with (
        open_portal(shared_url, hashing=CHEAP) as served,
        open_portal(shared_url, hashing=CHEAP) as other,
    ):
        before = len(auditlog.entries(served))
        fresh = [record.serial for record in served.tokens.list()]
        token, _ = sessions.log_in(served, "clark", "practice-staff")
        served.set_policy("rfc-strict")
        practice.start_over(other, actor="operator")

        assert (None, "default") == (sessions.find(served, token), served.policy_name)
        assert fresh == [record.serial for record in served.tokens.list()]
        assert before <= len(auditlog.entries(other)) <= before + 1
        assert sessions.log_in(served, "clark", "practice-staff")
        assert auditlog.verify(other).ok


def test_what_is_somebodys_own_is_left_alone(tmp_path: Path) -> None:
    """Nothing is removed where there are no practice accounts."""
    with open_portal(str(tmp_path / "portal.db"), fill=False, hashing=CHEAP) as portal:
        with pytest.raises(ConflictError, match="nothing was removed"):
            practice.start_over(portal, actor="operator")

        assert 2 == len(auditlog.entries(portal))
