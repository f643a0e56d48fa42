"""A snapshot in a file: one JSON object, whole or not there, its damage told.

    {"format": "galh-snapshot", "version": 1,
     "content": …                what model.py says, without secrets
     "secrets": null or …        what sealing.py says: serial numbers and secrets, encrypted
     "sha256": …}                over all the rest, as canonical JSON

Files have mode 0600 and appear by a rename: a kill or a full disk leaves the old file,
or the new one, or none.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from emulator.clock import format_utc
from emulator.errors import UsageError
from emulator.jsonfile import replace_json, sync_folder
from emulator.snapshots.errors import SnapshotError, SnapshotKeyError
from emulator.snapshots.model import Snapshot, canonical
from emulator.snapshots.sealing import Sealing, SnapshotKey, sealing_of
from firmware_model.errors import SecretError
from firmware_model.oath import Secret

SUFFIX: Final = ".galh-snapshot.json"
FORMAT: Final = "galh-snapshot"
VERSION: Final = 1
MAX_BYTES: Final = 2**28
"""Largest file that is written or read: room for 100,000 tokens. Our default."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Description:
    """What can be told of a file without its key.

    Attributes:
        path: the file.
        size: its bytes.
        sealing: what became of the secrets.
        snapshot: the rest, without secrets.
    """

    path: Path
    size: int
    sealing: Sealing
    snapshot: Snapshot

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.name.removesuffix(SUFFIX)

    def to_mapping(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        snapshot = self.snapshot
        return {
            "name": self.name,
            "bytes": self.size,
            "time": format_utc(snapshot.now_ns),
            "now_ns": snapshot.now_ns,
            "clock": {"mode": snapshot.clock_mode, "rate": str(snapshot.rate)},
            "sequence": snapshot.sequence,
            "note": snapshot.note,
            "galh": snapshot.galh,
            "secrets": self.sealing.value,
            "tokens": list(snapshot.serials),
        }


def file_of(folder: Path, name: str) -> Path:
    """Return the file of a snapshot by its name in a folder.

    Raises:
        UsageError: a name that is none.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"a snapshot named {name[:80]!r}; allowed are 1 to 80 letters, digits, '_', '-' and"
            " '.', the last not in front"
        )
    return folder / f"{name}{SUFFIX}"


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder that are named like snapshots, sorted.

    Raises:
        SnapshotError: the folder can't be read.
    """
    with _explained(folder):
        return sorted(
            path
            for path in folder.iterdir()
            if path.name.endswith(SUFFIX) and not path.name.startswith(".") and path.is_file()
        )


def save(path: Path, snapshot: Snapshot, *, key: SnapshotKey | None = None) -> None:
    """Write a snapshot, in the place of a file that is there.

    Args:
        path: where; its name must end in :data:`SUFFIX`.
        snapshot: what.
        key: encrypts the secrets; ``None``: they are left out.

    Raises:
        UsageError: another name, or too many tokens.
        SnapshotError: it can't be written; what was there stays.
    """
    if not path.name.endswith(SUFFIX) or path.name == SUFFIX:
        raise UsageError(f"snapshot file {path.name}; its name must be NAME{SUFFIX}")
    whole: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "content": snapshot.to_mapping(),
        "secrets": None,
    }
    if key is not None:
        known = {
            token.serial: token.secret.reveal().hex()
            for token in snapshot.tokens
            if token.secret is not None
        }
        whole["secrets"] = key.seal(canonical(known), _bound_to(whole))
    whole["sha256"] = _checksum(whole)
    size = len(json.dumps(whole))
    if size > MAX_BYTES:
        raise UsageError(
            f"a snapshot of {len(snapshot.tokens)} tokens would have {size} bytes; allowed are"
            f" {MAX_BYTES}: take it of fewer tokens"
        )
    with _explained(path):
        replace_json(path, whole)
        sync_folder(path.absolute().parent)


def load(path: Path, key: SnapshotKey | None = None) -> Snapshot:
    """Read a snapshot.

    Args:
        path: the file.
        key: opens its secrets; ``None``: they are left alone. None is needed where they
            were left out.

    Raises:
        SnapshotKeyError: the wrong passphrase or key file; nothing was loaded.
        SnapshotError: it can't be read, or is foreign, damaged, too large, or of another
            version.
    """
    with _named(path):
        whole = _read(path)
        snapshot = _snapshot(whole)
        if key is not None and sealing_of(whole["secrets"]) is not Sealing.LEFT_OUT:
            return _with_secrets(snapshot, key.open(whole["secrets"], _bound_to(whole)))
        return snapshot


def describe(path: Path) -> Description:
    """Return what can be told of a file without its key.

    Raises:
        SnapshotError: see :func:`load`.
    """
    with _named(path):
        whole = _read(path)
        with _explained(path):
            size = path.stat().st_size
        return Description(path, size, sealing_of(whole["secrets"]), _snapshot(whole))


def _read(path: Path) -> dict[str, Any]:
    """Return the parts of a file of this format and version that is whole."""
    with _explained(path), path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise SnapshotError(f"it has more than {MAX_BYTES} bytes, which no snapshot has")
    try:
        whole = json.loads(raw)
        del raw
        if not isinstance(whole, dict) or whole.get("format") != FORMAT:
            raise SnapshotError("not a snapshot: its format is not galh-snapshot")
        if type(whole.get("version")) is not int or whole["version"] != VERSION:
            raise SnapshotError(
                f"a snapshot of version {str(whole.get('version'))[:20]!r}; this release reads"
                f" {VERSION}: read it with the release that wrote it"
            )
        given = whole.pop("sha256", None)
        if given != _checksum(whole):
            raise SnapshotError("it is damaged: its checksum is wrong; take a good copy")
    except (ValueError, RecursionError):
        raise SnapshotError("not a snapshot, or cut off: it is not JSON") from None
    if set(whole) != {"format", "version", "content", "secrets"}:
        raise SnapshotError("not a snapshot: it has parts missing, or more than there are")
    return whole


def _snapshot(whole: Mapping[str, Any]) -> Snapshot:
    if not isinstance(whole["content"], dict):
        raise SnapshotError("its content is no JSON object")
    sealing_of(whole["secrets"])
    return Snapshot.from_mapping(whole["content"])


def _with_secrets(snapshot: Snapshot, plain: bytes) -> Snapshot:
    try:
        known = {
            serial: Secret.again(bytes.fromhex(text)) for serial, text in json.loads(plain).items()
        }
    except (ValueError, RecursionError, TypeError, AttributeError, SecretError):
        # Says nothing of what it found: it may be half a secret.
        raise SnapshotError("its secrets can't be read") from None
    tokens = []
    for token in snapshot.tokens:
        secret = known.pop(token.serial, None)
        if secret is not None and token.own_secret([secret]) is None:
            raise SnapshotError(f"the secret of token {token.serial} is another token's")
        tokens.append(replace(token, secret=secret))
    if known:
        raise SnapshotError("it holds secrets of tokens that are not in it")
    return replace(snapshot, tokens=tuple(tokens))


def _bound_to(whole: Mapping[str, Any]) -> bytes:
    return canonical({name: whole[name] for name in ("format", "version", "content")})


def _checksum(whole: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(whole)).hexdigest()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say in an error of which file it is."""
    try:
        yield
    except SnapshotError as e:
        kind = SnapshotKeyError if isinstance(e, SnapshotKeyError) else SnapshotError
        text = str(e) if str(path) in str(e) else f"snapshot {path}: {e}"
        raise kind(text) from None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        raise SnapshotError(f"{path} can't be used: {e.strerror}") from e
