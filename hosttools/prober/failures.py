"""What a refusal does to a server: whether its counter moves, and whether it makes one wait."""

from typing import Final

from firmware_model.profile import SECOND
from hosttools.prober.finding import Finding, NotMeasuredError, fail, ok
from hosttools.prober.rule import Cost, Probe, Rule
from hosttools.prober.search import largest
from hosttools.servers import Can, Outcome

_MOVES: Final = 3
_BEYOND: Final = 50
_DELAYS: Final = 3
"""Failures whose waiting time is measured: few, as not to lock."""

_LONGEST_S: Final = 3_600
_EVENT: Final = frozenset({Can.EVENT})


def move_counter(probe: Probe) -> Finding:
    """Submit a wrong code, then the right one; see how far the counter moved."""
    for moved in range(_MOVES + 1):
        token = probe.used()
        expected = token.next
        token.wrong()
        if token.verify(expected + moved).accepted:
            break
    else:
        raise NotMeasuredError(
            f"not measured: after one wrong code the next {_MOVES + 1} right ones are refused"
        )
    if moved:
        return fail(
            moved,
            f"A wrong code moves the server's counter by {moved}: it runs ahead of the token, and"
            " each mistype costs the user a press more (heads#1266).",
        )
    return ok(0, "A wrong code leaves the server's counter where it is.")


def far_code(probe: Probe) -> Finding:
    """Submit a right code from far ahead, then the one that is due."""
    token = probe.used()
    due = token.next
    if token.verify(due + probe.number("hotp.look_ahead.used") + _BEYOND).accepted:
        raise NotMeasuredError("not measured: a code far past the look-ahead was accepted")
    if token.verify(due).accepted:
        return ok("no", "A code from too far ahead leaves the server's counter where it is.")
    other = probe.used()
    due = other.next
    other.wrong()
    if not other.verify(due).accepted:
        raise NotMeasuredError("not measured: any wrong code makes the right one be refused")
    return fail(
        "yes",
        "After a code from too far ahead the one that is due is refused: one look at a token's"
        " later code, and its owner is locked out.",
    )


def throttle(probe: Probe) -> Finding:
    """Measure how long a right code is refused after one, two, three wrong ones."""
    delays: list[int] = []
    for failures in range(1, _DELAYS + 1):
        blocked = _delay_s(probe, failures)
        if blocked is None:
            break
        delays.append(blocked)
    if not any(delays):
        return ok(
            delays,
            "Failures make nobody wait; what limits guessing is the lock-out alone.",
        )
    how = "grows" if len(delays) > 1 and delays[-1] > delays[0] else "stays the same"
    return ok(
        delays,
        f"After a wrong code the server makes wait {delays[0]} s; that {how} with the next"
        f" failures ({', '.join(map(str, delays))} s).",
    )


def _delay_s(probe: Probe, failures: int) -> int | None:
    """Return for how long a right code is refused; ``None``: the token is locked."""
    locked = False

    def refuses(seconds: int) -> bool:
        nonlocal locked
        token = probe.any()
        for _ in range(failures):
            token.wrong()
        probe.world.advance(seconds * SECOND)
        answer = token.verify(token.next, waits=False)
        locked |= answer.outcome is Outcome.LOCKED
        return not answer.accepted

    edge = largest(refuses, limit=_LONGEST_S)
    return None if locked or edge.at_least else edge.value + 1


RULES: Final = (
    Rule(
        id="failures.move_counter",
        title="How far a wrong code moves the counter",
        unit="presses",
        needs=_EVENT,
        measure=move_counter,
        cost=Cost(tokens=1, codes=3, failures=1),
        reference="RFC 4226 §7.2",
    ),
    Rule(
        id="failures.far_code",
        title="A code from too far ahead moves the counter",
        needs=_EVENT,
        measure=far_code,
        cost=Cost(tokens=2, codes=6, failures=3),
        reference="RFC 4226 §7.4",
        after=("hotp.look_ahead.used",),
    ),
    Rule(
        id="failures.throttle",
        title="Waiting time after one, two, three wrong codes",
        unit="s",
        needs=frozenset({Can.CLOCK}),
        measure=throttle,
        cost=Cost(tokens=60, codes=240, failures=180),
        reference="RFC 4226 §7.3",
        fresh=True,
    ),
)
