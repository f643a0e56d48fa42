"""Feitian's XML: PSKC with the maker's name and the tokens' lifetime.

    DeviceInfo / Manufacturer, SerialNo;  Policy / StartDate, ExpiryDate

Feitian's own serial numbers have 13 digits; others are read and written too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from hosttools.seedfiles import pskc
from hosttools.seedfiles.model import SeedRecord

CARRIED: Final = pskc.CARRIED
"""The settings that the format has room for: PSKC's."""

MANUFACTURER: Final = "Feitian Technology Co.,Ltd"
"""The name in files that Feitian delivers (LinOTP's test suite has one)."""

_NAMED: Final = re.compile(rb"Manufacturer>\s*Feitian", re.IGNORECASE)


def looks_like(data: bytes) -> bool:
    """Whether a file is PSKC whose first tokens are Feitian's."""
    return pskc.looks_like(data) and _NAMED.search(data[:4096]) is not None


def parse_feitian_xml(
    data: bytes, source: str, *, key: bytes | None = None, password: str | None = None
) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Raises:
        SeedFileError: see :func:`~hosttools.seedfiles.pskc.parse_pskc`.
    """
    return pskc.parse_pskc(data, source, key=key, password=password)


def write_feitian_xml(
    records: Iterable[SeedRecord], *, key: bytes | None = None, password: str | None = None
) -> bytes:
    """Return the records as Feitian delivers them.

    Raises:
        SeedFileError: see :func:`~hosttools.seedfiles.pskc.write_pskc`.
    """
    return b"".join(piece for _, piece in feitian_pieces(records, key=key, password=password))


def feitian_pieces(
    records: Iterable[SeedRecord], *, key: bytes | None = None, password: str | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield the file in pieces, each with the tokens in it; see :func:`write_feitian_xml`.

    Elements have no prefix, as in the maker's files. A token that doesn't say who made it
    gets Feitian's name, by which the format is known.
    """
    named = (
        record if record.manufacturer else replace(record, manufacturer=MANUFACTURER)
        for record in records
    )
    for tokens, piece in pskc.pskc_pieces(named, key=key, password=password):
        # A "<" in a text is written as an entity, so these are tags and nothing else.
        bare = piece.replace(b"<pskc:", b"<").replace(b"</pskc:", b"</")
        yield tokens, bare.replace(b"xmlns:pskc=", b"xmlns=")
