"""How long it takes to find codes: one token's million counters, a batch of 100,000 tokens.

``python benchmarks/bench_diagnose.py``. CPU seconds of one core; the codes are checked
before anything is timed. Without NumPy both searches take the standard library's HMAC, a
part of which is timed beside it.
"""

import secrets
import time
from typing import Final

from benchmarks.timing import cpu_seconds
from firmware_model.oath import Key, Secret, hotp
from hosttools.diagnosis import diagnose, search, subjects
from hosttools.diagnosis.subject import Subject
from hosttools.kernel.find import WORTH
from hosttools.seedfiles import SeedRecord

COUNTERS: Final = 1_000_000
TOKENS: Final = 100_000
EACH: Final = 100
FAR: Final = 987_654
NEAR: Final = 41
NUMBER: Final = 77_777


def main() -> None:
    """Print the table."""
    batch = [Secret(secrets.token_bytes(20)) for _ in range(TOKENS)]
    far, near = codes_of(batch[0], FAR), codes_of(batch[NUMBER], NEAR)
    one, many = suspects(batch[:1], far), suspects(batch, near)
    place = search.Place(one[0].config, range(WORTH - 1))
    print(f"{'search':<44}{'codes':>12}{'seconds':>10}{'limit':>8}")
    began = time.process_time()
    found = diagnose(one, far, COUNTERS)
    told("one token, NumPy's import included", found.factors, time.process_time() - began, 1)
    assert [seen.factor for seen in found.explanations[0].known] == [FAR, FAR + 1]
    seconds = cpu_seconds(
        {
            "again": lambda: diagnose(one, far, COUNTERS),
            "plain": lambda: search.find([place], far),
        },
        repeats=3,
    )
    told("one token, again", found.factors, seconds["again"], 1)
    told("one token, the standard library's HMAC", len(place.span), seconds["plain"])
    began = time.process_time()
    found = diagnose(many, near, EACH)
    told("which of 100,000 tokens", found.factors, time.process_time() - began, 10)
    assert found.best is not None
    assert found.best.subject.config == many[NUMBER].config


def codes_of(secret: Secret, counter: int) -> list[str]:
    """Return the codes of two presses in a row."""
    return [hotp(Key(secret), n) for n in (counter, counter + 1)]


def suspects(batch: list[Secret], codes: list[str]) -> tuple[Subject, ...]:
    """Return tokens with these secrets."""
    seeds = [SeedRecord(serial=f"GALH{n:08}", secret=secret) for n, secret in enumerate(batch)]
    return subjects(seeds, [0], codes)


def told(what: str, codes: int, seconds: float, limit_s: int | None = None) -> None:
    """Print a line."""
    print(f"{what:<44}{codes:>12,}{seconds:>10.2f}{limit_s or '-':>8}")


if __name__ == "__main__":
    main()
