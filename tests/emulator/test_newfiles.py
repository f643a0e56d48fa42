"""New files, one or many, that are whole or not there."""

import ctypes
import os
import stat
from pathlib import Path

import pytest

from emulator.errors import StateError
from emulator.newfiles import sync_tree, write_new, write_unseen


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    """Creating twice is an error, and the first stays."""
    write_new(tmp_path / "x", b"first")
    with pytest.raises(StateError, match="File exists"):
        write_new(tmp_path / "x", b"second")
    assert (tmp_path / "x").read_bytes() == b"first"


def test_a_write_cut_short_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file appears whole: not at all when its sync fails, nor in a kill before it."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateError, match="No space left"):
        write_new(tmp_path / "x", b"data")
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_is_in_nobodys_way(tmp_path: Path) -> None:
    """The remains of a file that was being made are cleared away."""
    (tmp_path / ".new-x").write_bytes(b"half")
    write_new(tmp_path / "x", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_an_unseen_file_is_its_owners_alone_and_new(tmp_path: Path) -> None:
    """It is 0600, and replaces nothing."""
    write_unseen(tmp_path / "x", b"first")
    with pytest.raises(StateError, match="File exists"):
        write_unseen(tmp_path / "x", b"second")
    assert b"first" == (tmp_path / "x").read_bytes()
    assert 0o600 == stat.S_IMODE((tmp_path / "x").stat().st_mode)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of what is synced by itself, as it is."""
    names: list[str] = []
    real = os.fsync

    def note(fd: int) -> None:
        names.append(Path(f"/proc/self/fd/{fd}").readlink().name)
        real(fd)

    monkeypatch.setattr(os, "fsync", note)
    return names


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with a file, and another in a folder below."""
    (tmp_path / "tree" / "below").mkdir(parents=True)
    (tmp_path / "tree" / "a").touch()
    (tmp_path / "tree" / "below" / "b").touch()
    return tmp_path / "tree"


def test_a_few_files_are_synced_each(tree: Path, synced: list[str]) -> None:
    """The folders as well."""
    sync_tree(tree, files=2)
    assert ["a", "b", "below", "tree"] == sorted(synced)


def test_many_files_are_synced_at_once(tree: Path, synced: list[str]) -> None:
    """With their file system; none by itself."""
    sync_tree(tree, files=1000)
    assert [] == synced


def test_where_the_system_can_not_many_are_synced_each(
    tree: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system without syncfs keeps them as durably."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    sync_tree(tree, files=1000)
    assert ["a", "b", "below", "tree"] == sorted(synced)


def test_a_disk_that_fails_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be made durable is an error."""

    class Libc:
        @staticmethod
        def syncfs(_: int) -> int:
            ctypes.set_errno(5)
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Libc)
    with pytest.raises(OSError, match="Input/output error"):
        sync_tree(tree, files=1000)
