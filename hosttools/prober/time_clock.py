"""Time tokens, and the server's own clock: the step's edge, and a clock that goes back."""

from typing import Final

from hosttools.prober.finding import Finding, NotMeasuredError, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule, must
from hosttools.prober.search import largest
from hosttools.servers import Can

_MOVED: Final = frozenset({Can.TIME, Can.CLOCK})
_MS: Final = 1_000_000
_COARSE_MS: Final = 1_000
_BACK: Final = (1, 20)
"""Steps by which the clock goes back: as by a leap, and as by a wrong time source."""


def edge(probe: Probe) -> Finding:
    """Measure to the millisecond when a code begins and ceases to be good."""
    opens = _edge_ms(probe, probe.number("totp.first_use.forward"), opening=True)
    closes = _edge_ms(probe, probe.number("totp.first_use.back"), opening=False)
    worst = max(abs(opens), abs(closes))
    if worst == 0:
        return ok([0, 0], "Steps begin and end where RFC 6238 says, to the millisecond.")
    told = f"A code becomes good {opens:+} ms and dies {closes:+} ms from the step's edge"
    if worst <= _COARSE_MS:
        return ok([opens, closes], f"{told}: the server counts whole seconds.")
    return warn(
        [opens, closes],
        f"{told}: steps are rounded, or do not begin at T0 = 0; users are refused at moments"
        " that nobody can reproduce (RFC 6238 section 4.2).",
    )


def clock_back(probe: Probe) -> Finding:
    """Use two codes, set the server's clock back, and submit one of them, or an earlier one."""
    for steps in _BACK:
        for used in (0, 1):
            if _taken_after(probe, steps, used):
                return fail(
                    "replay accepted",
                    "When the server's clock goes back, used codes work again: who can disturb"
                    " its time source can log in with what they noted.",
                )
    if _taken_after(probe, _BACK[-1], None):
        return warn(
            "goes back",
            "When the server's clock goes back, the server follows: earlier codes work, used"
            " ones do not.",
        )
    return ok("waits", "When the server's clock goes back, log-ins wait until it has caught up.")


def _taken_after(probe: Probe, back_steps: int, used: int | None) -> bool:
    """Return whether a code is taken once the server's clock went back.

    Args:
        probe: at work.
        back_steps: by so much.
        used: which used one, 0 for the last; ``None``: that of the step that it is then.
    """
    token = probe.used_timed(idle_steps=1)
    last = token.next
    must(token.verify(last, sure=True).accepted, "the code of this step")
    probe.world.advance(-back_steps * token.step_ns)
    try:
        factor = token.next if used is None else last - used
        return token.verify(factor, waits=False).accepted
    finally:
        probe.world.advance(back_steps * token.step_ns)


def _edge_ms(probe: Probe, window: int, *, opening: bool) -> int:
    """Return how many ms after the step's edge a code begins, or ceases, to be good."""
    half_ms = probe.timed().step_ns // 2 // _MS

    def good(at_ms: int) -> bool:
        token = probe.timed()
        step = token.next + 2 * (window + 1)
        edge_step = step - window if opening else step + window + 1
        probe.world.advance(edge_step * token.step_ns + at_ms * _MS - probe.world.now_ns())
        return token.verify(step).accepted

    def still(after_ms: int) -> bool:
        return good(after_ms - half_ms) is not opening

    found = largest(still, limit=2 * half_ms)
    if found.at_least or found.value < 0:
        raise NotMeasuredError("not measured: no edge within half a step of where one belongs")
    return found.value + 1 - half_ms


RULES: Final = (
    Rule(
        id="totp.edge",
        title="When a code begins and ceases to be good, from the step's edge",
        unit="ms",
        needs=_MOVED,
        measure=edge,
        cost=Cost(tokens=66, codes=64, failures=40),
        reference="RFC 6238 §4.2",
        after=(
            "totp.first_use.forward",
            "totp.first_use.back",
        ),
        fresh=True,
    ),
    Rule(
        id="totp.clock_back",
        title="The server's clock goes back",
        needs=_MOVED,
        measure=clock_back,
        cost=Cost(tokens=5, codes=15, failures=5),
        reference="RFC 6238 §5.2; OWASP ASVS 2.8.4",
        fresh=True,
    ),
)
