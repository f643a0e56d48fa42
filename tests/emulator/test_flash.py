"""The flash and its two real ends."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.errors import StateError
from emulator.flash import FileFlash, Flash, MemoryFlash, commit

IMAGE = bytes(range(256))
Fail = Callable[..., None]


@pytest.fixture(params=["memory", "file"])
def flash(request: pytest.FixtureRequest, tmp_path: Path) -> Flash:
    """Give each of the two in turn."""
    if request.param == "memory":
        return MemoryFlash(IMAGE)
    (tmp_path / "image").write_bytes(IMAGE)
    return FileFlash(tmp_path / "image")


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Return a function that makes one of ``os``' functions fail."""

    def make(name: str, number: int = errno.EIO) -> None:
        def failing(*_: object, **__: object) -> int:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, name, failing)

    return make


def _open_files() -> set[str]:
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names, as they are


def test_a_commit_is_read_back(flash: Flash) -> None:
    """Bytes are where they were written, and nowhere else."""
    commit(flash, 10, b"abc")
    assert flash.read() == IMAGE[:10] + b"abc" + IMAGE[13:]


def test_a_commit_leaves_no_descriptor_open(flash: Flash) -> None:
    """Thousands of tokens need no descriptors."""
    before = _open_files()
    commit(flash, 0, b"abc")
    assert _open_files() <= before


@pytest.mark.parametrize("name", ["open", "pwrite", "fdatasync", "pread"])
def test_what_the_disk_refuses_is_an_error(tmp_path: Path, fail: Fail, name: str) -> None:
    """A commit that the disk refuses anywhere is a StateError, and leaves nothing open."""
    path = tmp_path / "image"
    path.write_bytes(IMAGE)
    flash, before = FileFlash(path), _open_files()
    fail(name)
    with pytest.raises(StateError, match="Input/output error") as caught:
        commit(flash, 0, b"abc")
    assert caught.value.exit_code == 74
    assert str(path) in str(caught.value)
    assert _open_files() <= before


def test_a_short_write_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that did not all get in count as none."""
    path = tmp_path / "image"
    path.write_bytes(IMAGE)
    monkeypatch.setattr(os, "pwrite", lambda *_: 2)
    with pytest.raises(StateError, match="only 2 of 3 bytes"):
        FileFlash(path).write(0, b"abc")


def test_a_removed_image_is_not_made_anew(tmp_path: Path) -> None:
    """An image that somebody removed is an error."""
    path = tmp_path / "image"
    path.write_bytes(IMAGE)
    flash = FileFlash(path)
    path.unlink()
    with pytest.raises(StateError, match="No such file"):
        commit(flash, 0, b"abc")
    assert not path.exists()


def test_bytes_that_read_back_wrong_are_an_error() -> None:
    """A cell that does not hold what was written makes the commit fail."""

    class Worn(MemoryFlash):
        def write(self, offset: int, data: bytes) -> None:
            super().write(offset, b"\xff" * len(data))

    with pytest.raises(StateError, match="read back wrong"):
        commit(Worn(IMAGE), 0, b"abc")
