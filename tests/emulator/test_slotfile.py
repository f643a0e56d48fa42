"""A small object that a kill can't tear."""

import contextlib
import os
import stat
from binascii import crc32
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.errors import StateError
from emulator.slotfile import SLOT_SIZE, SlotFile

# A file is made anew in each example, so that sharing a folder is harmless.
shares_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_the_newest_object_is_read(tmp_path: Path) -> None:
    """What was put last is there for the next reader."""
    path = tmp_path / "x.slots"
    SlotFile.create(path, {"n": 0})
    file = SlotFile(path)
    for n in range(1, 6):
        file.put({"n": n})
        assert file.value == {"n": n} == SlotFile(path).value


def test_a_torn_put_leaves_the_one_before(tmp_path: Path) -> None:
    """After any byte of a put, the file holds the new object or the one before."""
    path = tmp_path / "x.slots"
    SlotFile.create(path, {"n": 0})
    SlotFile(path).put({"n": 1})
    before = path.read_bytes()
    SlotFile(path).put({"n": 2})
    after = path.read_bytes()
    where = next(i for i in range(len(before)) if before[i] != after[i]) // SLOT_SIZE * SLOT_SIZE
    for written in range(SLOT_SIZE + 1):
        at = where + written
        path.write_bytes(before[:where] + after[where:at] + before[at:])
        assert SlotFile(path).value in ({"n": 1}, {"n": 2})
        SlotFile(path).put({"n": 3})
        assert SlotFile(path).value == {"n": 3}


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It is made 0600, whatever the umask allows."""
    mask = os.umask(0)
    try:
        SlotFile.create(tmp_path / "x.slots", {})
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "x.slots").stat().st_mode) == 0o600


def test_an_object_too_long_is_refused(tmp_path: Path) -> None:
    """What does not fit is an error, and the object before stays."""
    path = tmp_path / "x.slots"
    SlotFile.create(path, {"n": 0})
    file = SlotFile(path)
    with pytest.raises(StateError, match="there is room for 512"):
        file.put({"n": "x" * 512})
    assert file.value == {"n": 0} == SlotFile(path).value


def test_a_removed_file_is_not_made_anew(tmp_path: Path) -> None:
    """A file that somebody removed is an error."""
    path = tmp_path / "x.slots"
    SlotFile.create(path, {})
    file = SlotFile(path)
    path.unlink()
    with pytest.raises(StateError, match="No such file"):
        file.put({})
    assert not path.exists()


@shares_folder
@given(st.binary(max_size=40) | st.binary(min_size=2 * SLOT_SIZE, max_size=2 * SLOT_SIZE))
def test_any_bytes_load_or_are_refused(tmp_path: Path, raw: bytes) -> None:
    """Whatever is in the file, reading it raises only its own error."""
    path = tmp_path / "x.slots"
    path.write_bytes(raw)
    with pytest.raises(StateError, match="damaged or not a checkpoint"):
        SlotFile(path)


@shares_folder
@given(st.binary(min_size=508, max_size=508), st.integers(0, 600), st.binary(max_size=60))
def test_any_bytes_with_a_good_crc_load_or_are_refused(
    tmp_path: Path, rest: bytes, length: int, text: bytes
) -> None:
    """A checksum that fits makes no exception of it."""
    path = tmp_path / "x.slots"
    body = (rest[:8] + length.to_bytes(4, "big") + text + rest)[:508]
    path.write_bytes(2 * (crc32(body).to_bytes(4, "big") + body))
    with contextlib.suppress(StateError):
        SlotFile(path).put({})
