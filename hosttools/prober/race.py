"""One code, submitted by twenty at once: a code is good once, also in the same instant."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from hosttools.prober.finding import Finding, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule
from hosttools.servers import Answer, Can, ServerError

AT_ONCE: Final = 20
_ROUNDS: Final = 3
"""A race is lost by chance: the worst of three counts."""


def accepted(probe: Probe) -> Finding:
    """Submit one code twenty times at once, three times over."""
    counts = []
    for _ in range(_ROUNDS):
        token = probe.any()
        counts.append(_race(token.ready(token.next)))
    most = max(counts)
    if most > 1:
        return fail(
            most,
            f"One code, submitted {AT_ONCE} times at once, logs in {most} times: reading the"
            " counter and writing it back are not one act.",
        )
    if min(counts) < 1:
        return warn(
            min(counts),
            f"One code, submitted {AT_ONCE} times at once, logs in nobody: a double click locks"
            " the user out.",
        )
    return ok(1, f"One code, submitted {AT_ONCE} times at once, logs in once.")


def _race(submit: Callable[[], Answer]) -> int:
    barrier = threading.Barrier(AT_ONCE)

    def run() -> bool:
        barrier.wait()
        try:
            return submit().accepted
        except ServerError:  # too much at once for it: nobody is logged in by that
            return False

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum([each.result() for each in [pool.submit(run) for _ in range(AT_ONCE)]])


RULES: Final = (
    Rule(
        id="race.accepted",
        title=f"Log-ins by one code that {AT_ONCE} submit at once",
        unit="log-ins",
        needs=frozenset({Can.AT_ONCE}),
        measure=accepted,
        cost=Cost(tokens=_ROUNDS, codes=_ROUNDS * (AT_ONCE + 1), failures=_ROUNDS * (AT_ONCE - 1)),
        reference="RFC 4226 §7.2; OWASP ASVS 2.8.4",
        fresh=True,
    ),
)
