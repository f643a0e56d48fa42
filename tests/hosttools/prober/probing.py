"""Probes that give the same result in every run: secrets are drawn from a seed."""

import random
from collections.abc import Iterable

from hosttools.prober.plan import make_plan
from hosttools.prober.registry import choose
from hosttools.prober.result import Report
from hosttools.prober.run import Settings, run
from hosttools.servers import Server
from tests.hosttools.servers.fob import START_NS


def probed(server: Server, only: Iterable[str] = (), *, seed: int = 1) -> Report:
    """Return what a probe of these rules finds, those that lock among them."""
    plan = make_plan(choose(only, lockout=True), server, fresh=True)
    settings = Settings(start_ns=START_NS, draw=random.Random(seed).randbytes)  # noqa: S311  # no secrets
    return run(server, plan, settings)
