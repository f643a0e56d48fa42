"""The journal."""

from hypothesis import given
from hypothesis import strategies as st

from emulator.journal import Journal, Note
from firmware_model.stimuli import Lit


def test_numbers_have_no_gaps() -> None:
    """Entries are numbered from 1, one by one."""
    journal = Journal()
    assert journal.head == 0
    for i in range(3):
        journal.append("A", Note(i, "x"))
    assert [record.sequence for record in journal.since(0)] == [1, 2, 3]
    assert journal.head == 3


@given(st.integers(0, 30), st.integers(1, 10), st.integers(-3, 40))
def test_since_gives_what_is_kept(count: int, capacity: int, cursor: int) -> None:
    """What is newer than the cursor comes in order, as far as it is still kept."""
    journal = Journal(capacity)
    for i in range(count):
        journal.append("A", Note(i, "x"))
    kept = range(1, count + 1)[-capacity:]
    assert [r.sequence for r in journal.since(cursor)] == [n for n in kept if n > cursor]


def test_reading_is_of_one_moment() -> None:
    """Entries that come while others are read push none of those out."""
    journal = Journal(3)
    for i in range(3):
        journal.append("A", Note(i, "x"))
    seen = []
    for record in journal.since(0):
        seen.append(record.sequence)
        journal.append("A", Note(9, "meanwhile"))
    assert seen == [1, 2, 3]
    assert [record.sequence for record in journal.since(3)] == [4, 5, 6]


def test_a_record_shows_no_digits() -> None:
    """A code's record names its counter, not its digits."""
    journal = Journal()
    journal.append("A", Lit(5, "755224", 0))
    (record,) = journal.since(0)
    assert "755224" not in repr(record)
    assert "factor=0" in repr(record)
