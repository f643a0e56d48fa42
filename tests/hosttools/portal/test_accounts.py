"""Accounts: made, changed, and looked at in a time that does not tell."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosttools.errors import ConflictError, UsageError
from hosttools.portal import Portal, Refusal, Why, accounts, auditlog, passwords, sessions
from hosttools.portal.accounts import Account, EpcsStatus, Role

NEW = Account(name="dr.new", role=Role.DOCTOR, full_name="Nora New, MD")
PASSWORD = "a long password"


def test_keeps_an_account(portal: Portal) -> None:
    """Every field of it, and the name is found however it is typed."""
    full = dataclasses.replace(
        NEW,
        email="n@practice.example",
        phone="+1 217 555 0199",
        practice="Elm",
        home_address="1 Oak",
        office_address="2 Elm",
        epcs=EpcsStatus.NOMINATED,
    )
    accounts.add(portal, full, PASSWORD)

    assert full == accounts.find(portal, " DR.New ")
    assert full in accounts.list_all(portal)


def test_lists_by_name(portal: Portal) -> None:
    """In an order that no database's collation changes."""
    names = [account.name for account in accounts.list_all(portal)]

    assert sorted(names) == names


def test_refuses_a_name_twice(portal: Portal) -> None:
    """What is there is not replaced."""
    accounts.add(portal, NEW, PASSWORD)
    with pytest.raises(ConflictError, match="already"):
        accounts.add(portal, dataclasses.replace(NEW, role=Role.STAFF), PASSWORD)

    assert Role.DOCTOR is accounts.find(portal, "dr.new").role


@pytest.mark.parametrize("name", ["", "Dr.New", "a b", "x" * 41, "-a", "a\n"])
def test_refuses_names(portal: Portal, name: str) -> None:
    """A name is short, lower case, and can be typed."""
    with pytest.raises(UsageError, match="account name"):
        accounts.add(portal, dataclasses.replace(NEW, name=name), PASSWORD)


@pytest.mark.parametrize("password", ["", "123456789", "x" * 201])
def test_refuses_passwords(portal: Portal, password: str) -> None:
    """Too short to be safe, or too long to be looked at; the message does not show it."""
    with pytest.raises(UsageError, match=f"{len(password)} characters"):
        accounts.add(portal, NEW, password)


@pytest.mark.parametrize("pin", ["", "123", "12345", "12a4", "\u0661234"])
def test_refuses_pins(portal: Portal, pin: str) -> None:
    """A PIN has four digits."""
    with pytest.raises(UsageError, match="4 digits"):
        accounts.set_pin(portal, "dr.adams", pin, actor="davis")


def test_password_and_pin_are_looked_at(portal: Portal) -> None:
    """Each is right by itself."""
    account = accounts.find(portal, "dr.adams")

    looked = [
        accounts.check_password(portal, account, "practice-doctor"),
        accounts.check_password(portal, account, "practice-staff"),
        accounts.check_pin(portal, account, "2468"),
        accounts.check_pin(portal, account, "2469"),
    ]
    assert [True, False, True, False] == looked


def test_no_pin_is_right_without_one(portal: Portal) -> None:
    """Staff have none."""
    assert not accounts.check_pin(portal, accounts.find(portal, "clark"), "")


def test_unknown_names_take_the_work_too(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash is computed, of a right password, a wrong one, and for nobody."""
    hashes = list[str]()
    matches = passwords.matches

    def counted(secret: str, kept: str) -> bool:
        hashes.append(kept)
        return matches(secret, kept)

    monkeypatch.setattr(accounts, "matches", counted)
    for name, password in (("dr.adams", "practice-doctor"), ("dr.adams", "x"), ("nobody", "x")):
        accounts.check_login(portal, name, password)

    assert 3 == len(hashes)
    assert portal.decoy == hashes[2]


def test_a_decoy_costs_as_much(portal: Portal) -> None:
    """Its parameters are those of a new password, and no password is right."""
    accounts.add(portal, NEW, PASSWORD)
    kept = passwords.hashed(PASSWORD, portal.hashing, portal.draws)

    assert kept.split("$")[:4] == portal.decoy.split("$")[:4]
    assert [len(part) for part in kept.split("$")] == [len(p) for p in portal.decoy.split("$")]
    assert not accounts.check_login(portal, "nobody", PASSWORD)


@pytest.mark.parametrize(
    "texts", [{"full_name": " "}, {"full_name": "A\nB"}, {"phone": "\0"}, {"email": "a" * 201}]
)
def test_texts_that_can_not_be_shown_are_refused(portal: Portal, texts: dict[str, str]) -> None:
    """On one line, and not endless; a name is needed."""
    boss = Account(name="boss", role=Role.ADMIN, full_name="B. Boss")
    account = dataclasses.replace(boss, **texts)  # type: ignore[arg-type]  # each is a text
    with pytest.raises(UsageError, match=next(iter(texts))):
        accounts.add(portal, account, PASSWORD)


def test_only_a_doctor_signs(portal: Portal) -> None:
    """Nobody else has a PIN or access."""
    boss = Account(name="boss", role=Role.ADMIN, full_name="B. Boss")
    for account, pin in ((boss, "2468"), (dataclasses.replace(boss, epcs=EpcsStatus.ACTIVE), None)):
        with pytest.raises(UsageError, match="only a doctor"):
            accounts.add(portal, account, PASSWORD, pin=pin)


def test_a_disabled_account_is_like_none(portal: Portal) -> None:
    """The right password says nothing, the sessions are over, and it can be enabled again."""
    token, _ = sessions.log_in(portal, "clark", "practice-staff")
    accounts.set_disabled(portal, "clark", disabled=True, actor="davis")

    with pytest.raises(Refusal) as caught:
        sessions.log_in(portal, "clark", "practice-staff")
    assert (Why.WRONG_LOGIN, None) == (caught.value.code, sessions.find(portal, token))

    accounts.set_disabled(portal, "clark", disabled=False, actor="davis")
    assert sessions.find(portal, token) is None
    assert sessions.log_in(portal, "clark", "practice-staff")


def test_a_new_password_ends_sessions(portal: Portal) -> None:
    """Whoever knew the old one is out."""
    token, _ = sessions.log_in(portal, "clark", "practice-staff")
    accounts.set_password(portal, "clark", PASSWORD, actor="davis")

    assert sessions.find(portal, token) is None
    assert not accounts.check_login(portal, "clark", "practice-staff")
    assert accounts.check_login(portal, "clark", PASSWORD)


def test_changes_are_logged(portal: Portal) -> None:
    """Who did it and to whom; no password is in the log."""
    accounts.set_epcs(portal, "dr.novak", EpcsStatus.NOMINATED, actor="davis")
    accounts.set_pin(portal, "dr.novak", "1357", actor="dr.novak")
    accounts.set_password(portal, "dr.novak", PASSWORD, actor="davis")
    accounts.set_disabled(portal, "dr.novak", disabled=True, actor="davis")

    told = [(entry.actor, entry.act) for entry in auditlog.entries(portal, "dr.novak")][1:]
    assert [
        ("davis", "epcs status"),
        ("dr.novak", "pin changed"),
        ("davis", "password changed"),
        ("davis", "account disabled"),
        ("davis", "epcs status"),
    ] == told
    text = repr(auditlog.entries(portal))
    assert (False, False) == ("1357" in text, PASSWORD in text)


def test_an_unknown_account_is_refused(portal: Portal) -> None:
    """By every verb that takes a name."""
    acts: tuple[Callable[[], Account], ...] = (
        lambda: accounts.find(portal, "nobody"),
        lambda: accounts.set_password(portal, "nobody", PASSWORD, actor="x"),
        lambda: accounts.set_disabled(portal, "nobody", disabled=True, actor="x"),
    )
    for act in acts:
        with pytest.raises(Refusal) as caught:
            act()
        assert Why.NOT_FOUND is caught.value.code


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(), password=st.text())
def test_any_text_may_be_typed(portal: Portal, name: str, password: str) -> None:
    """It is right or wrong, and never an error."""
    assert not accounts.check_login(portal, name, password)
