"""Snapshots in files: whole or not there, damage told, nothing secret in them."""

import base64
import copy
import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.errors import UsageError
from emulator.snapshots import (
    Sealing,
    Snapshot,
    SnapshotError,
    SnapshotKey,
    SnapshotKeyError,
    describe,
    file,
    file_of,
    files_in,
    load,
    save,
)
from emulator.snapshots.model import canonical

Passphrase = Callable[[str], SnapshotKey]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a snapshot goes."""
    return tmp_path / "bug.galh-snapshot.json"


def without_secrets(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot whose secrets were left out."""
    return replace(snapshot, tokens=tuple(replace(t, secret=None) for t in snapshot.tokens))


def altered(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Alter a file as somebody would who knows the format: its checksum is right."""
    whole = json.loads(path.read_bytes())
    change(whole)
    whole.pop("sha256")
    whole["sha256"] = hashlib.sha256(canonical(whole)).hexdigest()
    path.write_bytes(json.dumps(whole).encode())


def test_secrets_are_left_out(path: Path, snapshot: Snapshot) -> None:
    """Without a key all comes back but the secrets."""
    save(path, snapshot)
    assert without_secrets(snapshot) == load(path)


def test_secrets_with_a_passphrase(path: Path, snapshot: Snapshot, passphrase: Passphrase) -> None:
    """With the passphrase all comes back; without it all but the secrets."""
    save(path, snapshot, key=passphrase("open sesame"))
    assert snapshot == load(path, passphrase("open sesame"))
    assert without_secrets(snapshot) == load(path)


def test_secrets_with_a_key_file(path: Path, snapshot: Snapshot, tmp_path: Path) -> None:
    """With the key file all comes back."""
    (tmp_path / "key").write_bytes(os.urandom(32))
    key = SnapshotKey.from_key_file(tmp_path / "key")
    save(path, snapshot, key=key)
    assert snapshot == load(path, key)


def test_a_key_that_is_not_needed(path: Path, snapshot: Snapshot, passphrase: Passphrase) -> None:
    """A key for a file without secrets does no harm."""
    save(path, snapshot)
    assert without_secrets(snapshot) == load(path, passphrase("open sesame"))


def test_wrong_passphrase(path: Path, snapshot: Snapshot, passphrase: Passphrase) -> None:
    """With another passphrase nothing is loaded; the error names the file and exits with 1."""
    save(path, snapshot, key=passphrase("open sesame"))
    with pytest.raises(
        SnapshotKeyError, match=r"bug\.galh-snapshot\.json: this passphrase"
    ) as caught:
        load(path, passphrase("open barley"))
    assert 1 == caught.value.exit_code


@pytest.mark.parametrize("sealed", [False, True])
def test_no_secret_in_the_file(
    path: Path, snapshot: Snapshot, passphrase: Passphrase, *, sealed: bool
) -> None:
    """No spelling of a secret stands in the file, encrypted or left out."""
    save(path, snapshot, key=passphrase("open sesame") if sealed else None)
    content = path.read_bytes()
    for token in snapshot.tokens:
        assert token.secret is not None
        raw = token.secret.reveal()
        spellings = [raw, raw.hex().encode(), base64.b64encode(raw), base64.b32encode(raw)]
        spellings += [raw.hex().encode().upper(), repr(raw)[2:-1].encode()]
        assert [] == [s for s in spellings if s.rstrip(b"=") in content]
    assert b"sesame" not in content


def test_described_without_the_key(path: Path, snapshot: Snapshot, passphrase: Passphrase) -> None:
    """What a list shows is read without the key."""
    save(path, snapshot, key=passphrase("open sesame"))
    found = describe(path)
    assert Sealing.PASSPHRASE is found.sealing
    assert without_secrets(snapshot) == found.snapshot
    assert {
        "name": "bug",
        "bytes": path.stat().st_size,
        "time": "2026-01-01T00:00:00Z",
        "now_ns": snapshot.now_ns,
        "clock": {"mode": "scaled", "rate": "1/3"},
        "sequence": 17,
        "note": "before the third resync: it fails",
        "galh": "0.1.0",
        "secrets": "passphrase",
        "tokens": ["GALH00000042", "GALT00000007"],
    } == found.to_mapping()


# Writing.


def test_only_the_owner_reads_it(path: Path, snapshot: Snapshot) -> None:
    """The file has mode 0600, also where one with another mode was."""
    path.write_text("")
    path.chmod(0o644)
    save(path, snapshot)
    assert 0o600 == path.stat().st_mode & 0o777


def test_a_file_of_another_name(tmp_path: Path, snapshot: Snapshot) -> None:
    """A name that no list would find is refused."""
    for name in ("bug.json", ".galh-snapshot.json"):
        with pytest.raises(UsageError, match=r"its name must be NAME\.galh-snapshot\.json"):
            save(tmp_path / name, snapshot)
    assert [] == list(tmp_path.iterdir())


def test_no_more_than_can_be_read(
    path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be read again is not written."""
    save(path, snapshot)
    monkeypatch.setattr(file, "MAX_BYTES", path.stat().st_size)
    save(path, snapshot)
    load(path)
    monkeypatch.setattr(file, "MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(UsageError, match="take it of fewer tokens"):
        save(path, snapshot)
    with pytest.raises(SnapshotError, match="which no snapshot has"):
        load(path)


@pytest.mark.parametrize("call", ["open", "fsync", "fdopen"])
def test_full_disk(
    path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """On a full disk the file that was there stays whole, and nothing else is left."""
    save(path, snapshot)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(SnapshotError, match="No space left on device"):
            save(path, replace(snapshot, note="newer"))
    assert before == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


def test_killed_before_the_rename(
    path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill leaves the old file; what it left beside it is neither listed nor in the way."""

    class Killed(BaseException):
        """The process is no more: nothing tidies up."""

    def die(*_: object) -> None:
        raise Killed

    save(path, snapshot)
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(Killed):
            save(path, replace(snapshot, note="newer"))
    assert 2 == len(list(path.parent.iterdir()))
    assert before == path.read_bytes()
    assert [path] == files_in(path.parent)
    save(path, replace(snapshot, note="newer"))
    assert "newer" == load(path).note


# Reading.


def test_cut_off(path: Path, snapshot: Snapshot) -> None:
    """A file that is cut off anywhere is refused."""
    save(path, snapshot)
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(SnapshotError, match="cut off"):
            load(path)


def test_damaged(path: Path, snapshot: Snapshot) -> None:
    """A file in which one digit is another is refused."""
    save(path, snapshot)
    path.write_bytes(path.read_bytes().replace(b'"sequence": 17', b'"sequence": 18'))
    with pytest.raises(SnapshotError, match="damaged: its checksum is wrong"):
        load(path)
    with pytest.raises(SnapshotError, match="damaged: its checksum is wrong"):
        describe(path)


def test_another_version(path: Path, snapshot: Snapshot) -> None:
    """A file of another version is refused, and the error says what can read it."""
    save(path, snapshot)
    altered(path, lambda whole: whole.update(version=2))
    with pytest.raises(SnapshotError, match="version '2'; this release reads 1"):
        load(path)


def test_tampered_with(path: Path, snapshot: Snapshot, passphrase: Passphrase) -> None:
    """Who alters a sealed snapshot and mends the checksum is found out by the key."""
    save(path, snapshot, key=passphrase("open sesame"))
    altered(path, lambda whole: whole["content"].update(note="nothing to see here"))
    assert "nothing to see here" == load(path).note
    with pytest.raises(SnapshotKeyError, match="altered"):
        load(path, passphrase("open sesame"))


@pytest.mark.parametrize(
    ("known", "complaint"),
    [
        ({"GALH00000042": "ab" * 20}, "is another token's"),
        ({"GALH00000042": "ab"}, "can't be read"),
        ({"GALH00000042": "xy" * 20}, "can't be read"),
        ({"GALH00000042": 5}, "can't be read"),
        ([], "can't be read"),
        ({"GALH00000001": "ab" * 20}, "tokens that are not in it"),
    ],
)
def test_other_secrets(
    path: Path, snapshot: Snapshot, passphrase: Passphrase, known: object, complaint: str
) -> None:
    """Secrets that are no token's own are refused, and not told."""
    save(path, snapshot)
    whole = json.loads(path.read_bytes())
    bound = canonical({name: whole[name] for name in ("format", "version", "content")})
    sealed = passphrase("open sesame").seal(canonical(known), bound)
    altered(path, lambda whole: whole.update(secrets=sealed))
    with pytest.raises(SnapshotError, match=complaint) as caught:
        load(path, passphrase("open sesame"))
    assert "abab" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole.update(format="png"),
        lambda whole: whole.pop("content"),
        lambda whole: whole.pop("secrets"),
        lambda whole: whole.update(content=[]),
        lambda whole: whole.update(secrets=5),
        lambda whole: whole.update(more=5),
        lambda whole: whole.update(version=True),
    ],
)
def test_foreign(path: Path, snapshot: Snapshot, change: Callable[[dict[str, Any]], None]) -> None:
    """A file with parts missing, more than there are, or of another kind is refused."""
    save(path, snapshot)
    altered(path, change)
    for read in (load, describe):
        with pytest.raises(SnapshotError):
            read(path)


@pytest.mark.parametrize("content", [b"", b"null", b"[" * 100_000, b"\xff", b"1" * 5000])
def test_no_snapshot_at_all(path: Path, content: bytes) -> None:
    """What is no JSON object is refused."""
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match="not a snapshot"):
        load(path)


def test_no_file(path: Path) -> None:
    """A file that can't be read is named."""
    with pytest.raises(SnapshotError, match=r"bug\.galh-snapshot\.json can't be used: No such"):
        load(path)
    with pytest.raises(SnapshotError, match="No such"):
        files_in(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def paths_of(value: object, so_far: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to every part of a JSON value."""
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    else:
        return [so_far]
    return [so_far, *(way for name, part in parts for way in paths_of(part, (*so_far, name)))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_raises_only_snapshot_error(
    path: Path, snapshot: Snapshot, passphrase: Passphrase, data: st.DataObject
) -> None:
    """Whatever stands in a file, checksum right: a SnapshotError, or a snapshot that is read."""
    save(path, snapshot, key=passphrase("open sesame"))
    whole = json.loads(path.read_bytes())
    way = data.draw(st.sampled_from([way for way in paths_of(whole) if way]))
    value = data.draw(JSON)

    def change(whole: dict[str, Any]) -> None:
        part: Any = whole
        for name in way[:-1]:
            part = part[name]
        part[way[-1]] = copy.deepcopy(value)

    try:
        altered(path, change)
        for token in load(path).tokens:
            secret = snapshot.tokens[0].secret
            assert secret is not None
            token.read(secret)
        describe(path).to_mapping()
        load(path, passphrase("open sesame"))
    except SnapshotError:
        pass


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bytes(path: Path, content: bytes) -> None:
    """What has nothing to do with a snapshot is refused."""
    path.write_bytes(content)
    with pytest.raises(SnapshotError):
        load(path)


# Folders of them.


def test_files_in_a_folder(tmp_path: Path, snapshot: Snapshot) -> None:
    """A folder's snapshots are found by their names, sorted."""
    for name in ("b", "a"):
        save(file_of(tmp_path, name), snapshot)
    (tmp_path / "c.json").touch()
    assert ["a", "b"] == [describe(path).to_mapping()["name"] for path in files_in(tmp_path)]


@pytest.mark.parametrize("name", ["", ".", "..", "../etc", "a/b", "a\0", ".new-a", "x" * 81, "a\n"])
def test_names(tmp_path: Path, name: str) -> None:
    """A name can't lead out of the folder."""
    with pytest.raises(UsageError, match="a snapshot named"):
        file_of(tmp_path, name)
