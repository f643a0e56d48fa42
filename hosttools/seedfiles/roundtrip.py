"""One event and one time token through every format and back.

What a format has no room for is taken away first, as ``--drop`` does; all else
must come back as it was.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, Unpack

from firmware_model.oath import MAX_DIGITS, MIN_DIGITS, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.reader import read_seed_bytes
from hosttools.seedfiles.registry import Format, Keys

_COMMON: Final = SeedRecord(
    serial="GALH00000042",
    secret=Secret.from_hex("00112233445566778899aabbccddeeff00112233"),
    algorithm=Algorithm.SHA1,
    digits=6,
    starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=datetime(2031, 12, 31, tzinfo=UTC),
    manufacturer="Feitian Technology Co.,Ltd",
    model="One",
)
SAMPLES: Final[Mapping[TokenType, SeedRecord]] = {
    TokenType.EVENT: replace(_COMMON, token_type=TokenType.EVENT, counter=7),
    TokenType.TIME: replace(
        _COMMON,
        serial="GALT00000042",
        token_type=TokenType.TIME,
        step_s=60,
        time_steps=29_000_000,
        drift_steps=-3,
    ),
}
"""A made-up token of each type that says all that one can."""

LOCK: Final[Keys] = {"key": bytes(range(16))}
"""A key for the samples in a format that can be encrypted."""


def without(record: SeedRecord, row: Format) -> SeedRecord:
    """Return a record without what a format has no room for."""
    gone: dict[str, Any] = dict.fromkeys(row.lost(record))
    return replace(record, **gone)


def survives(record: SeedRecord, row: Format, **lock: Unpack[Keys]) -> bool | None:
    """Whether a record comes back from a format, which is told from the file's content.

    Args:
        record: the token.
        row: the format.
        lock: a key or password to write and read it with.

    Returns:
        ``None`` if the format has no such tokens.

    Raises:
        SeedFileError: what was written can't be read.
    """
    less = without(record, row)
    try:
        data = b"".join(piece for _, piece in row.write([less], **lock))
    except SeedFileError:
        return None
    return read_seed_bytes(data, str(row.name), **lock) == (less,)


def hashes_carried(row: Format) -> tuple[Algorithm, ...]:
    """Return the hashes that come back from a format, each with a secret as long as itself."""
    sized = {
        algorithm: Secret(bytes(range(hashlib.new(algorithm.value).digest_size)))
        for algorithm in Algorithm
    }
    return tuple(
        algorithm
        for algorithm, secret in sized.items()
        if "algorithm" in row.carried
        and any(
            survives(replace(record, algorithm=algorithm, secret=secret), row)
            for record in SAMPLES.values()
        )
    )


def digits_carried(row: Format) -> tuple[int, ...]:
    """Return the numbers of digits that come back from a format."""
    return tuple(
        digits
        for digits in range(MIN_DIGITS, MAX_DIGITS + 1)
        if "digits" in row.carried
        and any(survives(replace(record, digits=digits), row) for record in SAMPLES.values())
    )
