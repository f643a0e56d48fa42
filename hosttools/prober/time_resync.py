"""Time tokens: two codes in a row, to tell a server how far a clock is off.

A pair is what a person would send: the code of the step before the token's own now, and
that of its now. RFC 6238 section 6 has the server remember the difference, so the next
code has to work.
"""

from collections.abc import Callable
from typing import Final

from hosttools.prober import pairs
from hosttools.prober.finding import Finding, NotMeasuredError, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule, must, searching
from hosttools.prober.search import Edge, largest
from hosttools.prober.subject import Subject
from hosttools.servers import Can
from hosttools.words import counted

_FORM: Final = frozenset({Can.TIME, Can.RESYNC})
_REFERENCE: Final = "RFC 6238 §6"
_PAST: Final = 2
"""Steps past the window where a pair is tried that only a resync can find."""

_TIMES: Final = 5
_IDLE: Final = 3

_WINDOWS: Final = ("totp.first_use.back", "totp.first_use.forward", "totp.back", "totp.forward")
_SEARCHES: Final = ("totp.resync.ahead", "totp.resync.back", "totp.resync.gap")
_REACHES: Final = _SEARCHES[:2]


def ahead(probe: Probe) -> Finding:
    """Measure how far ahead a token's clock may be for a pair to bring it back."""

    def accepts(steps: int) -> bool:
        token, now = _off(probe, steps)
        return token.resync(now - 1, now).accepted

    return _reach(largest(accepts, limit=probe.reach), "ahead")


def back(probe: Probe) -> Finding:
    """Measure how far behind a token's clock may be for a pair to bring it back."""

    def accepts(steps: int) -> bool:
        token, now = _off(probe, -steps)
        return token.resync(now - 1, now).accepted

    return _reach(largest(accepts, limit=probe.reach), "behind")


def next_code(probe: Probe) -> Finding:
    """Resync tokens whose clocks are off, and log in a step later, and again."""
    refused = []
    for offset in _offsets(probe):
        for number in range(1, _TIMES + 1):
            token = _resynced(probe, offset)
            probe.world.advance(number * token.step_ns)
            if token.verify(token.next + offset, sure=True).accepted:
                break
            refused.append(f"{number} after {offset:+} steps")
    if not refused:
        return ok("accepted", "The code right after a resync works.")
    return fail(
        "refused",
        "After a resync the next code is refused: the user did all that was asked, and still"
        f" can't log in. Refused: code {', code '.join(refused)}.",
    )


def replay(probe: Probe) -> Finding:
    """Log in with the two codes of a resync."""
    offset = _offsets(probe)[0]
    for back_by in (0, 1):
        token = _resynced(probe, offset)
        if token.verify(token.next + offset - back_by).accepted:
            which = "first" if back_by else "second"
            return fail(
                "accepted", f"The {which} code of a resync works again: who saw it can log in."
            )
    return ok("refused", "The codes of a resync are used.")


def gap(probe: Probe) -> Finding:
    """Measure how many steps may lie between the two codes."""

    def accepts(between: int) -> bool:
        token, first = _pair(probe)
        return token.resync(first, first + 1 + between).accepted

    edge = largest(accepts, first=1, limit=min(probe.reach, 1_000))
    if edge.value > _TIMES:
        return warn(
            edge.value,
            f"{counted(edge.value, 'step')} may lie between the two codes: a guessed pair is right"
            " more often.",
            at_least=edge.at_least,
        )
    return ok(
        edge.value,
        f"{counted(edge.value, 'step')} may lie between the two codes"
        + ("." if edge.value else ": who waits for the display to go dark may be too late."),
    )


def swapped(probe: Probe) -> Finding:
    """Submit two codes in the wrong order."""
    return pairs.swapped(*_pair(probe))


def same_code_twice(probe: Probe) -> Finding:
    """Submit one code in both fields."""
    return pairs.same_code_twice(*_pair(probe))


def _reach(edge: Edge, way: str) -> Finding:
    steps = edge.value
    if steps < 0:
        return fail(steps, "The resync form refuses a token whose clock is right.")
    told = f"A token whose clock is {counted(steps, 'step')} {way} comes back with two codes"
    if edge.at_least:
        return warn(steps, f"{told}, and no edge was found.", at_least=True)
    return ok(steps, f"{told}; one more, and it takes an operator.")


def _offsets(probe: Probe) -> list[int]:
    """Return how far off clocks are that only a resync can help, as far as it does."""
    found = []
    for way, sign in (("forward", 1), ("back", -1)):
        window = probe.number(f"totp.{way}")
        reach = probe.number("totp.resync.ahead" if sign > 0 else "totp.resync.back")
        if reach > window:
            found.append(sign * min(window + _PAST, reach))
    if not found:
        raise NotMeasuredError("not measured: a resync reaches no further than a single code")
    return found


def _off(probe: Probe, offset: int) -> tuple[Subject, int]:
    """Return a token whose clock is off by so many steps, and the step that it is by it.

    Neither that step nor the one before it is behind what the server knows as used.
    """
    if probe.fresh and not probe.world.movable:
        token = probe.timed()  # one that was never used has no steps to wait for
    else:
        token = probe.used_timed(idle_steps=max(-offset, 0) + _IDLE)
    if token.last is not None:
        probe.world.advance(max(token.last + 2 - (token.next + offset), 0) * token.step_ns)
    return token, token.next + offset


def _pair(probe: Probe) -> tuple[Subject, int]:
    """Return a token, and the step where a pair of it begins that only a resync can find."""
    token, now = _off(probe, _offsets(probe)[0])
    return token, now - 1


def _resynced(probe: Probe, offset: int) -> Subject:
    """Return a token whose clock is off by so many steps, just resynced."""
    token, now = _off(probe, offset)
    must(token.resync(now - 1, now).accepted, "a pair that it took from another token,")
    return token


def _rule(rule_id: str, title: str, measure: Callable[[Probe], Finding], cost: Cost) -> Rule:
    return Rule(
        id=rule_id,
        title=title,
        unit="steps" if rule_id in _SEARCHES else "",
        needs=_FORM,
        measure=measure,
        cost=cost,
        searches=rule_id in _SEARCHES,
        reference=_REFERENCE,
        after=() if rule_id in _REACHES else _WINDOWS + _REACHES,
    )


RULES: Final = (
    _rule(_REACHES[0], "Steps ahead that a resync reaches", ahead, searching(codes=3)),
    _rule(_REACHES[1], "Steps behind that a resync reaches", back, searching(codes=3)),
    _rule("totp.resync.next_code", "The code right after a resync", next_code, Cost(10, 40, 10)),
    _rule("totp.resync.replay", "The codes of a resync again", replay, Cost(2, 8, 2)),
    _rule("totp.resync.gap", "Steps between the two codes of a resync", gap, Cost(22, 66, 11)),
    _rule("totp.resync.swapped", "Codes of a resync in the wrong order", swapped, Cost(1, 3, 1)),
    _rule(
        "totp.resync.same_code_twice",
        "One code in both fields of a resync",
        same_code_twice,
        Cost(1, 3, 1),
    ),
)
