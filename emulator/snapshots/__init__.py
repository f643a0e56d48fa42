"""Snapshots: tokens of a bench at one moment, in a file that loads on another machine."""

from emulator.snapshots.errors import SnapshotError, SnapshotKeyError
from emulator.snapshots.file import SUFFIX, Description, describe, file_of, files_in, load, save
from emulator.snapshots.model import Snapshot, TokenSnapshot
from emulator.snapshots.restore import Restored, restore, start_ns
from emulator.snapshots.sealing import Sealing, SnapshotKey, new_key
from emulator.snapshots.take import take

__all__ = [
    "SUFFIX",
    "Description",
    "Restored",
    "Sealing",
    "Snapshot",
    "SnapshotError",
    "SnapshotKey",
    "SnapshotKeyError",
    "TokenSnapshot",
    "describe",
    "file_of",
    "files_in",
    "load",
    "new_key",
    "restore",
    "save",
    "start_ns",
    "take",
]
