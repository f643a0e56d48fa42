"""What is kept of what happened."""

import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from hosttools.errors import StateError
from hosttools.portal import Portal, auditlog
from hosttools.portal.auditlog import MAX_TEXT
from hosttools.portal.tables import log


def test_entries_are_numbered_and_told(portal: Portal) -> None:
    """By subject, by number, the last ones in order."""
    with portal.db.write() as at:
        first = auditlog.append(portal, at, "dr.adams", "sync", "GALH00000042", distance=3)
        second = auditlog.append(portal, at, "dr.adams", "sign", "GALH00000043", refused=None)
        auditlog.append(portal, at, "dr.adams", "sign", "GALH00000042")

    assert (first.number + 1, first.digest) == (second.number, second.previous)
    assert {"distance": 3} == first.told()
    assert first == auditlog.entries(portal, "GALH00000042")[0]
    assert [second.number, second.number + 1] == [
        e.number for e in auditlog.entries(portal, limit=2)
    ]
    assert 2 == len(auditlog.entries(portal, after=first.number))
    assert "2026-01-05T08:00:00" in json.dumps(first.as_dict())


def test_an_entry_is_a_part_of_its_change(portal: Portal) -> None:
    """What was not done is not told, and the numbers have no gap."""
    before = len(auditlog.entries(portal))
    with contextlib.suppress(LookupError), portal.db.write() as at:
        auditlog.append(portal, at, "dr.adams", "never")
        raise LookupError
    with portal.db.write() as at:
        entry = auditlog.append(portal, at, "dr.adams", "then")

    assert before + 1 == entry.number
    assert auditlog.verify(portal).ok


@pytest.mark.parametrize("name", ["code", "password", "pin", "secret"])
def test_a_secret_has_no_place(portal: Portal, name: str) -> None:
    """A fact that is called like one is a bug, and its value is not shown."""
    with (
        portal.db.write() as at,
        pytest.raises(ValueError, match="no place for a secret") as caught,
    ):
        auditlog.append(portal, at, "dr.adams", "act", **{name: "755224"})

    assert "755224" not in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=400))
def test_any_text_is_kept_on_one_line(portal: Portal, text: str) -> None:
    """Whatever somebody typed: it can be shown, is not too long, and verifies."""
    with portal.db.write() as at:
        entry = auditlog.append(portal, at, text, "act", text, said=text)

    [found] = auditlog.entries(portal, after=entry.number - 1)
    assert entry == found
    assert (True, True) == (found.actor.isprintable(), len(found.actor) <= MAX_TEXT)
    assert found.told()["said"] == found.actor
    assert auditlog.verify(portal).ok


@pytest.mark.parametrize("facts", ["", "[]", "{", "1"])
def test_damaged_facts_are_a_state_error(portal: Portal, facts: str) -> None:
    """They are named, not shown."""
    with portal.db.write() as at:
        at.execute(update(log).where(log.c.number == 1).values(facts=facts))

    with pytest.raises(StateError, match="entry 1 of the audit log is damaged"):
        auditlog.entries(portal)[0].told()
