"""The journal."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from emulator.annotations import Note, Submitted
from emulator.journal import Doer, Journal, Record
from emulator.journalform import from_log, to_log
from firmware_model.stimuli import Edge, Lit


def test_numbers_have_no_gaps() -> None:
    """Entries are numbered from 1, one by one."""
    journal = Journal()
    assert journal.head == 0
    for i in range(3):
        journal.append("A", Note(i, "x"))
    journal.publish()
    assert [record.sequence for record in journal.since(0)] == [1, 2, 3]
    assert journal.head == 3


@given(st.integers(0, 30), st.integers(1, 10), st.integers(-3, 40))
def test_since_gives_what_is_kept(count: int, capacity: int, cursor: int) -> None:
    """What is newer than the cursor comes in order, as far as it is still kept."""
    journal = Journal(capacity)
    for i in range(count):
        journal.append("A", Note(i, "x"))
    journal.publish()
    kept = range(1, count + 1)[-capacity:]
    assert [r.sequence for r in journal.since(cursor)] == [n for n in kept if n > cursor]


def test_reading_is_of_one_moment() -> None:
    """Entries that come while others are read push none of those out."""
    journal = Journal(3)
    for i in range(3):
        journal.append("A", Note(i, "x"))
    journal.publish()
    seen = []
    for record in journal.since(0):
        seen.append(record.sequence)
        journal.append("A", Note(9, "meanwhile"))
        journal.publish()
    assert seen == [1, 2, 3]
    assert [record.sequence for record in journal.since(3)] == [4, 5, 6]


def test_a_record_shows_no_digits() -> None:
    """A code's record names its counter, not its digits."""
    journal = Journal()
    journal.append("A", Lit(5, "755224", 0))
    journal.publish()
    (record,) = journal.since(0)
    assert "755224" not in repr(record)
    assert "factor=0" in repr(record)


def test_nothing_is_seen_before_it_is_published() -> None:
    """What was appended can be read once it is published, and not before."""
    journal = Journal()
    journal.append("A", Note(1, "x"))
    assert (1, 0, []) == (journal.head, journal.visible, list(journal.since(0)))
    journal.publish()
    journal.append("A", Note(2, "y"))
    assert [1] == [record.sequence for record in journal.since(0)]
    assert [1] == [record.sequence for record in journal.read(0, 10)]


def test_readers_are_told() -> None:
    """A reader is called once for what was published, until it has enough."""
    journal = Journal()
    seen: list[int] = []
    end = journal.subscribe(lambda: seen.append(journal.visible))
    journal.publish()
    journal.append("A", Note(1, "x"))
    journal.append("A", Note(2, "y"))
    journal.publish()
    end()
    journal.append("A", Note(3, "z"))
    journal.publish()
    assert [2] == seen


def test_who_did_it() -> None:
    """Stimuli and notes say who did them and under which key; effects don't."""
    journal = Journal()
    with journal.acting(Doer("http", "k1")):
        journal.append("A", Edge(1, closed=True))
        journal.append("A", Lit(5, "755224", 0))
    journal.append("A", Edge(6, closed=False))
    journal.publish()
    assert [("http", "k1"), ("", None), ("", None)] == [(r.by, r.key) for r in journal.since(0)]


def test_reading_some() -> None:
    """Records can be chosen by token and by what they are."""
    journal = Journal()
    for serial in "ABA":
        journal.append(serial, Note(1, serial))
    journal.append("", Note(1, "all"))
    journal.publish()
    assert [1, 3] == [r.sequence for r in journal.read(0, 10, serials={"A"})]
    assert [2] == [r.sequence for r in journal.read(1, 1)]
    assert [4] == [r.sequence for r in journal.read(0, 9, chosen=lambda r: not r.serial)]


def test_older_submission() -> None:
    """A submission that an older release kept, without its verdict's name, can be read."""
    told = Submitted(5, "vpn", "resync", True, "resynced", 7, 8, "resynced")
    kept = to_log(Record(1, "GALH00004226", told))
    assert told == from_log(kept).event
    older = {name: kept[name] for name in kept if name not in {"second_factor", "verdict"}}
    assert replace(told, second_factor=None, verdict="") == from_log(older).event
