"""How a seed file's record becomes a token's settings."""

import pytest

from firmware_model.oath import Algorithm, Secret
from firmware_model.physics import new_physics
from firmware_model.products import GALH, GALT
from firmware_model.profile import SECOND, TokenType
from firmware_model.profile_file import profile_from_mapping
from hosttools.errors import UsageError
from hosttools.manufacture import config_of, physics_of, profile_of
from hosttools.seedfiles import SeedRecord

SECRET = Secret(bytes(range(20)))
GAHT = profile_from_mapping({"base": "GALT", "name": "GAHT", "serial_pattern": "GAHT[0-9]{8}"})


def _record(serial: str = "GALH00000042", **settings: object) -> SeedRecord:
    return SeedRecord(serial=serial, secret=SECRET, **settings)  # type: ignore[arg-type]  # any


def test_prefix_decides_without_type() -> None:
    """A seed that says no type gets the profile of its serial number's prefix."""
    assert GALT == profile_of(_record("GALT00000042"))


def test_seed_file_overrides_prefix() -> None:
    """A seed of a GALH serial that says time-based makes a plain time token."""
    assert GALT == profile_of(_record(token_type=TokenType.TIME))


def test_flag_overrides_prefix() -> None:
    """A profile asked for serves serial numbers that no built-in one knows."""
    assert GAHT == profile_of(_record("GAHT00000001"), GAHT)


def test_flag_of_other_type_is_refused() -> None:
    """A profile of another type than the seed is refused, with both named."""
    with pytest.raises(UsageError, match="event-based codes, profile GALT for time-based"):
        profile_of(_record(token_type=TokenType.EVENT), GALT)


def test_unknown_serial_is_refused() -> None:
    """A serial number that fits no profile is refused, with what is allowed."""
    with pytest.raises(UsageError, match=r"GAHT00000001.*no profile knows it"):
        profile_of(_record("GAHT00000001"))


def test_record_overrides_profile() -> None:
    """What the seed file says goes before what the profile says."""
    config = config_of(
        _record(algorithm=Algorithm.SHA256, digits=8, counter=120, token_type=TokenType.EVENT)
    )

    assert GALH == config.profile
    assert (Algorithm.SHA256, 8, 120) == (config.algorithm, config.digits, config.first_counter)


def test_profile_fills_gaps() -> None:
    """What the seed file leaves out comes from the profile."""
    config = config_of(_record())

    assert (GALH.algorithm, GALH.digits, GALH.first_counter) == (
        config.algorithm,
        config.digits,
        config.first_counter,
    )


def test_drift_becomes_offset() -> None:
    """A time token that is three steps fast by its file starts three steps fast."""
    record = _record("GALT00000042", drift_steps=3)

    expected = new_physics(GALT, 5, offset_ns=90 * SECOND)

    assert expected == physics_of(record, config_of(record), 5)


@pytest.mark.parametrize("record", [_record("GALT00000042"), _record(drift_steps=3)])
def test_no_drift_no_physics(record: SeedRecord) -> None:
    """A file that says nothing of drift, or a token without a clock, is made as all are."""
    assert physics_of(record, config_of(record), 0) is None
