"""Codes against the ``oathtool`` binary of oath-toolkit, a third implementation."""

import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from firmware_model.oath import Algorithm, Key, Secret, hotp, totp

SECRETS = 1_000
BATCHES = 4
WINDOW = 3
"""Codes that oathtool shows besides the first: it takes one secret a run."""


def oathtool(program: str, raw: bytes, *arguments: str) -> list[str]:
    """Run it; the secret goes in by stdin."""
    command = [program, *arguments, f"--window={WINDOW}", "-"]
    result = subprocess.run(command, input=raw.hex(), capture_output=True, text=True, check=True)
    return result.stdout.split()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_thousand_random_tokens(batch: int, require_tool: Callable[[str], str]) -> None:
    """The tool gives our codes for random secrets, counters, times, digits and hashes."""
    program = require_tool("oathtool")
    rng = random.Random(f"oathtool {batch}")  # noqa: S311 (repeatable, and no real secret)
    for _ in range(SECRETS // BATCHES):
        raw = rng.randbytes(rng.randint(16, 64))
        digits = rng.randint(6, 8)
        algorithm = rng.choice([None, *Algorithm])
        if algorithm is None:
            key, counter = Key(Secret(raw)), rng.randrange(2 ** rng.randint(1, 63))
            theirs = oathtool(program, raw, f"--digits={digits}", f"--counter={counter}")
            ours = [hotp(key, counter + n, digits) for n in range(WINDOW + 1)]
        else:
            key, step_s = Key(Secret(raw), algorithm), rng.choice([1, 30, 60, 3600])
            t0_s, unix_s = rng.randrange(10**6), rng.randrange(10**6, 2**34)
            theirs = oathtool(
                program,
                raw,
                f"--totp={algorithm.value.lower()}",
                f"--digits={digits}",
                f"--time-step-size={step_s}s",
                f"--start-time={_date(t0_s)}",
                f"--now={_date(unix_s)}",
            )
            ours = [
                totp(key, unix_s + n * step_s, step_s=step_s, t0_s=t0_s, digits=digits)
                for n in range(WINDOW + 1)
            ]
        assert theirs == ours


def _date(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
