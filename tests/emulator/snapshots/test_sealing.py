"""Encrypted secrets: who gets at them, who doesn't, and what a hostile file can ask for."""

import base64
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import UsageError
from emulator.snapshots import Sealing, SnapshotError, SnapshotKey, SnapshotKeyError, new_key
from emulator.snapshots.sealing import SCRYPT_N, sealing_of

Passphrase = Callable[[str], SnapshotKey]
PLAIN = b"nobody's business"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Return a key file."""
    path = tmp_path / "key"
    path.write_bytes(base64.b64encode(bytes(range(32))) + b"\n")
    return path


def test_passphrase(passphrase: Passphrase) -> None:
    """The same passphrase opens what it sealed; each sealing is another."""
    sealed = [passphrase("open sesame").seal(PLAIN, b"this") for _ in range(2)]
    assert PLAIN == passphrase("open sesame").open(sealed[0], b"this")
    assert sealed[0]["data"] != sealed[1]["data"]
    assert Sealing.PASSPHRASE is sealing_of(sealed[0])


def test_default_cost() -> None:
    """A passphrase costs 128 MiB of memory to try."""
    sealed = SnapshotKey.from_passphrase("open sesame").seal(PLAIN, b"")
    assert {"n": 2**17, "r": 8, "p": 1}.items() <= sealed["kdf"].items()
    assert SCRYPT_N * 8 * 128 == 128 * 2**20


def test_the_same_passphrase_from_another_keyboard(passphrase: Passphrase) -> None:
    """An ü is an ü, in one character or two."""
    sealed = passphrase("M\u00fcnchen").seal(PLAIN, b"")
    assert PLAIN == passphrase("Mu\u0308nchen").open(sealed, b"")


@pytest.mark.parametrize("raw", [bytes(range(32)), base64.b64encode(bytes(range(32)))])
def test_key_file(key_file: Path, tmp_path: Path, raw: bytes) -> None:
    """A key file is 32 bytes, raw or in base64."""
    other = tmp_path / "other"
    other.write_bytes(raw)
    sealed = SnapshotKey.from_key_file(key_file).seal(PLAIN, b"")
    assert Sealing.KEY_FILE is sealing_of(sealed)
    assert PLAIN == SnapshotKey.from_key_file(other).open(sealed, b"")


@pytest.mark.parametrize("raw", [b"", b"short", b"x" * 33, b"\xff" * 44, b"x" * 5000])
def test_no_key_file(tmp_path: Path, raw: bytes) -> None:
    """A file of another size is no key file; what is in it is not told."""
    path = tmp_path / "key"
    path.write_bytes(raw)
    with pytest.raises(UsageError, match="key") as caught:
        SnapshotKey.from_key_file(path)
    assert not raw or raw[:5].decode("latin-1") not in str(caught.value).replace(str(path), "")


def test_no_file_at_all(tmp_path: Path) -> None:
    """A file that is not there is a usage error."""
    with pytest.raises(UsageError, match="can't be read"):
        SnapshotKey.from_key_file(tmp_path / "nowhere")


def test_new_key(tmp_path: Path) -> None:
    """A new key is one, and no other is the same."""
    (tmp_path / "key").write_bytes(new_key())
    assert Sealing.KEY_FILE is SnapshotKey.from_key_file(tmp_path / "key").sealing
    assert new_key() != new_key()


def test_passphrase_file(passphrase: Passphrase, tmp_path: Path) -> None:
    """The first line of a file is the passphrase, however lines end there."""
    path = tmp_path / "passphrase"
    path.write_bytes(b" open sesame \r\nnot this\n")
    sealed = passphrase(" open sesame ").seal(PLAIN, b"")
    assert PLAIN == SnapshotKey.from_passphrase_file(path).open(sealed, b"")


@pytest.mark.parametrize("raw", [b"", b"\nsecond line", b"\xff\xfe"])
def test_no_passphrase_file(tmp_path: Path, raw: bytes) -> None:
    """A first line that is empty or no text is no passphrase."""
    path = tmp_path / "passphrase"
    path.write_bytes(raw)
    with pytest.raises(UsageError, match="passphrase"):
        SnapshotKey.from_passphrase_file(path)


@pytest.mark.parametrize("text", ["", "\ud800"])
def test_no_passphrase(text: str) -> None:
    """A passphrase is a text that is not empty."""
    with pytest.raises(UsageError, match="passphrase"):
        SnapshotKey.from_passphrase(text)


def test_wrong_passphrase(passphrase: Passphrase) -> None:
    """Another passphrase opens nothing, and neither of them is told."""
    sealed = passphrase("open sesame").seal(PLAIN, b"")
    with pytest.raises(SnapshotKeyError, match="this passphrase doesn't open") as caught:
        passphrase("open barley").open(sealed, b"")
    assert "sesame" not in str(caught.value)
    assert "barley" not in str(caught.value)


def test_key_of_another_kind(passphrase: Passphrase, key_file: Path) -> None:
    """Who gives a key file for a passphrase is told which is needed."""
    key = SnapshotKey.from_key_file(key_file)
    with pytest.raises(SnapshotKeyError, match="with a passphrase, and a key file was given"):
        key.open(passphrase("open sesame").seal(PLAIN, b""), b"")
    with pytest.raises(SnapshotKeyError, match="with a key file, and a passphrase was given"):
        passphrase("open sesame").open(key.seal(PLAIN, b""), b"")


def test_bound_to_the_rest(passphrase: Passphrase) -> None:
    """Secrets that are moved to another snapshot are not opened."""
    sealed = passphrase("open sesame").seal(PLAIN, b"this")
    with pytest.raises(SnapshotKeyError, match="altered"):
        passphrase("open sesame").open(sealed, b"that")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"n": 2**30}, "more than 256 MiB"),
        ({"n": 2**21, "r": 1}, "more than 256 MiB, or can't be"),
        ({"r": 2**40}, "more than 256 MiB"),
        ({"p": 5}, "p 1 to 4"),
        ({"n": 3}, "power of two"),
        ({"n": 1}, "power of two"),
        ({"n": -4}, "power of two"),
        ({"r": 0}, "r above 0"),
        ({"n": 2.0}, "whole numbers"),
        ({"p": True}, "whole numbers"),
        ({"n": None}, "whole numbers"),
        ({"name": "pbkdf2"}, "another way"),
        ({"salt": ""}, "salt"),
        ({"salt": "A" * 400}, "salt"),
        ({"salt": "!"}, "base64"),
        ({"salt": 5}, "base64"),
    ],
)
def test_parameters_are_bounded(
    passphrase: Passphrase, change: dict[str, Any], complaint: str
) -> None:
    """A file that asks for much memory or time is refused before any of it is spent."""
    sealed = passphrase("open sesame").seal(PLAIN, b"")
    sealed["kdf"] |= change
    for look in (sealing_of, lambda value: passphrase("open sesame").open(value, b"")):
        with pytest.raises(SnapshotError, match=complaint):
            look(sealed)


@pytest.mark.parametrize(
    "change",
    [
        {"cipher": "ROT13"},
        {"kdf": []},
        {"kdf": 5},
        {"nonce": "AAAA"},
        {"nonce": None},
        {"data": "%"},
        {"data": ""},
        {"data": []},
    ],
)
def test_nothing_that_was_sealed(passphrase: Passphrase, change: dict[str, Any]) -> None:
    """Parts that can't be are refused."""
    sealed = passphrase("open sesame").seal(PLAIN, b"") | change
    with pytest.raises(SnapshotError):
        passphrase("open sesame").open(sealed, b"")


@pytest.mark.parametrize("value", [5, [], "AES-256-GCM", {}, {"cipher": "AES-256-GCM"}])
def test_no_sealing(value: Any) -> None:  # noqa: ANN401  # what JSON gives
    """What is no encrypted part is refused; none at all means that secrets were left out."""
    with pytest.raises(SnapshotError):
        sealing_of(value)
    assert Sealing.LEFT_OUT is sealing_of(None)


def test_gives_nothing_away(passphrase: Passphrase) -> None:
    """A key shows in no repr, and is not pickled."""
    key = passphrase("open sesame")
    assert "<SnapshotKey from a passphrase>" == repr(key) == str(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)
