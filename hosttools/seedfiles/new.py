"""New tokens, as a factory would make them: unique serial numbers, random secrets.

Drawn from the system's generator, hence in here and not in the model; or
worked out from a test seed, the same ones every time, and then marked as
practice seeds.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

from firmware_model.identifier import identify
from firmware_model.oath import MAX_SECRET_BYTES, MIN_SECRET_BYTES, Secret
from firmware_model.profile import Profile, TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord

SERIALS: Final = 10**8
"""Serial numbers behind one prefix: 8 digits."""

_PATTERN: Final = re.compile(r"([A-Z0-9]+)\[0-9\]\{8\}")


def new_seed(
    profile: Profile,
    serial: str | None = None,
    *,
    secret_bytes: int = 20,
    test_seed: str | None = None,
) -> SeedRecord:
    """Return one new token; see :func:`new_seeds`.

    Args:
        profile: what kind of token.
        serial: its serial number, which the profile must know; ``None`` for a
            random one.
        secret_bytes: length of its secret, 10 to 64.
        test_seed: see :func:`new_seeds`.

    Raises:
        SeedFileError: a length out of range, or a serial number is needed.
        IdentifierError: a serial number that the profile does not know.

    >>> from firmware_model.products import GALH
    >>> new_seed(GALH, "galh 0000 0007").serial
    'GALH00000007'
    """
    if serial is None:
        (record,) = new_seeds(profile, 1, secret_bytes=secret_bytes, test_seed=test_seed)
        return record
    known, _ = identify(serial, (profile,))
    return _make(profile, known, secret_bytes, test_seed)


def new_seeds(
    profile: Profile,
    count: int,
    *,
    first: int | None = None,
    secret_bytes: int = 20,
    test_seed: str | None = None,
) -> tuple[SeedRecord, ...]:
    """Return new tokens with serial numbers in a row and secrets of their own.

    What the profile sets is written into each record, so that its file stands
    for itself.

    Args:
        profile: what kind of token. Its serial pattern must be a prefix and
            eight digits, as the built-in profiles have it.
        count: how many.
        first: the number of the first one; ``None`` for a random place, or for 0 with a
            test seed.
        secret_bytes: length of each secret, 10 to 64.
        test_seed: a text to work the secrets out from, each with its serial number, so
            that a test has the same tokens every time. Whoever knows it knows them all.

    Raises:
        SeedFileError: an argument out of range.
    """
    match = _PATTERN.fullmatch(profile.serial_pattern)
    if match is None:
        raise SeedFileError(
            f"profile {profile.name} has serial numbers like {profile.serial_pattern}, which can't"
            " be counted up; give one"
        )
    if not 1 <= count <= SERIALS:
        raise SeedFileError(f"{count} new tokens; allowed are 1 to {SERIALS}")
    last_start = SERIALS - count
    if first is None:
        first = secrets.randbelow(last_start + 1) if test_seed is None else 0
    if not 0 <= first <= last_start:
        raise SeedFileError(
            f"{count} new tokens from number {first}; the first may be 0 to {last_start}"
        )
    prefix = match[1]
    return tuple(
        _make(profile, f"{prefix}{number:08d}", secret_bytes, test_seed)
        for number in range(first, first + count)
    )


def _make(
    profile: Profile, serial: str, secret_bytes: int, test_seed: str | None = None
) -> SeedRecord:
    if not MIN_SECRET_BYTES <= secret_bytes <= MAX_SECRET_BYTES:
        raise SeedFileError(
            f"a secret of {secret_bytes} bytes; allowed are {MIN_SECRET_BYTES} to"
            f" {MAX_SECRET_BYTES}"
        )
    if test_seed is None:
        raw = secrets.token_bytes(secret_bytes)
    else:
        raw = hmac.digest(test_seed.encode(), serial.encode(), hashlib.sha512)[:secret_bytes]
    event = profile.token_type is TokenType.EVENT
    return SeedRecord(
        serial=serial,
        secret=Secret(raw),
        token_type=profile.token_type,
        algorithm=profile.algorithm,
        digits=profile.digits,
        counter=profile.first_counter if event else None,
        step_s=None if event else profile.step_s,
        # No seed file has room for a T0, and none is needed for 0.
        t0_s=None if event else profile.t0_s or None,
        practice=test_seed is not None,
    )
