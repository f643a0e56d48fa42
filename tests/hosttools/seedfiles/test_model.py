"""A seed record holds what a file says and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from firmware_model.errors import FirmwareError, IdentifierError, ProfileError
from firmware_model.oath import Secret
from hosttools.seedfiles.model import SeedRecord, uncarried

SECRET = Secret(bytes(range(20)))


def test_unsaid_is_none() -> None:
    """A setting that is not given is None, and the seed is not one for practice."""
    record = SeedRecord(serial="GALH00000001", secret=SECRET)
    assert (None, None, None, None, False) == (
        record.token_type,
        record.algorithm,
        record.digits,
        record.counter,
        record.practice,
    )


def test_serial_is_normalised() -> None:
    """The serial number is stored as the server would compare it."""
    assert "GALH12345678" == SeedRecord(serial="galh 1234-5678", secret=SECRET).serial


def test_published_is_practice() -> None:
    """A published secret is a practice seed even where nobody says so."""
    assert SeedRecord(serial="GALH1", secret=Secret(b"12345678901234567890")).practice


def test_repr_hides_the_secret() -> None:
    """The secret is not in the repr."""
    assert SECRET.reveal().hex() not in repr(SeedRecord(serial="GALH1", secret=SECRET))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("digits", 5),
        ("digits", 9),
        ("step_s", 0),
        ("step_s", 86_401),
        ("counter", -1),
        ("counter", 2**64),
        ("time_steps", -1),
        ("drift_steps", 2**31),
        ("expires_at", datetime(2030, 1, 1)),  # noqa: DTZ001 (what is refused)
        ("manufacturer", ""),
        ("manufacturer", "A\0B"),
        ("model", "x" * 129),
    ],
)
def test_out_of_range(setting: str, value: Any) -> None:  # noqa: ANN401 (a value of any kind)
    """A setting that can't be is refused by its name."""
    with pytest.raises(ProfileError, match=setting):
        SeedRecord(serial="GALH1", secret=SECRET, **{setting: value})


def test_bad_serial() -> None:
    """A serial number that none can be is refused."""
    with pytest.raises(IdentifierError) as caught:
        SeedRecord(serial="GÄLH", secret=SECRET)
    assert isinstance(caught.value, FirmwareError)


def test_uncarried() -> None:
    """What a format would lose is named; T0 = 0 is no loss."""
    record = SeedRecord(
        serial="GALT1", secret=SECRET, t0_s=0, expires_at=datetime(2030, 1, 1, tzinfo=UTC)
    )
    assert ("expires_at",) == uncarried(record, frozenset())
