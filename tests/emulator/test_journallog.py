"""The journal on disk."""

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.annotations import Answered, Asked, Fired, Note, Placed, Removed, ServerSeen, Stopped
from emulator.errors import StateError
from emulator.journal import Event, Journal, Record
from emulator.journalform import from_log, to_log
from emulator.journallog import JournalLog
from emulator.serverview import ServerView
from firmware_model import GALH, Secret, configure, manufacture
from firmware_model.climate import steady
from firmware_model.codec import to_json
from firmware_model.crystal import Crystal
from firmware_model.damage import Damage, Gap, StuckBits
from firmware_model.stimuli import (
    Ambient,
    BatteryIn,
    Booted,
    Edge,
    Harm,
    Lit,
    NvmWrite,
    Refusal,
    Refused,
    Retune,
)

SECRET: Final = Secret(b"12345678901234567890")
STATE: Final = manufacture(configure("GALH00004226", GALH, SECRET), 0)
DAMAGE: Final = Damage((1,), (2,), True, (3, 4), (Gap(1, 2),), (StuckBits(200, 1, 0),))
EVENTS: Final[tuple[Event, ...]] = (
    Edge(1, closed=True),
    Ambient(2, steady(5000)),
    Retune(3, Crystal(1, 2, 3, 4)),
    BatteryIn(4, 5),
    Harm(5, DAMAGE),
    Refused(6, Refusal.LIT),
    NvmWrite(7, 192, b"\x00\xff"),
    Booted(8, None, repaired=True),
    Note(9, "Grüße"),
    Stopped(10, "no space"),
    Fired(11, "torn", "tear", "press 12"),
    ServerSeen(12, ServerView(name="ours", next_counter=5, look_ahead=10)),
    Asked(13, "ab"),
    Answered(14, ((1, 2, None), (3, None, "lit"))),
)


def records(count: int, first: int = 1, text: str = "x") -> list[Record]:
    """Return so many notes."""
    return [Record(n, "A", Note(n, text)) for n in range(first, first + count)]


def test_every_event_comes_back(tmp_path: Path) -> None:
    """What is written is read, by whom and under which key included."""
    written = [Record(n, "A", event, "pty", "k") for n, event in enumerate(EVENTS, 1)]
    log = JournalLog(tmp_path / "j")
    log.write(written)
    assert written == list(log.read(0))
    assert written == list(JournalLog(tmp_path / "j").read(0))
    log.close()


def test_a_state_comes_back_as_text_and_a_code_not_at_all(tmp_path: Path) -> None:
    """Who has the secret can read the state; nobody can read a code."""
    log = JournalLog(tmp_path / "j")
    log.write([Record(1, "A", Placed(0, "new", STATE)), Record(2, "A", Lit(1, "755224", 0))])
    log.close()
    placed, lit = (record.event for record in log.read(0))
    assert Placed(0, "new", to_json(STATE)) == placed
    assert Lit(1, "", 0) == lit
    kept = (tmp_path / "j" / f"{1:016}.log").read_bytes()
    assert b"755224" not in kept
    assert SECRET.reveal() not in kept
    assert SECRET.reveal().hex().encode() not in kept


def test_segments(tmp_path: Path) -> None:
    """A full segment is followed by another, and reading goes on from one to the next."""
    log = JournalLog(tmp_path / "j", segment=4096)
    for first in range(1, 400, 3):
        log.write(records(3, first))
    log.close()
    assert 1 < len(list((tmp_path / "j").iterdir()))
    again = JournalLog(tmp_path / "j")
    assert (399, 1) == (again.head, again.oldest)
    assert list(range(101, 400)) == [record.sequence for record in again.read(100)]


def test_old_segments_may_go(tmp_path: Path) -> None:
    """Somebody who removes old segments removes what is in them, and nothing else."""
    log = JournalLog(tmp_path / "j", segment=4096)
    for first in range(1, 400, 3):
        log.write(records(3, first))
    log.close()
    oldest = min((tmp_path / "j").iterdir())
    oldest.unlink()
    again = JournalLog(tmp_path / "j")
    assert again.oldest > 1
    assert list(range(again.oldest, 400)) == [record.sequence for record in again.read(0)]


def test_no_record_crosses_a_page(tmp_path: Path) -> None:
    """A kill leaves whole pages: cut at any page, all records before it are whole."""
    log = JournalLog(tmp_path / "j")
    log.write(records(200, text="y" * 333))
    log.close()
    data = (tmp_path / "j" / f"{1:016}.log").read_bytes()
    for page in range(4096, len(data), 4096):
        assert data[:page].endswith(b"\n")


@pytest.mark.parametrize("cut", [1, 7, 40, 4096, 5000])
def test_a_torn_tail_is_cut_off(tmp_path: Path, cut: int) -> None:
    """What a power cut left half is not there; numbers go on from the last whole record."""
    log = JournalLog(tmp_path / "j")
    log.write(records(200))
    log.close()
    file = tmp_path / "j" / f"{1:016}.log"
    os.truncate(file, file.stat().st_size - cut)
    again = JournalLog(tmp_path / "j")
    assert 0 < again.head < 200
    again.write(records(1, again.head + 1))
    assert list(range(1, again.head + 1)) == [record.sequence for record in again.read(0)]
    again.close()


def test_damage_in_the_middle(tmp_path: Path) -> None:
    """What follows damage is put aside, not read and not lost."""
    log = JournalLog(tmp_path / "j")
    log.write(records(200))
    log.close()
    file = tmp_path / "j" / f"{1:016}.log"
    data = bytearray(file.read_bytes())
    data[4096:4200] = bytes(104)
    file.write_bytes(data)
    again = JournalLog(tmp_path / "j")
    assert 0 < again.head < 200
    assert (tmp_path / "j" / f"{1:016}.log.cut").read_bytes() == data[file.stat().st_size :]
    assert list(range(1, again.head + 1)) == [record.sequence for record in again.read(0)]


@given(st.integers(0, 3000), st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_survived(
    tmp_path_factory: pytest.TempPathFactory, place: int, damage: bytes
) -> None:
    """Whatever was done to the last segment, the log opens, reads and goes on."""
    folder = tmp_path_factory.mktemp("log") / "j"
    log = JournalLog(folder)
    log.write(records(40))
    log.close()
    file = folder / f"{1:016}.log"
    data = bytearray(file.read_bytes())
    data[place : place + len(damage)] = damage
    file.write_bytes(data)
    again = JournalLog(folder)
    again.write(records(1, again.head + 1))
    again.close()
    assert list(range(1, again.head + 1)) == [record.sequence for record in again.read(0)]


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be written whole isn't written at all, and is tried again."""
    log = JournalLog(tmp_path / "j")
    journal = Journal(log=log)
    journal.append("A", Note(1, "first"))
    journal.publish()
    write = os.pwrite

    def full(fd: int, data: bytes, offset: int) -> int:
        if offset > 60:
            raise OSError(28, "No space left on device")
        return write(fd, data[:10], offset)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        journal.append("A", Note(2, "second"))
        with pytest.raises(StateError, match="No space left on device"):
            journal.publish()
        assert 1 == journal.visible
    journal.publish()
    log.close()
    assert ["first", "second"] == [
        r.event.text for r in JournalLog(tmp_path / "j").read(0) if isinstance(r.event, Note)
    ]


def test_the_journal_goes_on_with_its_numbers(tmp_path: Path) -> None:
    """A new process counts on, and reads what the old one wrote."""
    for run in range(3):
        log = JournalLog(tmp_path / "j")
        journal = Journal(log=log)
        journal.append("A", Note(run, str(run)))
        journal.publish()
        assert run + 1 == journal.visible
        assert list(range(1, run + 2)) == [r.sequence for r in journal.read(0, 100)]
        log.close()


def test_from_any_record_on(tmp_path: Path) -> None:
    """Reading finds its place: after any number, of all tokens or of some, and backwards."""
    log = JournalLog(tmp_path / "j", segment=20_000)
    written = [Record(n, f"T{n % 7}", Note(n, "x" * (n % 300))) for n in range(1, 401)]
    for record in written:
        log.write([record])
    for cursor in range(401):
        assert written[cursor:] == list(log.read(cursor))
        some = [record for record in written[cursor:] if record.serial in {"T1", "T3"}]
        assert some == list(log.read(cursor, ("T1", "T3")))
    earlier = [record for record in reversed(written[:299]) if record.serial == "T2"]
    assert earlier == list(log.back(300, "T2", (Note,)))
    assert [] == list(log.back(300, "T2", (Removed,)))


def test_files_of_others(tmp_path: Path) -> None:
    """A folder of other things is refused."""
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / "mail.log").touch()
    with pytest.raises(StateError, match="not ours"):
        JournalLog(tmp_path / "j")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["at_ns", "text", "state", "knots", "view"]), inner)
        ),
        max_leaves=8,
    ),
    st.sampled_from(sorted({to_log(Record(1, "A", event))["kind"] for event in EVENTS})),
    st.sampled_from(EVENTS),
)
def test_foreign_records(value: object, kind: str, event: Event) -> None:
    """Whatever a record holds, it is read or refused with an error of ours."""
    data = to_log(Record(1, "A", event)) | {"kind": kind}
    for name in data:
        try:
            from_log(data | {name: value})
        except StateError:
            continue
