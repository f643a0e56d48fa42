"""The tokens of the sample ward, and a moment that the tests share."""

from collections.abc import Callable
from typing import Final

from firmware_model.profile import SECOND
from hosttools.diagnosis import Diagnosis
from hosttools.seedfiles import read_seeds, sample

EVENT: Final = "GALH00000042"
TIME: Final = "GALT00000042"
NOW_NS: Final = 1_770_000_000 * SECOND
STEP: Final = 59_000_000
"""The step of :data:`NOW_NS`."""

SEEDS: Final = {seed.serial: seed for seed in read_seeds(sample("ward.csv"))}
Codes = Callable[..., list[str]]
Ask = Callable[..., Diagnosis]
