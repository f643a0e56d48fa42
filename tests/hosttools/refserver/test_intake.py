"""What a server makes of a seed file's record."""

from datetime import UTC, datetime

import pytest

from firmware_model.oath import Secret
from firmware_model.profile import TokenType
from hosttools.refserver import Status
from hosttools.refserver.intake import record_of_seed
from hosttools.seedfiles.model import SeedRecord

SECRET = Secret(b"12345678901234567890")


def test_takes_what_the_file_says() -> None:
    """Type, digits, step, drift; what is open comes from the serial number's prefix."""
    seed = SeedRecord(serial="GALT00000042", secret=SECRET, digits=8, step_s=60, drift_steps=-3)
    record = record_of_seed(seed)

    assert (TokenType.TIME, 8, 60, -3, Status.ASSIGNED, None) == (
        record.token_type, record.digits, record.step_s, record.drift_steps, record.status,
        record.expires_ns,
    )  # fmt: skip


def test_an_event_token_has_no_drift() -> None:
    """Whatever a file says of it."""
    seed = SeedRecord(serial="GALH00000042", secret=SECRET, drift_steps=5, counter=7)

    assert (0, 7) == (record_of_seed(seed).drift_steps, record_of_seed(seed).next_factor)


@pytest.mark.parametrize(
    ("expires_at", "expires_ns"),
    [
        (datetime(1970, 1, 2, tzinfo=UTC), 86_400 * 10**9),
        (datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), 1_767_225_600_000_001_000),
        (datetime(9999, 12, 31, tzinfo=UTC), None),
    ],
)
def test_takes_the_expiry(expires_at: datetime, expires_ns: int | None) -> None:
    """To the microsecond; the end of all time means never."""
    seed = SeedRecord(serial="GALH00000042", secret=SECRET, expires_at=expires_at)

    assert expires_ns == record_of_seed(seed).expires_ns
