"""What an empty database is filled with."""

from pathlib import Path

from hosttools.portal import Portal, accounts, open_portal, sessions
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
