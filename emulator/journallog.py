"""The journal on disk: append-only, in records that a kill can't tear.

    DIR/0000000000000001.log    records from number 1 on
    DIR/0000000000031416.log    the next segment; a new one begins when one is full

A line is a record: CRC-32 of what follows in hex, the number, the record as JSON, LF.

Why a kill tears none: a kill in the middle of a write leaves whole pages of it and
nothing of the rest (measured: records of a size that divides 4096 never tore in 4,000
kills). So no record crosses a page: where it would, empty lines fill the page first.
The few that are longer than a page begin one.

A power cut can do worse, since nothing in here is synced: the tokens' memories are,
and they decide the counters. So when a log is opened, what follows the first damaged
line of its last segment is cut off, and kept beside it as ``….cut`` if there was a
whole record in it. Numbers go on from the last good one.
"""

import json
import logging
import os
import re
import weakref
import zlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from emulator.errors import StateError
from emulator.journal import Event, Record
from emulator.journalform import KINDS, from_log, kind_name, to_log

_log = logging.getLogger(__name__)

SEGMENT: Final = 4 * 1024 * 1024
"""Bytes from which a new segment begins: of which a start checks every line."""

LOOK_BACK: Final = 32
"""Segments that a start searches for what it has to remember: a million records, and far
more than the longest series of presses makes."""

_PAGE: Final = 4096
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode  # dumps() would make one each time

_FEW: Final = 100
"""Tokens that a search tells apart by itself; of more, all records are read."""

_CRC: Final = 8
"""Characters of the checksum."""

_EVERY_LINE: Final = re.compile(rb"[^\n]+")
_NUMBER: Final = re.compile(rb"\n[0-9a-f]{8} ([0-9]{1,18}) ")


class JournalLog:
    """The segments in one folder. Belongs to the one process that has the state directory.

    Args:
        path: the folder; made if it is not there.
        segment: bytes from which a new segment begins.

    Raises:
        StateError: it can't be read or written.
    """

    def __init__(self, path: Path, *, segment: int = SEGMENT) -> None:
        self._path = path
        self._segment = segment
        self._size = 0
        self._fd: int | None = None
        self._give_back: weakref.finalize[..., JournalLog] | None = None
        try:
            path.mkdir(mode=0o700, exist_ok=True)
            self._firsts = sorted(int(file.stem) for file in path.glob("*.log"))
            self._head = self._firsts[-1] - 1 if self._firsts else 0
            if self._firsts:
                self._mend(self._file(self._firsts[-1]))
        except OSError as e:
            raise self._failed("opened", e) from e
        except ValueError:
            raise StateError(f"{path} holds logs that are not ours; move them away") from None

    @property
    def head(self) -> int:
        """Number of the newest record; 0 before the first."""
        return self._head

    @property
    def oldest(self) -> int:
        """Number of the oldest record; segments may have been taken away."""
        return self._firsts[0] if self._firsts else 1

    def close(self) -> None:
        """Give the descriptor back."""
        if self._give_back is not None:
            self._give_back()
            self._fd = self._give_back = None

    def write(self, records: Collection[Record]) -> None:
        """Add records.

        Raises:
            StateError: they can't be written; none of them is.
        """
        first = next(iter(records)).sequence
        try:
            fd = self._open(first)
            data = bytearray()
            for record in records:
                line = _line(record)
                room = -(self._size + len(data)) % _PAGE
                if len(line) > room and room:
                    data += b"\n" * room
                data += line
            self._append(fd, data)
        except OSError as e:
            raise self._failed("written", e) from e
        self._head = first + len(records) - 1

    def _append(self, fd: int, data: bytearray) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.pwrite(fd, data[written:], self._size + written)
        except OSError:
            os.ftruncate(fd, self._size)  # half of it would look like damage
            raise
        self._size += len(data)

    def _open(self, first: int) -> int:
        """Return the descriptor of the segment that comes next."""
        if self._fd is not None and self._size >= self._segment:
            self.close()
            self._firsts.append(first)
        if self._fd is None:
            if not self._firsts:
                self._firsts.append(first)
            flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._fd = os.open(self._file(self._firsts[-1]), flags, 0o600)
            # A bench that nobody closes must not keep it for as long as the process lives.
            self._give_back = weakref.finalize(self, os.close, self._fd)
            self._size = os.fstat(self._fd).st_size
        return self._fd

    def read(self, cursor: int, serials: Collection[str] | None = None) -> Iterator[Record]:
        """Return the records after number ``cursor``, oldest first.

        Args:
            cursor: the last number that is known.
            serials: only of these tokens; ``None``: all, the bench's own too.

        Raises:
            StateError: they can't be read, or are damaged.
        """
        all_of_them = serials is None or len(serials) > _FEW
        wanted = _EVERY_LINE if all_of_them else _wanted(KINDS, serials)
        start = max(bisect_right(self._firsts, cursor + 1) - 1, 0)
        for first in self._firsts[start:]:
            yield from self._find(first, wanted, cursor)

    def back(self, before: int, serial: str, kinds: Collection[type[Event]]) -> Iterator[Record]:
        """Return a token's records of some kinds with numbers below one, newest first.

        Raises:
            StateError: they can't be read, or are damaged.
        """
        wanted = _wanted(map(kind_name, kinds), (serial,))
        for first in reversed(self._firsts[: bisect_right(self._firsts, before - 1)]):
            for record in reversed(list(self._find(first, wanted))):
                if record.sequence < before:
                    yield record

    def _bytes(self, first: int) -> bytes:
        try:
            return self._file(first).read_bytes()
        except OSError as e:
            raise self._failed("read", e) from e

    def tail(self, *kinds: str) -> Iterator[Record]:
        """Return records of some kinds in the last :data:`LOOK_BACK` segments, oldest first.

        Raises:
            StateError: they can't be read, or are damaged.
        """
        for first in self._firsts[-LOOK_BACK:]:
            yield from self._find(first, _wanted(kinds))

    def _find(self, first: int, wanted: re.Pattern[bytes], after: int = 0) -> Iterator[Record]:
        """Return the records of a segment that match; the others are not looked at."""
        file, data = self._file(first), self._bytes(first)
        for found in wanted.finditer(data, _near(data, after)):
            begin, end = data.rfind(b"\n", 0, found.start()) + 1, data.find(b"\n", found.end())
            number, body = _open_line(data[begin:end], file)
            if number > after:
                yield _record(body, file)

    def _mend(self, file: Path) -> None:
        """Find the last good record, and cut off what follows."""
        data = file.read_bytes()
        good = 0
        while good < len(data):
            end = data.find(b"\n", good)
            line = data[good:end]
            if end < 0:
                break
            if line:
                try:
                    self._head, _ = _open_line(line, file)
                except StateError:
                    break
            good = end + 1
        if good == len(data):
            return
        if _has_record(data[good:], file):
            saved = file.with_name(f"{file.name}.cut")
            saved.touch(mode=0o600)
            saved.write_bytes(data[good:])
            _log.warning(
                "%s was damaged after record %d, as by a power cut; the rest is in %s",
                file,
                self._head,
                saved,
            )
        os.truncate(file, good)

    def _file(self, first: int) -> Path:
        return self._path / f"{first:016}.log"

    def _failed(self, what: str, error: OSError) -> StateError:
        return StateError(f"the journal {self._path} can't be {what}: {error.strerror}")


def _line(record: Record) -> bytes:
    body = _encode(to_log(record))
    text = f"{record.sequence} {body}".encode()
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _near(data: bytes, cursor: int) -> int:
    """Return where a line begins, not far before the one after number ``cursor``."""
    low, high = 0, len(data)
    while high - low > _PAGE:
        middle = (low + high) // 2
        line = _NUMBER.search(data, middle, high)
        if line is not None and int(line[1]) <= cursor:
            low = line.start() + 1
        else:
            high = middle
    return low


def _wanted(kinds: Iterable[str], serials: Iterable[str] | None = None) -> re.Pattern[bytes]:
    """Return what is once in each line of some kinds and tokens, and in no other line.

    Texts in a line have their quotes escaped.
    """
    if serials is None:
        return re.compile(f'"kind":"(?:{"|".join(kinds)})"'.encode())
    names = "|".join(re.escape(_encode(serial)) for serial in serials)
    return re.compile(f'"serial":(?:{names}),"kind":"(?:{"|".join(kinds)})"'.encode())


def _open_line(line: bytes, file: Path) -> tuple[int, bytes]:
    """Return the number and the JSON of a line that is whole."""
    crc, _, text = line.partition(b" ")
    number, _, body = text.partition(b" ")
    if len(crc) != _CRC or crc != b"%08x" % zlib.crc32(text) or not number.isdigit():
        raise StateError(f"{file} is damaged at {line[:30]!r}; move it away to go on without it")
    return int(number), body


def _record(body: bytes, file: Path) -> Record:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise StateError(f"{file} holds a record that is no JSON") from None
    if not isinstance(data, dict):
        raise StateError(f"{file} holds a record that is no JSON object")
    return from_log(data)


def _has_record(data: bytes, file: Path) -> bool:
    for line in data.split(b"\n"):
        try:
            _open_line(line, file)
        except StateError:
            continue
        return True
    return False
