"""Event tokens: how far a server looks ahead and behind, and whether a code works twice.

RFC 4226 section 7.2 wants a code good once and the counter to go up only; 7.4 wants a
look-ahead that is small.
"""

from typing import Final

from firmware_model.profile import SECOND
from hosttools.errors import NotOfferedError
from hosttools.prober.finding import Finding, NotMeasuredError, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule, searching
from hosttools.prober.search import Edge, largest
from hosttools.servers import Can
from hosttools.words import counted, spoken

_WIDE: Final = 100
"""Our default: a look-ahead past which a guess is right once in less than 10,000 times."""

_AGES_S: Final = (1, 10, 29, 31, 61, 301, 1_261, 86_401)
"""Ages of a replayed code, just past what servers cache for; privacyidea#1408 was 20 min."""

_USED_BEFORE: Final = 3
_EVENT: Final = frozenset({Can.EVENT})


def look_ahead_fresh(probe: Probe) -> Finding:
    """Measure the look-ahead of a token that the server never had a code of at log-in."""

    def accepts(skipped: int) -> bool:
        token = probe.event()
        return token.verify(token.next + skipped, sure=skipped == 0).accepted

    return _look_ahead(largest(accepts, limit=probe.reach))


def look_ahead_used(probe: Probe) -> Finding:
    """Measure the look-ahead after a success; tell if it is another than before."""

    def accepts(skipped: int) -> bool:
        token = probe.used()
        return token.verify(token.next + skipped, sure=skipped == 0).accepted

    found = _look_ahead(largest(accepts, limit=probe.reach))
    try:
        fresh = probe.number("hotp.look_ahead.fresh")
    except NotMeasuredError:
        return found
    if found.measured == fresh:
        return found
    return warn(
        found.measured,
        f"The look-ahead is {fresh} for a new token and {found.measured} once a code was taken:"
        f" whoever set it to one of the two gets the other. {found.why}",
        at_least=found.at_least,
    )


def replay_same(probe: Probe) -> Finding:
    """Submit an accepted code once more, at once."""
    token = probe.used()
    again = token.next - 1
    if token.verify(again).accepted:
        return fail(
            "accepted",
            "The same code works twice: who looks over a user's shoulder, or sits on the line,"
            " can log in after them.",
        )
    return ok("refused", "A code is good once.")


def replay_later(probe: Probe) -> Finding:
    """Submit an accepted code once more, later and later."""
    taken = []
    for age_s in _AGES_S:
        token = probe.used()
        again = token.next - 1
        probe.world.advance(age_s * SECOND)
        if token.verify(again).accepted:
            taken.append(age_s)
    if taken:
        return fail(
            taken,
            f"A used code works again after {', '.join(map(spoken, taken))}: whoever finds it in"
            " a log or a form can log in with it.",
        )
    return ok([], f"A used code stays used, for {spoken(_AGES_S[-1] - 1)} at least.")


def replay_older(probe: Probe) -> Finding:
    """Submit codes that were accepted before the last one."""
    token = probe.used()
    for _ in range(_USED_BEFORE - 1):
        must_take = token.verify(token.next, sure=True)
        if not must_take.accepted:
            raise NotMeasuredError("not measured: the server refused the next code in a row")
    newest = token.next - 1
    for older in range(newest - 1, newest - _USED_BEFORE, -1):
        if token.verify(older).accepted:
            return fail(
                "accepted",
                f"A code works again once {newest - older} newer one was used: the server"
                " remembers the last code in place of a counter.",
            )
    return ok("refused", "Codes older than the last one stay used.")


def behind(probe: Probe) -> Finding:
    """Measure how far behind the counter a code that was skipped is accepted."""
    window = min(probe.number("hotp.look_ahead.used"), _WIDE)
    if window < 1:
        raise NotOfferedError("no press may be skipped, so none lies behind the counter")

    def accepts(back: int) -> bool:
        token = probe.used()
        ahead = token.next + window
        if not token.verify(ahead).accepted:
            raise NotMeasuredError("not measured: a code at the edge of the window was refused")
        return token.verify(ahead - back).accepted

    edge = largest(accepts, first=1, limit=window)
    if edge.value:
        return fail(
            edge.value,
            f"A skipped code still works when one that is {counted(edge.value, 'press')} newer was"
            " used: the counter goes back (RFC 4226 section 7.2), and a code noted from a token"
            " that lay about stays good.",
            at_least=edge.at_least,
        )
    return ok(0, "Skipped codes die when a newer one is used.")


def first_counters(probe: Probe) -> Finding:
    """Submit the codes of counters 0 and 1, the first that a new token shows."""
    if probe.can(Can.SYNC):
        probe.event()  # its add form took 0 and 1, or there would be no token
        return ok([0, 1], "A new token is added with the first two codes that it shows.")
    token = probe.event()
    taken = [counter for counter in (0, 1) if token.verify(counter, sure=True).accepted]
    if taken == [0, 1]:
        return ok(taken, "The first code of a new token is taken, and so is the second.")
    return fail(
        taken,
        "A new token's first codes are refused: its user fails on the first day. The server"
        " begins to count at another number than the token (RFC 4226 section 5.1: at 0).",
    )


def _look_ahead(edge: Edge) -> Finding:
    presses = edge.value
    if presses < 0:
        return fail(presses, "Even the next code is refused: nobody can log in with this token.")
    if presses == 0:
        return warn(
            0,
            "One press by accident locks the user out until somebody resyncs the token"
            " (RFC 4226 section 7.4 asks for a look-ahead).",
        )
    told = (
        f"A pocket that presses {counted(presses, 'time')} does no harm; one that presses"
        f" {counted(presses + 1, 'time')} locks your user out of signing."
    )
    if edge.at_least:
        return fail(
            presses,
            f"No edge within {counted(presses, 'press')}: a guessed code is right {presses + 1}"
            " times in a million (RFC 4226 section 7.4: the look-ahead has to be small).",
            at_least=True,
        )
    if presses > _WIDE:
        return warn(
            presses,
            f"{told} But a guess is right {presses + 1} times in a million with 6 digits"
            " (RFC 4226 section 7.4: small).",
        )
    return ok(presses, told)


RULES: Final = (
    Rule(
        id="hotp.look_ahead.fresh",
        title="Look-ahead of a new token",
        unit="presses",
        needs=_EVENT,
        measure=look_ahead_fresh,
        cost=searching(codes=1),
        searches=True,
        reference="RFC 4226 §7.4",
        fresh=True,
    ),
    Rule(
        id="hotp.look_ahead.used",
        title="Look-ahead after a success",
        unit="presses",
        needs=_EVENT,
        measure=look_ahead_used,
        cost=searching(codes=2),
        searches=True,
        reference="RFC 4226 §7.4",
        after=("hotp.look_ahead.fresh",),
    ),
    Rule(
        id="hotp.replay.same",
        title="The same code again, at once",
        needs=_EVENT,
        measure=replay_same,
        cost=Cost(tokens=1, codes=2, failures=1),
        reference="RFC 4226 §7.2; OWASP ASVS 2.8.4",
    ),
    Rule(
        id="hotp.replay.later",
        title="Ages at which a used code works again",
        unit="s",
        needs=_EVENT | {Can.CLOCK},
        measure=replay_later,
        cost=Cost(tokens=len(_AGES_S), codes=2 * len(_AGES_S), failures=len(_AGES_S)),
        reference="RFC 4226 §7.2; OWASP ASVS 2.8.4",
    ),
    Rule(
        id="hotp.replay.older",
        title="Codes used before the last one",
        needs=_EVENT,
        measure=replay_older,
        cost=Cost(tokens=1, codes=5, failures=2),
        reference="RFC 4226 §7.2; OWASP ASVS 2.8.4",
    ),
    Rule(
        id="hotp.behind",
        title="Skipped codes behind the counter",
        unit="presses",
        needs=_EVENT,
        measure=behind,
        cost=Cost(tokens=2, codes=6, failures=2),
        searches=True,
        reference="RFC 4226 §7.2",
        after=("hotp.look_ahead.used",),
    ),
    Rule(
        id="hotp.first_counters",
        title="First counters accepted",
        needs=_EVENT,
        measure=first_counters,
        cost=Cost(tokens=1, codes=2, failures=0),
        reference="RFC 4226 §5.1",
        fresh=True,
    ),
)
