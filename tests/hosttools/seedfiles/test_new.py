"""New tokens have serial numbers of their profile and secrets of their own."""

import dataclasses

import pytest

from firmware_model.errors import IdentifierError, ShortSecretWarning
from firmware_model.products import GALH, GALT
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.new import new_seed, new_seeds
from hosttools.seedfiles.oath_csv import write_oath_csv
from hosttools.seedfiles.pskc import write_pskc
from hosttools.seedfiles.reader import read_seed_bytes


def test_given_serial() -> None:
    """A serial number that is given is taken, normalised."""
    assert "GALH00000007" == new_seed(GALH, "galh 0000-0007").serial


def test_foreign_serial() -> None:
    """One that the profile does not know is refused."""
    with pytest.raises(IdentifierError):
        new_seed(GALH, "GALT00000007")


def test_random_serial() -> None:
    """Without one, it has the profile's shape."""
    assert "GALT" == new_seed(GALT).serial[:4]


def test_in_a_row() -> None:
    """Serial numbers count up from the first."""
    serials = [record.serial for record in new_seeds(GALH, 3, first=9)]
    assert ["GALH00000009", "GALH00000010", "GALH00000011"] == serials


def test_secrets_differ() -> None:
    """Each token has 20 bytes of its own, and is not one for practice."""
    records = new_seeds(GALH, 100)
    assert (100, {20}, False) == (
        len({record.secret for record in records}),
        {len(record.secret) for record in records},
        any(record.practice for record in records),
    )


def test_settings() -> None:
    """What the profile sets is in the record."""
    record = new_seed(GALT)
    assert (TokenType.TIME, GALT.algorithm, 6, 30, None, None) == (
        record.token_type,
        record.algorithm,
        record.digits,
        record.step_s,
        record.t0_s,
        record.counter,
    )


@pytest.mark.parametrize("profile", [GALH, GALT])
def test_round_trips(profile: type) -> None:
    """New tokens survive both formats."""
    records = new_seeds(profile, 3)  # type: ignore[arg-type]  # parametrize knows no types
    from_csv = read_seed_bytes(write_oath_csv(records).encode(), "new.csv")
    from_pskc = read_seed_bytes(write_pskc(records), "new.xml")
    assert (records, records) == (from_csv, from_pskc)


def test_short_secret_warns() -> None:
    """A short secret is made, with the warning that goes with it."""
    with pytest.warns(ShortSecretWarning):
        assert 10 == len(new_seed(GALH, secret_bytes=10).secret)


@pytest.mark.parametrize(
    ("count", "first", "secret_bytes"),
    [(0, None, 20), (10**8 + 1, None, 20), (2, 10**8 - 1, 20), (1, -1, 20), (1, 0, 9), (1, 0, 65)],
)
def test_out_of_range(count: int, first: int | None, secret_bytes: int) -> None:
    """What can't be made is refused."""
    with pytest.raises(SeedFileError):
        new_seeds(GALH, count, first=first, secret_bytes=secret_bytes)


def test_other_patterns() -> None:
    """A profile whose serial numbers can't be counted up needs one given."""
    other = dataclasses.replace(GALH, serial_pattern=r"ab[0-9]+|FT[0-9]{13}")
    with pytest.raises(SeedFileError, match="give one"):
        new_seed(other)
    assert "FT1000000000000" == new_seed(other, "FT1000000000000").serial


def test_test_seed() -> None:
    """The same text makes the same tokens, each with a secret of its own, for practice only."""
    records = new_seeds(GALH, 3, test_seed="lab")
    assert records == new_seeds(GALH, 3, test_seed="lab")
    assert ["GALH00000000", "GALH00000001", "GALH00000002"] == [r.serial for r in records]
    assert (3, True) == (
        len({r.secret.reveal() for r in records}),
        all(r.practice for r in records),
    )
    other = new_seeds(GALH, 3, test_seed="lab 2")
    assert not {r.secret.reveal() for r in records} & {r.secret.reveal() for r in other}
