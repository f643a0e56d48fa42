"""What happened to a token, as people read it."""

import dataclasses
import json
from collections.abc import Callable

import pytest

from hosttools.errors import RecordError
from hosttools.refserver import Record, Status, Store
from hosttools.refserver.history import history_of, summarise

Code = Callable[[int], str]
DAY_NS = 86_400 * 10**9


def test_tells_each_act(event: Record) -> None:
    """When, who, from which status to which, and what an operator reads of it."""
    with Store(":memory:") as store:
        store.order(event, 0, "warehouse")
        store.ship(event.serial, DAY_NS, "warehouse")
        store.assign(event.serial, "alice", 2 * DAY_NS, "help desk")
        past = history_of(store, "galh 0000-0042", 100)

    assert [
        (0, "warehouse", None, "ordered", "taken in, on order"),
        (DAY_NS, "warehouse", "ordered", "shipped", "shipped"),
        (2 * DAY_NS, "help desk", "shipped", "assigned", "assigned to alice"),
    ] == [(e.at_ns, e.actor, e.before, e.status, e.said) for e in past.events]
    assert "GALH00000042" == past.serial


def test_tells_what_repeats_itself_once(event: Record, code: Code) -> None:
    """Codes accepted in a row are one line, with the last one's place; another act ends it."""
    with Store(":memory:") as store:
        store.add(dataclasses.replace(event, holder="alice"))
        for number in range(3):
            store.verify(event.serial, code(10 + number), number)
        store.verify(event.serial, "0", 3)
        store.verify(event.serial, code(13), 4)
        past = history_of(store, event.serial, 100)

    assert [
        (0, 2, 3, "accepted at counter 12 (server was at 12)"),
        (3, 3, 1, "malformed: 1 characters in place of 6"),
        (4, 4, 1, "accepted at counter 13 (server was at 13)"),
    ] == [(e.at_ns, e.until_ns, e.times, e.said) for e in past.events]
    assert {"alice"} == {event.actor for event in past.events}


def test_what_moves_a_token_stands_alone(event: Record) -> None:
    """The failure that locks is not lost among the others."""
    with Store(":memory:") as store:
        store.add(event)
        for now_ns in range(12):
            store.verify(event.serial, "000000", now_ns)
        past = history_of(store, event.serial, 100)

    assert [(9, "active", "active"), (1, "active", "locked"), (2, "locked", "locked")] == [
        (e.times, e.before, e.status) for e in past.events
    ]


def test_a_removed_token_has_a_past(event: Record) -> None:
    """One that never was there has none."""
    with Store(":memory:") as store:
        store.enrol(event, 0)
        store.remove(event.serial)
        past = history_of(store, event.serial, 100)
        with pytest.raises(RecordError, match="no token"):
            history_of(store, "GALH99999999", 100)

    assert (None, 1) == (past.record, len(past.events))
    assert past.as_dict()["status"] is None


def test_an_entry_of_an_older_release_is_told_by_its_kind(event: Record) -> None:
    """It has no words of its own."""
    with Store(":memory:") as store:
        store.add(event)
        store.verify(event.serial, "000000", 0)
        [entry] = store.audit()
    [told] = summarise([dataclasses.replace(entry, kind="out_of_sync", said="", before=None)])

    assert "out of sync" == told.said


def test_as_json(event: Record) -> None:
    """Plain values, times as people read them, and no secret."""
    record = dataclasses.replace(event, expires_ns=DAY_NS, holder="alice")
    with Store(":memory:") as store:
        store.enrol(record, 0)
        store.enrol(dataclasses.replace(event, serial="GALH00000043"), 0)
        store.replace(event.serial, "GALH00000043", 1)
        told = history_of(store, event.serial, 100).as_dict()

    assert {
        "serial": "GALH00000042",
        "status": Status.REPLACED.value,
        "holder": "alice",
        "expires": "1970-01-02T00:00:00Z",
        "replaced_by": "GALH00000043",
    } == {name: value for name, value in told.items() if name != "events"}
    assert "1970-01-01T00:00:00Z" == told["events"][1]["at"]
    assert event.secret.reveal().decode() not in json.dumps(told)
