"""Where a token's NVM lives: the seam, and its two real ends.

A token's write counts once ``sync`` has returned and the bytes read back are the
bytes written. The test double that drops, reorders and tears what was not synced
is in ``emulator.testing``.
"""

import os
from pathlib import Path
from typing import Final, Protocol

from emulator.errors import StateError


class Flash(Protocol):
    """The bytes of one NVM image."""

    def read(self) -> bytes:
        """Return the whole image."""

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes in place; lost or torn by a power cut until ``sync`` returns."""

    def sync(self) -> None:
        """Return once everything written is durable."""


class MemoryFlash:
    """An image that is gone when the process ends."""

    __slots__ = ("_image",)

    def __init__(self, image: bytes) -> None:
        self._image = image

    def read(self) -> bytes:
        """Return the whole image."""
        return self._image

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes in place."""
        self._image = self._image[:offset] + data + self._image[offset + len(data) :]

    def sync(self) -> None:
        """Memory has nothing to wait for."""


class FileFlash:
    """An image in a file, written in place: ``pwrite`` and ``fdatasync``.

    Holds a descriptor from a write to the read-back after it and no longer, so that a
    bench of thousands of tokens needs none. A file that somebody has removed meanwhile
    is an error, not a new file.

    Args:
        path: an existing image file.
    """

    __slots__ = ("_fd", "_path")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def read(self) -> bytes:
        """Return the whole image.

        Raises:
            StateError: it can't be read.
        """
        try:
            return os.pread(self._open(), _MORE_THAN_AN_IMAGE, 0)
        except OSError as e:
            raise StateError(f"{self._path} can't be read: {e.strerror}") from e
        finally:
            self._close()

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes in place.

        Raises:
            StateError: they could not all be written.
        """
        try:
            written = os.pwrite(self._open(), data, offset)
        except OSError as e:
            self._close()
            raise StateError(f"{self._path} can't be written: {e.strerror}") from e
        if written != len(data):
            self._close()
            raise StateError(f"{self._path}: only {written} of {len(data)} bytes were written")

    def sync(self) -> None:
        """Return once everything written is durable.

        Raises:
            StateError: the disk says that it is not.
        """
        try:
            os.fdatasync(self._open())
        except OSError as e:
            self._close()
            raise StateError(f"{self._path} can't be synced: {e.strerror}") from e

    def _open(self) -> int:
        if self._fd is None:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        return self._fd

    def _close(self) -> None:
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)


_MORE_THAN_AN_IMAGE: Final = 4096


def commit(flash: Flash, offset: int, data: bytes) -> None:
    """Write bytes so that they stay, and read them back.

    Raises:
        StateError: they are not durable, or not what was written.
    """
    flash.write(offset, data)
    flash.sync()
    if flash.read()[offset : offset + len(data)] != data:
        raise StateError(f"the {len(data)} bytes written at {offset} of the NVM read back wrong")
