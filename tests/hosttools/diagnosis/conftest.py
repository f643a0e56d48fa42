"""A token whose codes are known, and what is said of them."""

import pytest

from firmware_model.oath import Key, Secret, hotp
from hosttools.diagnosis import Diagnosis, diagnose, subjects
from hosttools.seedfiles import SeedRecord
from tests.hosttools.diagnosis.ward import NOW_NS, SEEDS, Ask, Codes


@pytest.fixture
def seeds() -> dict[str, SeedRecord]:
    """Return the ward's tokens by serial number."""
    return dict(SEEDS)


@pytest.fixture
def codes() -> Codes:
    """Return a function from a serial number and factors to codes of six digits."""
    return lambda serial, *factors: [hotp(Key(SEEDS[serial].secret), n) for n in factors]


@pytest.fixture
def ask() -> Ask:
    """Return a function that diagnoses codes of one token of the ward."""

    def diagnose_it(
        serial: str,
        typed: list[str],
        *,
        search: int = 2_000,
        times_ns: tuple[int, ...] = (NOW_NS,),
        counter: int | None = None,
    ) -> Diagnosis:
        suspects = subjects([SEEDS[serial]], times_ns, typed, counter=counter)
        return diagnose(suspects, typed, search, each_timed=len(times_ns) == len(typed) > 1)

    return diagnose_it


@pytest.fixture
def batch() -> list[SeedRecord]:
    """Return a few hundred event tokens."""
    return [
        SeedRecord(serial=f"GALH{n:08}", secret=Secret(n.to_bytes(20, "big")))
        for n in range(1, 301)
    ]
