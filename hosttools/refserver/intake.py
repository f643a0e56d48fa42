"""From a seed file's record to what a server knows of the token on its first day."""

import dataclasses
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from firmware_model.profile import Profile, TokenType
from hosttools.errors import ConflictError, UnknownTokenError
from hosttools.manufacture import config_of
from hosttools.refserver.record import FAR, Record
from hosttools.refserver.store import Store
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


def enrol_seeds(
    store: Store, seeds: Iterable[SeedRecord], now_ns: int, flag: Profile | None = None
) -> int:
    """Enrol the tokens of a seed file that a server does not know; those it does go on.

    Args:
        store: the server's tokens.
        seeds: what the seed file says.
        now_ns: server time, ns since 1970, UTC.
        flag: the profile asked for on the command line, if any.

    Returns:
        How many are new.

    Raises:
        ConflictError: one is known with another secret; then none is enrolled.
        UsageError, StateError, BusyError: as of a store.
    """
    new = 0
    with store.together():
        for record in [record_of_seed(seed, flag) for seed in seeds]:
            try:
                known = store.get(record.serial)
            except UnknownTokenError:
                store.enrol(record, now_ns)
                new += 1
            else:
                _refuse_another(known, record)
    return new


def _refuse_another(known: Record, record: Record) -> None:
    if not hmac.compare_digest(known.secret.reveal(), record.secret.reveal()):
        raise ConflictError(
            f"the server knows {record.serial} with another secret; give another database, or"
            " the seed file that it was enrolled from"
        )


def _ns(moment: datetime) -> int | None:
    """Return a time in ns since 1970; ``None`` for one that means never, such as the year 9999."""
    found = (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
    return found if found <= FAR else None
