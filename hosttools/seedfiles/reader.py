"""Reading a seed file of any format that is known."""

import enum
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.oath_csv import parse_oath_csv
from hosttools.seedfiles.pskc import parse_pskc

MAX_BYTES: Final = 64 * 2**20
"""Longest file read unless told otherwise: some 80,000 tokens as PSKC, a million as CSV."""


class SeedFormat(enum.Enum):
    """The formats, by the names that options use."""

    OATH_CSV = "oath-csv"
    PSKC = "pskc"


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
        key: pre-shared key of an encrypted PSKC file.
        password: password of an encrypted PSKC file.
        max_bytes: refuse longer files, before they are read.

    Returns:
        At least one record; no serial number twice.

    Raises:
        SeedFileError: what is wrong, with file, line and record. Nothing is
            returned of a file that has an error anywhere.
        ShortSecretWarning: (a warning) a secret below 128 bits.
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
    return read_seed_bytes(data, source, format=format, key=key, password=password)


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
        key: pre-shared key of an encrypted PSKC file.
        password: password of an encrypted PSKC file.

    Raises:
        SeedFileError: what is wrong, with ``source``, line and record.
    """
    if key is not None and password is not None:
        raise SeedFileError("give a pre-shared key or a password, not both", source=source)
    if (format or guess_format(data)) is SeedFormat.PSKC:
        return _collect(parse_pskc(data, source, key=key, password=password), source)
    if key is not None or password is not None:
        raise SeedFileError("OATH CSV is never encrypted; leave out the key", source=source)
    return _collect(parse_oath_csv(data, source), source)


def guess_format(data: bytes) -> SeedFormat:
    """Tell the format from the content: what begins with ``<`` is XML, the rest CSV."""
    return (
        SeedFormat.PSKC
        if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
        else (SeedFormat.OATH_CSV)
    )


def _collect(found: Iterable[tuple[int, SeedRecord]], source: str) -> tuple[SeedRecord, ...]:
    lines: dict[str, int] = {}
    records: list[SeedRecord] = []
    for line, record in found:
        first = lines.setdefault(record.serial, line)
        records.append(record)
        if len(lines) < len(records):
            raise SeedFileError(
                f"the serial number of line {first} again; each may occur once",
                source=source,
                line=line,
                record=len(records),
            )
    if not records:
        raise SeedFileError("no tokens in it", source=source)
    return tuple(records)
