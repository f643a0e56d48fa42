"""A small JSON object in a file that a kill can't tear: two slots, written in turn.

    each slot:  4 bytes CRC-32 of the rest · 8 sequence · 4 length · JSON · zeros

The slot with the higher valid sequence is the present one. Written in place and not
synced: a killed process loses nothing, a machine that loses power may fall back to
an older object. What must never fall back (the counter) does not live here.
"""

import json
import os
import struct
from binascii import crc32
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from emulator.errors import StateError
from emulator.newfiles import write_new

SLOT_SIZE: Final = 512
_TO_JSON: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_HEAD: Final = struct.Struct(">IQI")
_LAST_SEQUENCE: Final = 2**64 - 1  # no honest file gets there


class SlotFile:
    """One JSON object, kept in two slots.

    Args:
        path: the file; made by :meth:`create`.
        created: what it was created with just now; ``None``: read the file.

    Raises:
        StateError: not such a file, or both slots damaged.
    """

    __slots__ = ("_path", "_sequence", "value")

    def __init__(self, path: Path, created: Mapping[str, Any] | None = None) -> None:
        self._path = os.fspath(path)  # takes less memory than a Path
        if created is not None:
            self._sequence, self.value = 1, dict(created)
            return
        try:
            raw = path.read_bytes()
        except OSError as e:
            raise StateError(f"{path} can't be read: {e.strerror}") from e
        slots = [_decode(raw[start : start + SLOT_SIZE]) for start in (0, SLOT_SIZE)]
        whole = [slot for slot in slots if slot is not None]
        if len(raw) != 2 * SLOT_SIZE or not whole:
            raise StateError(
                f"{path} is damaged or not a checkpoint of this program: move the folder that"
                " it is in away, or put a good copy back"
            )
        self._sequence, self.value = max(whole, key=lambda slot: slot[0])

    @staticmethod
    def create(
        path: Path, value: Mapping[str, Any], write: Callable[[Path, bytes], None] = write_new
    ) -> None:
        """Write a new file, readable by its owner alone.

        Args:
            path: where.
            value: the object.
            write: how: by itself and durable, or with others, see ``newfiles.py``.

        Raises:
            StateError: it can't be written, or is there already.
        """
        write(path, _encode(0, value) + _encode(1, value))

    def put(self, value: Mapping[str, Any]) -> None:
        """Replace the object.

        Raises:
            StateError: it can't be written; the one before stays.
        """
        slot = _encode(self._sequence + 1, value)
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                written = os.pwrite(fd, slot, SLOT_SIZE * ((self._sequence + 1) % 2))
            finally:
                os.close(fd)
        except OSError as e:
            raise StateError(f"{self._path} can't be written: {e.strerror}") from e
        if written != SLOT_SIZE:
            raise StateError(f"{self._path}: only {written} of {SLOT_SIZE} bytes were written")
        self._sequence += 1
        self.value = dict(value)


def _encode(sequence: int, value: Mapping[str, Any]) -> bytes:
    text = _TO_JSON(value).encode()
    if len(text) > SLOT_SIZE - _HEAD.size:
        raise StateError(f"a checkpoint of {len(text)} bytes; there is room for {SLOT_SIZE}")
    body = (_HEAD.pack(0, sequence, len(text)) + text).ljust(SLOT_SIZE, b"\0")[4:]
    return struct.pack(">I", crc32(body)) + body


def _decode(slot: bytes) -> tuple[int, dict[str, Any]] | None:
    if len(slot) != SLOT_SIZE:
        return None
    crc, sequence, length = _HEAD.unpack_from(slot)
    if crc != crc32(slot[4:]) or sequence >= _LAST_SEQUENCE:
        return None
    try:
        value = json.loads(slot[_HEAD.size : _HEAD.size + length])
    except (ValueError, RecursionError):
        return None
    return (sequence, value) if isinstance(value, dict) else None
