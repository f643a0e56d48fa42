"""Time tokens: which steps a server takes, whether a code works twice, and a clock that drifts.

RFC 6238 section 5.2 wants one code per step and a small window; section 6 lets a server
learn how far a token's clock is off. A token whose clock is off is what the prober moves,
so this works also where the server's clock can't be moved.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hosttools.errors import NotOfferedError
from hosttools.prober.finding import Finding, NotMeasuredError, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule, must, searching
from hosttools.prober.search import Edge, largest
from hosttools.servers import Can
from hosttools.words import counted, spoken

_TIME: Final = frozenset({Can.TIME})
_WIDE: Final = 10
"""Our default: five minutes of 30 s; RFC 6238 section 5.2 recommends one step."""

_HOPS: Final = 40
_DRIFT_A_YEAR: Final = 3
"""Steps of 30 s that a fob may be off after a year, by its specification."""

_REPLAY: Final = "RFC 6238 §5.2; OWASP ASVS 2.8.4"


def first_back(probe: Probe) -> Finding:
    """Measure how late a new token's clock may be."""

    def accepts(steps: int) -> bool:
        token = probe.timed()
        if token.last is not None:  # its add form used up steps
            probe.world.advance(max(steps - (token.next - 1 - token.last), 0) * token.step_ns)
        return token.verify(token.next - steps, sure=steps == 0).accepted

    return _window(largest(accepts, limit=probe.reach), "behind", "A new token's clock")


def first_forward(probe: Probe) -> Finding:
    """Measure how early a new token's clock may be."""

    def accepts(steps: int) -> bool:
        token = probe.timed()
        return token.verify(token.next + steps, sure=steps == 0).accepted

    return _window(largest(accepts, limit=probe.reach), "ahead", "A new token's clock")


def back(probe: Probe) -> Finding:
    """Measure how late a token's clock may be that was right at its last log-in."""
    if not probe.world.movable and probe.fresh:
        return _as_new(probe, "totp.first_use.back")

    def accepts(steps: int) -> bool:
        token = probe.used_timed(idle_steps=steps + 2)
        return token.verify(token.next - steps, sure=steps == 0).accepted

    return _window(largest(accepts, limit=probe.reach), "behind", "A token's clock")


def forward(probe: Probe) -> Finding:
    """Measure how early a token's clock may be that was right at its last log-in."""
    if not probe.world.movable and probe.fresh:
        return _as_new(probe, "totp.first_use.forward")
    idle_steps = 2 if probe.world.movable else 0

    def accepts(steps: int) -> bool:
        token = probe.used_timed(idle_steps=idle_steps)
        if steps == idle_steps == 0:
            return True  # that is how it came into step
        return token.verify(token.next + steps, sure=steps == 0).accepted

    return _window(largest(accepts, limit=probe.reach), "ahead", "A token's clock")


def replay(probe: Probe) -> Finding:
    """Submit an accepted code again: at once, and for as long as its window lasts."""
    ages = [0]
    if probe.world.movable:
        ages += [1, *range(2, min(probe.number("totp.first_use.back"), _WIDE) + 3)]
    for steps in ages:
        token = probe.used_timed()
        used = token.last
        if used is None:  # pragma: no cover  # used_timed() saw to it
            raise NotMeasuredError("not measured: no code was accepted")
        if steps:
            probe.world.advance(steps * token.step_ns)
        if token.verify(used).accepted:
            age = spoken(steps * token.step_ns / 1e9)
            when = f"again after {age}" if steps else "twice in one step"
            return fail(
                "accepted",
                f"The same code works {when}: whoever looks over a user's shoulder can log in"
                " while it shows.",
            )
    return ok("refused", "A code is good once, for as long as it shows and after.")


def replay_older(probe: Probe) -> Finding:
    """Submit a used code once a newer one was used."""
    token = probe.used_timed()
    first = token.next
    if not token.verify(first + 1).accepted:
        probe.world.advance(token.step_ns)
        must(token.verify(first + 1).accepted, "the code of the next step")
    if token.verify(first).accepted:
        return fail(
            "accepted",
            "A used code works again once a newer one was used: the server remembers the last"
            " code in place of the last step.",
        )
    return ok("refused", "Codes older than the last one stay used.")


def older(probe: Probe) -> Finding:
    """Submit a code of an earlier step that was never used, after a newer one."""
    if probe.number("totp.first_use.back") < 1:
        raise NotOfferedError("the window has no earlier step")
    token = probe.timed()
    now = token.next
    if token.last is not None and now - 1 <= token.last:
        probe.world.advance(token.step_ns)
        now = token.next
    must(token.verify(now, sure=True).accepted, "the code of this step")
    if token.verify(now - 1).accepted:
        return warn(
            "accepted",
            "A code of an earlier step works after a newer one: one that was noted and never"
            " used stays good for the window's length.",
        )
    return ok("refused", "Earlier codes die when a newer one is used.")


def drift_tracking(probe: Probe) -> Finding:
    """Let a token's clock run away by what the window allows, log-in by log-in."""
    reach = probe.number("totp.first_use.forward")
    if reach < 1:
        return ok(0, "The window has no later step: there is no drift to learn.")
    hop = min(reach, _DRIFT_A_YEAR)
    farthest = reach + _HOPS * hop
    reached = 0
    token = probe.used_timed()
    for offset in range(hop, farthest + 1, hop):
        if not token.verify(token.next + offset).accepted:
            break
        reached = offset
        if probe.world.movable:
            probe.world.advance(token.step_ns)
    followed = max(reached - reach, 0)
    if reached + hop > farthest:
        return ok(
            followed,
            f"The server learns how far a token's clock is off, and follows it"
            f" {counted(followed, 'step')} past the window and on.",
            at_least=True,
        )
    if followed:
        return ok(
            followed,
            f"The server follows a drifting clock {counted(followed, 'step')} past its window.",
        )
    years = reach / _DRIFT_A_YEAR
    told = f"a token that drifts as its specification allows is refused after {years:.1f} years"
    if years < 1:
        return warn(0, f"The server does not learn a token's drift (RFC 6238 section 6): {told}.")
    return ok(0, f"The server does not learn a token's drift (RFC 6238 section 6): {told}.")


def _as_new(probe: Probe, rule_id: str) -> Finding:
    found = probe.found(rule_id)
    why = f"{found.why} Measured on new tokens, as the server's clock can't be moved."
    return replace(found, why=why)


def _window(edge: Edge, way: str, whose: str) -> Finding:
    steps = edge.value
    if steps < 0:
        return fail(steps, "Even the code of the step that it is is refused.")
    told = f"{whose} may be {counted(steps, 'step')} {way}"
    if edge.at_least:
        return fail(steps, f"{told} and more: codes are good for hours.", at_least=True)
    if steps > _WIDE:
        return warn(steps, f"{told}: a code noted in passing is good for long (section 5.2: 1).")
    if steps == 0 and way == "behind":
        return warn(
            0,
            "A code dies with its step: who types while the step changes is refused (RFC 6238"
            " section 5.2 recommends one step for the way).",
        )
    return ok(steps, f"{told}.")


def _rule(
    rule_id: str, title: str, measure: Callable[[Probe], Finding], *, fresh: bool = False
) -> Rule:
    return Rule(
        id=rule_id,
        title=title,
        unit="steps",
        needs=_TIME,
        measure=measure,
        cost=searching(codes=1 if fresh else 2),
        searches=True,
        reference="RFC 6238 §5.2",
        fresh=fresh,
    )


RULES: Final = (
    _rule("totp.first_use.back", "Steps back at first use", first_back, fresh=True),
    _rule("totp.first_use.forward", "Steps forward at first use", first_forward, fresh=True),
    _rule("totp.back", "Steps back", back),
    _rule("totp.forward", "Steps forward", forward),
    Rule(
        id="totp.replay",
        title="The same code again, in its step and later",
        needs=_TIME,
        measure=replay,
        cost=Cost(tokens=13, codes=26, failures=13),
        reference=_REPLAY,
        after=("totp.first_use.back",),
    ),
    Rule(
        id="totp.replay.older",
        title="A code used before the last one",
        needs=_TIME,
        measure=replay_older,
        cost=Cost(tokens=1, codes=4, failures=2),
        reference=_REPLAY,
    ),
    Rule(
        id="totp.older",
        title="An earlier code, never used, after a newer one",
        needs=_TIME,
        measure=older,
        cost=Cost(tokens=1, codes=2, failures=1),
        reference=_REPLAY,
        after=("totp.first_use.back",),
        fresh=True,
    ),
    Rule(
        id="totp.drift_tracking",
        title="How far a drifting clock is followed past the window",
        unit="steps",
        needs=_TIME,
        measure=drift_tracking,
        cost=Cost(tokens=1, codes=50, failures=1),
        reference="RFC 6238 §6",
        after=("totp.first_use.forward",),
    ),
)
