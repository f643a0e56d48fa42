"""Measuring by plan: rule after rule, kept as soon as it is known.

What looks wrong is measured again on other tokens: two codes may be the same by chance,
and a race may be won by luck.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from emulator.clock import host_time
from emulator.jsonfile import replace_json
from firmware_model.nvm import Config
from hosttools.errors import HostError, NotOfferedError, UsageError
from hosttools.prober.finding import Finding, NotMeasuredError, Verdict
from hosttools.prober.ledger import Ledger
from hosttools.prober.plan import Plan, Step
from hosttools.prober.result import Report, Result, read_report
from hosttools.prober.rule import DEFAULT_REACH, Probe, Rule
from hosttools.prober.supply import OneToken, Supply, supply_for
from hosttools.prober.world import HostWorld, MovedWorld, World
from hosttools.servers import Can, Server, ServerError
from hosttools.servers.safety import BudgetError

DEFAULT_PATIENCE_S = 90.0
_LOOKED_AT_AGAIN = frozenset({Verdict.FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to go about it.

    Attributes:
        reach: presses and steps up to which edges are looked for.
        digits: whether evidence holds the codes.
        pace_s: seconds between submissions, at least.
        patience_s: longest wait on a server whose clock can't be moved.
        token: the token that the server knows; ``None``: new ones are made.
        resume: a file that keeps what is known so far, and is gone on from.
        start_ns: server time to begin at where it can be moved; ``None``: the host's.
        draw: gives random bytes for secrets and serial numbers.
        host_ns: the host's time, ns since 1970, UTC.
        sleep: waits.
    """

    reach: int = DEFAULT_REACH
    digits: bool = False
    pace_s: float = 0.0
    patience_s: float = DEFAULT_PATIENCE_S
    token: Config | None = None
    resume: Path | None = None
    start_ns: int | None = None
    draw: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)
    host_ns: Callable[[], int] = lambda: host_time().utc_ns
    sleep: Callable[[float], object] = time.sleep


def run(
    server: Server,
    plan: Plan,
    settings: Settings,
    *,
    progress: Callable[[Result], object] = lambda _: None,
) -> Report:
    """Measure a server.

    Args:
        server: the server.
        plan: what to measure.
        settings: how.
        progress: is told of each rule as it is known.

    Raises:
        UsageError: no token can be had, or the file to resume from is another server's.
        HostError: that file can't be written.
    """
    earlier = _earlier(server, settings.resume)
    ledger = Ledger(digits=settings.digits, pace_s=settings.pace_s, sleep=settings.sleep)
    world = _world(server, settings)
    supply = supply_for(
        server, world, ledger, config=settings.token, position=earlier.position, draw=settings.draw
    )
    known = {result.rule: result for result in earlier.results}
    results: dict[str, Result] = {}
    probe = Probe(
        server,
        world,
        supply,
        reach=settings.reach,
        look_up=lambda rule_id: results[rule_id].finding,
    )
    try:
        for step in plan.steps:
            rule = step.rule
            result = known.get(rule.id)
            if result is None or result.finding.verdict is Verdict.UNKNOWN:
                result = _measured(step, probe, supply, ledger)
            known[rule.id] = results[rule.id] = result
            if settings.resume is not None:
                _keep(settings.resume, _report(server, known.values(), supply))
            progress(result)
    finally:
        with contextlib.suppress(HostError):  # it must not hide why we stop
            supply.tidy()
            if settings.resume is not None:  # a token in use stands elsewhere by now
                _keep(settings.resume, _report(server, known.values(), supply))
        supply.close()
    return _report(server, results.values(), supply)


def _measured(step: Step, probe: Probe, supply: Supply, ledger: Ledger) -> Result:
    rule, server = step.rule, probe.server
    ledger.begin(probe.world.now_ns())
    if step.skipped is not None:
        return Result.of(rule, step.skipped, server=server.name)
    finding, sure = _surely(rule, probe, supply)
    return Result.of(
        rule,
        finding,
        server=server.name,
        sure=sure,
        bill=ledger.bill,
        evidence=ledger.evidence,
    )


def _surely(rule: Rule, probe: Probe, supply: Supply) -> tuple[Finding, str]:
    """Measure, and again if it looks wrong; return how sure that is."""
    first = _once(rule, probe, supply)
    if first.verdict not in _LOOKED_AT_AGAIN or not supply.fresh:
        return first, "" if first.verdict is Verdict.UNKNOWN else _said_once(rule)
    found = [first, _once(rule, probe, supply)]
    if found[0].verdict is found[1].verdict:
        return first, "measured twice, on other tokens each time"
    found.append(_once(rule, probe, supply))
    for finding in found[:2]:
        if finding.verdict is found[2].verdict:
            return finding, "measured three times, on other tokens; twice with this result"
    why = "not measured: three tokens in a row were answered in three ways"
    return Finding(None, Verdict.UNKNOWN, why), ""


def _said_once(rule: Rule) -> str:
    return "measured once, its edges twice" if rule.searches else "measured once"


def _once(rule: Rule, probe: Probe, supply: Supply) -> Finding:
    try:
        return rule.measure(probe)
    except NotMeasuredError as e:
        return Finding(None, Verdict.UNKNOWN, str(e))
    except NotOfferedError as e:
        return Finding(None, Verdict.NOT_APPLICABLE, str(e))
    except (BudgetError, ServerError) as e:
        return Finding(None, Verdict.UNKNOWN, f"not measured: {e}")
    finally:
        supply.tidy()


def _world(server: Server, settings: Settings) -> World:
    if Can.CLOCK not in server.can:
        return HostWorld(settings.patience_s, now_ns=settings.host_ns, sleep=settings.sleep)
    start_ns = settings.host_ns() if settings.start_ns is None else settings.start_ns
    return MovedWorld(server, start_ns)


def _report(server: Server, results: Iterable[Result], supply: Supply) -> Report:
    position = supply.position if isinstance(supply, OneToken) else None
    return Report(server.name, tuple(results), position)


def _earlier(server: Server, path: Path | None) -> Report:
    if path is None or not path.exists():
        return Report(server.name, ())
    earlier = read_report(path)
    if earlier.server != server.name:
        raise UsageError(
            f"{path} is of {earlier.server}, not of {server.name}; give another file to --resume"
        )
    return earlier


def _keep(path: Path, report: Report) -> None:
    try:
        replace_json(path, report.as_dict())
    except OSError as e:
        raise HostError(f"{path} can't be written: {e.strerror}") from e
