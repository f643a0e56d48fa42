"""Reading a seed file of any format that is known."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.registry import FORMATS, SeedFormat, guess_format

MAX_BYTES: Final = 256 * 2**20
"""Longest file read unless told otherwise: four million tokens as CSV, and more PSKC than
:data:`~hosttools.seedfiles.xml_guard.MAX_NODES` lets pass."""


def read_seeds(
    path: str | Path,
    *,
    format: SeedFormat | None = None,  # noqa: A002 (the word that people know)
    key: bytes | None = None,
    password: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> tuple[SeedRecord, ...]:
    """Read all tokens of a seed file.

    Args:
        path: the file.
        format: what it is; ``None`` to tell from its content.
        key: pre-shared key of an encrypted file.
        password: password of an encrypted file.
        max_bytes: refuse longer files, before they are read.

    Returns:
        At least one record; no serial number twice.

    Raises:
        SeedKeyError: it is encrypted, and neither key nor password is given.
        SeedFileError: what is wrong, with file, line and record. Nothing is
            returned of a file that has an error anywhere.
        ShortSecretWarning: (a warning) a secret below 128 bits.
    """
    data = load_bytes(path, max_bytes=max_bytes)
    return read_seed_bytes(data, str(path), format=format, key=key, password=password)


def read_seed(path: str | Path, serial: str | None = None) -> SeedRecord:
    """Read one token of a seed file.

    Args:
        path: the file.
        serial: which token; ``None``: the first one.

    Raises:
        SeedFileError: it is not in there, or as of :func:`read_seeds`.
    """
    for record in read_seeds(path):
        if serial in {None, record.serial}:
            return record
    raise SeedFileError(f"no token {serial} in it; is it the right file?", source=str(path))


def load_bytes(path: str | Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return a seed file's content.

    Raises:
        SeedFileError: it can't be read, or is longer than ``max_bytes``.
    """
    source = str(path)
    try:
        with Path(path).open("rb") as file:
            # A regular file says its length; a pipe or device is cut off.
            size = os.fstat(file.fileno()).st_size
            data = file.read(max_bytes + 1) if size <= max_bytes else b""
    except (OSError, ValueError) as e:  # ValueError: a NUL in the name
        reason = e.strerror if isinstance(e, OSError) and e.strerror else "not a file name"
        raise SeedFileError(f"can't be read: {reason}", source=source) from None
    if max(size, len(data)) > max_bytes:
        raise SeedFileError(
            f"longer than {max_bytes} bytes; split it, or raise the limit", source=source
        )
    return data


def read_seed_bytes(
    data: bytes,
    source: str,
    *,
    format: SeedFormat | None = None,  # noqa: A002 (the word that people know)
    key: bytes | None = None,
    password: str | None = None,
) -> tuple[SeedRecord, ...]:
    """Read all tokens of a seed file's content; see :func:`read_seeds`.

    Args:
        data: the content.
        source: name to use in messages.
        format: what it is; ``None`` to tell from its content.
        key: pre-shared key of an encrypted file.
        password: password of an encrypted file.

    Raises:
        SeedFileError: what is wrong, with ``source``, line and record.
    """
    found = each_seed(data, source, format=format, key=key, password=password)
    return tuple(record for _, record in found)


def each_seed(
    data: bytes,
    source: str,
    *,
    format: SeedFormat | None = None,  # noqa: A002 (the word that people know)
    key: bytes | None = None,
    password: str | None = None,
) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line and the record of each token as it is read; see :func:`read_seed_bytes`."""
    if key is not None and password is not None:
        raise SeedFileError("give a pre-shared key or a password, not both", source=source)
    row = FORMATS[format or guess_format(data)]
    return _unique(row.parse(data, source, key=key, password=password), source)


def _unique(
    found: Iterable[tuple[int, SeedRecord]], source: str
) -> Iterator[tuple[int, SeedRecord]]:
    lines: dict[str, int] = {}
    for number, (line, record) in enumerate(found, 1):
        first = lines.setdefault(record.serial, line)
        if len(lines) < number:
            raise again(first, line, number, source)
        yield line, record
    if not lines:
        raise SeedFileError("no tokens in it", source=source)


def again(first: int, line: int, number: int, source: str) -> SeedFileError:
    """Return the error that a serial number was there before.

    Args:
        first: the line where it was.
        line: the line where it is again.
        number: the record there, from 1.
        source: the file.
    """
    return SeedFileError(
        f"the serial number of line {first} again; each may occur once",
        source=source,
        line=line,
        record=number,
    )
