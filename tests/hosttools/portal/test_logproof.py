"""Any change of the log is found, and which entry it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from hosttools.errors import StateError, UsageError
from hosttools.portal import Portal, auditlog, open_portal
from hosttools.portal.auditlog import Anchor
from hosttools.portal.draws import SeededDraws
from hosttools.portal.logentry import digest_of, entry_bytes, entry_of
from hosttools.portal.logproof import Wrong
from hosttools.portal.passwords import CHEAP
from hosttools.portal.signer import Signer
from hosttools.portal.tables import key, log, log_head
from hosttools.refserver.http.clock import ServerClock

ENTRIES = 6

Row = dict[str, Any]


@pytest.fixture
def logged() -> Iterator[Portal]:
    """Return a portal with six entries in its log."""
    with _logged() as portal:
        yield portal


def _logged() -> Portal:
    portal = open_portal(clock=ServerClock(1), draws=SeededDraws(1), fill=False, hashing=CHEAP)
    for number in range(len(auditlog.entries(portal)) + 1, ENTRIES + 1):
        with portal.db.write() as at:
            auditlog.append(portal, at, "dr.adams", "act", f"GALH0000000{number}", nth=number)
    return portal


def _rows(portal: Portal) -> list[Row]:
    with portal.db.read() as at:
        rows = at.execute(select(log).order_by(log.c.number)).mappings()
        return [dict(row) for row in rows]


def _put(portal: Portal, rows: list[Row], *, renumber: bool = False) -> None:
    with portal.db.write() as at:
        at.execute(delete(log))
        for number, row in enumerate(rows, 1):
            at.execute(insert(log).values({**row, "number": number if renumber else row["number"]}))


def _found(portal: Portal, against: Anchor | None = None) -> tuple[Wrong | None, int | None]:
    findings = auditlog.verify(portal, against)
    return findings.wrong, findings.number


def test_a_log_that_nobody_changed_verifies(logged: Portal) -> None:
    """All entries are as they were written."""
    findings = auditlog.verify(logged)

    assert (True, ENTRIES, None) == (findings.ok, findings.entries, findings.number)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at_ns", 5),
        ("actor", "dr.baker"),
        ("act", "another"),
        ("subject", ""),
        ("facts", '{"nth": 4}'),
        ("previous", "0" * 64),
        ("digest", "0" * 64),
        ("signature", b"\0" * 64),
        ("signature", b""),
    ],
)
def test_a_changed_entry_is_named(logged: Portal, column: str, value: str | int | bytes) -> None:
    """Whichever of its columns it was."""
    with logged.db.write() as at:
        at.execute(update(log).where(log.c.number == 4).values({column: value}))

    wrong, number = _found(logged)
    assert (4, True) == (number, wrong in {Wrong.CHANGED, Wrong.FORGED})


@pytest.mark.parametrize("gone", [1, 3, ENTRIES])
def test_a_removed_entry_is_named(logged: Portal, gone: int) -> None:
    """In the beginning, in the middle, and at the end."""
    rows = _rows(logged)
    _put(logged, rows[: gone - 1] + rows[gone:])

    assert (Wrong.REMOVED, gone) == _found(logged)


def test_all_removed_is_found(logged: Portal) -> None:
    """Even the head: a log has one from its first entry on."""
    with logged.db.write() as at:
        at.execute(delete(log))
        assert (Wrong.REMOVED, 1) == _found(logged)
        at.execute(delete(log_head))

    assert (Wrong.HEAD, None) == _found(logged)


def test_a_hole_that_was_closed_is_named(logged: Portal) -> None:
    """Renumbering what follows does not help."""
    rows = _rows(logged)
    _put(logged, rows[:2] + rows[3:], renumber=True)

    assert (Wrong.MOVED, 3) == _found(logged)
    assert "entry 3 holds what was entry 4" == auditlog.verify(logged).words


def test_swapped_entries_are_named(logged: Portal) -> None:
    """Each is as it was, at another place."""
    rows = _rows(logged)
    rows[2], rows[4] = rows[4], rows[2]
    _put(logged, rows, renumber=True)

    assert (Wrong.MOVED, 3) == _found(logged)


def test_an_inserted_entry_is_named(logged: Portal) -> None:
    """One in the middle, for which the others made room."""
    rows = _rows(logged)
    forged = {**rows[3], "act": "never happened"}
    _put(logged, [*rows[:3], forged, *rows[3:]], renumber=True)

    assert (Wrong.INSERTED, 4) == _found(logged)


@pytest.mark.parametrize("number", [0, -1])
def test_an_entry_before_the_first_is_named(logged: Portal, number: int) -> None:
    """The first one has the number 1."""
    rows = _rows(logged)
    _put(logged, [{**rows[0], "number": number}, *rows])

    assert Wrong.INSERTED is _found(logged)[0]


def test_an_entry_by_another_key_is_named(logged: Portal) -> None:
    """A chain that is whole needs our signature too."""
    with logged.db.write() as at:
        row = at.execute(select(log).where(log.c.number == ENTRIES)).one()
        forged = {**row._mapping, "act": "never happened"}
        at.execute(update(log).where(log.c.number == ENTRIES).values(forged))
        entry = entry_of(at.execute(select(log).where(log.c.number == ENTRIES)).one())
        digest = digest_of(entry)
        values = {"digest": digest, "signature": Signer.new().sign(entry_bytes(digest))}
        at.execute(update(log).where(log.c.number == ENTRIES).values(values))

    assert (Wrong.FORGED, ENTRIES) == _found(logged)


def test_an_entry_past_the_head_is_named(logged: Portal) -> None:
    """Though it was once written: the head says that it is one too many."""
    with logged.db.read() as at:
        head = dict(at.execute(select(log_head)).mappings().one())
    with logged.db.write() as at:
        auditlog.append(logged, at, "dr.adams", "act")
        at.execute(update(log_head).values(head))

    assert (Wrong.INSERTED, ENTRIES + 1) == _found(logged)


def test_another_head_is_found(logged: Portal) -> None:
    """It is signed too."""
    with logged.db.write() as at:
        at.execute(update(log_head).values(number=ENTRIES - 1))

    assert (Wrong.HEAD, None) == _found(logged)


def test_another_key_is_found(logged: Portal) -> None:
    """A key that was exchanged has signed none of the entries."""
    logged.signer = Signer.new()

    assert (Wrong.FORGED, 1) == _found(logged)


def _restored(portal: Portal, entries: list[Row], head: Row) -> None:
    with portal.db.write() as at:
        at.execute(delete(log_head))
        at.execute(insert(log_head).values(head))
    _put(portal, entries)


def test_an_anchor_knows_what_came_after_a_copy(logged: Portal) -> None:
    """A database that was set back, head and all, verifies by itself, but not against it."""
    rows = _rows(logged)
    with logged.db.read() as at:
        head = dict(at.execute(select(log_head)).mappings().one())
    with logged.db.write() as at:
        auditlog.append(logged, at, "dr.adams", "embarrassing")
    anchor = auditlog.anchor(logged)
    assert auditlog.verify(logged, anchor).ok
    _restored(logged, rows, head)

    assert auditlog.verify(logged).ok
    assert (Wrong.ANCHOR, ENTRIES + 1) == _found(logged, anchor)

    with logged.db.write() as at:
        auditlog.append(logged, at, "dr.adams", "harmless")
    assert auditlog.verify(logged).ok
    assert (Wrong.ANCHOR, ENTRIES + 1) == _found(logged, anchor)


def test_an_anchor_holds_for_what_is_added(logged: Portal) -> None:
    """A log that goes on from it verifies against it."""
    anchor = auditlog.anchor(logged)
    with logged.db.write() as at:
        auditlog.append(logged, at, "dr.adams", "act")

    assert auditlog.verify(logged, Anchor.from_text(anchor.as_text())).ok


def test_an_anchor_of_another_portal_is_found(logged: Portal) -> None:
    """It is of another key."""
    with _logged() as other:
        anchor = auditlog.anchor(other)

    assert (Wrong.ANCHOR, None) == _found(logged, anchor)


def test_there_is_no_anchor_of_a_changed_head(logged: Portal) -> None:
    """What would not verify is not handed out."""
    with logged.db.write() as at:
        at.execute(update(log_head).values(number=2))

    with pytest.raises(StateError, match="verify it"):
        auditlog.anchor(logged)


@given(st.text() | st.dictionaries(st.text(), st.none() | st.integers()).map(json.dumps))
def test_any_text_is_an_anchor_or_refused(text: str) -> None:
    """Whatever the file holds."""
    with pytest.raises(UsageError, match="no anchor"):
        Anchor.from_text(text)


@given(data=st.data())
def test_an_anchor_that_was_changed_is_refused(data: st.DataObject) -> None:
    """One character is enough: it is signed."""
    with _logged() as portal:
        text = auditlog.anchor(portal).as_text()
    fields = json.loads(text)
    name = data.draw(st.sampled_from(sorted(fields)))
    other = data.draw(
        (st.integers(0, 9) | st.text("0123456789abcdef", max_size=130)).filter(
            lambda value: value != fields[name]
        )
    )

    with pytest.raises(UsageError, match="no anchor"):
        Anchor.from_text(json.dumps({**fields, name: other}))


_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(-3, ENTRIES + 3),
    "at_ns": st.integers(-(2**62), 2**62),
    "signature": st.binary(max_size=70),
}
_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=70)


@given(data=st.data())
def test_any_single_change_is_found(data: st.DataObject) -> None:
    """Of any column of any row of log or head, by any value; or a row is gone."""
    with _logged() as portal:
        table = data.draw(st.sampled_from([log, log, log_head]))
        with portal.db.read() as at:
            rows = [dict(row) for row in at.execute(select(table)).mappings()]
        row = data.draw(st.sampled_from(rows))
        where = table.c.number == row["number"]
        column = data.draw(st.sampled_from([*(set(row) - {"id"}), None]))
        if column is None:
            change: Any = delete(table).where(where)
        else:
            # Two rows can't have one number.
            taken = [other[column] for other in rows] if column == "number" else [row[column]]
            value = data.draw(_VALUES.get(column, _TEXTS).filter(lambda value: value not in taken))
            change = update(table).where(where).values({column: value})
        with portal.db.write() as at:
            at.execute(change)

        findings = auditlog.verify(portal)
        assert not findings.ok
        first = row["number"] if table is log else ENTRIES + 1
        assert findings.entries <= first


def test_the_key_is_that_of_the_database(tmp_path: Path) -> None:
    """Opened again, the log goes on and verifies."""
    place = str(tmp_path / "portal.db")
    with open_portal(place, hashing=CHEAP) as portal:
        before = portal.signer.fingerprint
    with open_portal(place, hashing=CHEAP) as portal:
        with portal.db.write() as at:
            auditlog.append(portal, at, "dr.adams", "act")
            assert 1 == len(at.execute(select(key)).all())

        assert before == portal.signer.fingerprint
        assert auditlog.verify(portal).ok
