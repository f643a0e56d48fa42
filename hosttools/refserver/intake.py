"""From a seed file's record to what a server knows of the token on its first day."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Final

from firmware_model.profile import Profile, TokenType
from hosttools.manufacture import config_of
from hosttools.refserver.record import FAR, Record
from hosttools.seedfiles.model import SeedRecord

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def record_of_seed(seed: SeedRecord, flag: Profile | None = None) -> Record:
    """Return what a server knows of a token once its seed file was imported.

    Args:
        seed: what the seed file says.
        flag: the profile asked for on the command line, if any.

    Raises:
        UsageError: the serial number fits no profile, or the profile contradicts the seed.
    """
    record = Record.of_token(config_of(seed, flag))
    timed = record.token_type is TokenType.TIME
    return dataclasses.replace(
        record,
        drift_steps=seed.drift_steps or 0 if timed else 0,
        expires_ns=None if seed.expires_at is None else _ns(seed.expires_at),
    )


def _ns(moment: datetime) -> int | None:
    """Return a time in ns since 1970; ``None`` for one that means never, such as the year 9999."""
    found = (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
    return found if found <= FAR else None
