"""A trace that several tests look at."""

import pytest

from firmware_model import GALH, Key, Secret, configure, manufacture
from firmware_model.contact import BOUNCES
from firmware_model.damage import Damage
from firmware_model.profile import MILLISECOND, SECOND
from hosttools.trace import Sample, presses, signals


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    """Return the trace of one press that bounces, up to dark, at a time of today."""
    secret = Secret(b"12345678901234567890")
    config = configure("GALH00004226", GALH, secret)
    start_ns = 1_767_600_000 * SECOND
    times = [(start_ns + 100 * MILLISECOND, 100 * MILLISECOND)]
    edges = presses(times, Damage(bounce=BOUNCES["typical"]))
    return list(signals(manufacture(config, start_ns), edges, Key(secret, config.algorithm)))
