"""Event tokens: two codes in a row, in a form or by two log-ins.

RFC 4226 section 7.4 lets a server ask for a sequence of codes to find a token that is far
ahead. What is asked of it then: a real sequence, never back, and the next code works.
"""

from collections.abc import Callable
from typing import Final

from hosttools.prober import pairs
from hosttools.prober.finding import Finding, NotMeasuredError, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule, must, searching
from hosttools.prober.search import largest
from hosttools.prober.subject import Subject
from hosttools.servers import Can
from hosttools.words import counted

_EVENT: Final = frozenset({Can.EVENT})
_FORM: Final = frozenset({Can.EVENT, Can.RESYNC})
_HISTORY: Final = 4
_BACK: Final = (1, 2, _HISTORY)
_WIDE: Final = 10_000
_REPLAY: Final = "RFC 4226 §7.2; OWASP ASVS 2.8.4"

_WINDOW: Final = ("hotp.look_ahead.used",)
_REACH: Final = (*_WINDOW, "hotp.resync.ahead")
_SEARCHES: Final = frozenset({"hotp.resync.ahead", "hotp.resync.gap", "hotp.auto_resync"})
_IN_PRESSES: Final = _SEARCHES | {"hotp.resync.behind", "hotp.resync.edge"}


def ahead(probe: Probe) -> Finding:
    """Measure how many presses a pair of codes makes good."""

    def accepts(skipped: int) -> bool:
        token = probe.used()
        return token.resync(token.next + skipped, token.next + skipped + 1).accepted

    edge = largest(accepts, limit=probe.reach)
    presses = edge.value
    if presses < 0:
        return _only_far(probe, accepts)
    look_ahead = probe.number("hotp.look_ahead.used")
    if presses <= look_ahead:
        return fail(
            presses,
            f"A resync reaches {counted(presses, 'press')}, a single code {look_ahead}: it helps"
            " nobody who needs it.",
            at_least=edge.at_least,
        )
    told = f"A token that was pressed {counted(presses, 'time')} comes back with two codes"
    if edge.at_least:
        return warn(presses, f"{told}, and no edge was found.", at_least=True)
    if presses > _WIDE:
        return warn(presses, f"{told}; a guessed pair is right more often the wider this is.")
    return ok(presses, f"{told}; one more, and it takes an operator.")


def _only_far(probe: Probe, accepts: Callable[[int], bool]) -> Finding:
    past = probe.number("hotp.look_ahead.used") + 1
    edge = largest(accepts, first=past, limit=probe.reach)
    if edge.value < past:
        return fail(-1, "The resync form refuses every pair: nobody gets back in step.")
    return warn(
        edge.value,
        f"A resync reaches {counted(edge.value, 'press')}, but refuses a token that is"
        " in step: a user who resyncs to be sure is told that the token is broken.",
        at_least=edge.at_least,
    )


def back(probe: Probe) -> Finding:
    """Submit pairs of used codes, and one that is half used."""
    reached = 0
    for distance in _BACK:
        token = _with_history(probe)
        if token.resync(token.next - distance, token.next - distance + 1).accepted:
            reached = distance
    if reached:
        return fail(
            reached,
            f"A resync goes back {counted(reached, 'press')}: used codes become good again, for"
            " whoever saw them.",
        )
    return ok(0, "A resync never goes back.")


def gap(probe: Probe) -> Finding:
    """Measure how many presses may lie between the two codes."""
    start = _start(probe)

    def accepts(between: int) -> bool:
        token = probe.used()
        first = token.next + start
        return token.resync(first, first + 1 + between).accepted

    edge = largest(accepts, first=1, limit=min(probe.reach, 1_000))
    if edge.value > 0:
        return fail(
            edge.value,
            f"Two codes with {counted(edge.value, 'press')} between them count as a sequence: a"
            f" guessed pair is right {edge.value + 1} times as often.",
            at_least=edge.at_least,
        )
    return ok(0, "Only two codes in a row are a sequence.")


def swapped(probe: Probe) -> Finding:
    """Submit two codes in the wrong order."""
    return pairs.swapped(*_pair(probe))


def same_code_twice(probe: Probe) -> Finding:
    """Submit one code in both fields."""
    return pairs.same_code_twice(*_pair(probe))


def next_code(probe: Probe) -> Finding:
    """Log in with the code after a resync."""
    token = _resynced(probe)
    if token.verify(token.next, sure=True).accepted:
        return ok("accepted", "The code right after a resync works.")
    return fail(
        "refused",
        "The code right after a resync is refused: the user did all that was asked, and still"
        " can't log in.",
    )


def resync_replay(probe: Probe) -> Finding:
    """Log in with the two codes of a resync."""
    for back_by in (1, 2):
        token = _resynced(probe)
        if token.verify(token.next - back_by).accepted:
            which = "second" if back_by == 1 else "first"
            return fail(
                "accepted",
                f"The {which} code of a resync works again: who saw the form can log in.",
            )
    return ok("refused", "The codes of a resync are used.")


def resync_edge(probe: Probe) -> Finding:
    """Submit pairs in, across and past the edge of the look-ahead."""
    look_ahead = probe.number("hotp.look_ahead.used")
    reach = probe.number("hotp.resync.ahead")
    refused = []
    for start in sorted({0, max(look_ahead - 1, 0), look_ahead, look_ahead + 1}):
        token = probe.used()
        if start <= reach and not token.resync(token.next + start, token.next + start + 1).accepted:
            refused.append(start)
    if refused:
        return warn(
            refused,
            f"A pair that begins {', '.join(map(str, refused))} presses ahead is refused, though"
            f" {reach} are allowed: some users resync in vain.",
        )
    return ok([], "A pair is good in, across and past the edge of the look-ahead.")


def auto_resync(probe: Probe) -> Finding:
    """Log in twice in a row, past the look-ahead."""
    past = probe.number("hotp.look_ahead.used") + 1

    def accepts(skipped: int) -> bool:
        token = probe.used()
        first = token.next + skipped
        return not token.verify(first).accepted and token.verify(first + 1).accepted

    edge = largest(accepts, first=past, limit=probe.reach)
    if edge.value < past:
        return ok(0, "A token out of step has to be resynced; two log-ins in a row don't help.")
    return ok(
        edge.value,
        f"Two log-ins in a row bring back a token that was pressed {counted(edge.value, 'time')};"
        " the user notices no more than one refusal.",
        at_least=edge.at_least,
    )


def auto_twice(probe: Probe) -> Finding:
    """Log in twice with one code, past the look-ahead."""
    token = probe.used()
    far = token.next + probe.number("hotp.look_ahead.used") + 1
    if token.verify(far).accepted:
        raise NotMeasuredError("not measured: the first code past the look-ahead was accepted")
    if token.verify(far).accepted:
        return fail(
            "accepted",
            "A code too far ahead works when it is sent twice: the look-ahead is as wide as the"
            " search behind it.",
        )
    return ok("refused", "The same code twice is no sequence.")


def auto_replay(probe: Probe) -> Finding:
    """Log in with used codes, two in a row."""
    token = _with_history(probe)
    used = range(token.next - _HISTORY, token.next)
    accepted = [token.verify(factor).accepted for factor in used]  # all: it takes several
    if any(accepted):
        return fail(
            "accepted",
            "Used codes, sent in a row, work again: automatic resync takes a replay for a token"
            " that is out of step (LinOTP#110).",
        )
    return ok("refused", "Used codes stay used, also when they come in a row.")


def _start(probe: Probe) -> int:
    """Return where a pair begins that only a resync can find."""
    reach = probe.number("hotp.resync.ahead")
    if reach < 0:
        raise NotMeasuredError("not measured: the server refuses every pair")
    return min(probe.number("hotp.look_ahead.used") + 1, reach)


def _pair(probe: Probe) -> tuple[Subject, int]:
    """Return a token, and where a pair of it begins that only a resync can find."""
    start = _start(probe)
    token = probe.used()
    return token, token.next + start


def _resynced(probe: Probe) -> Subject:
    token, first = _pair(probe)
    must(token.resync(first, first + 1).accepted, "a pair that it took from another token,")
    return token


def _with_history(probe: Probe) -> Subject:
    token = probe.used()
    for _ in range(_HISTORY - 1):
        must(token.verify(token.next, sure=True).accepted, "the next code")
    return token


def _rule(
    rule_id: str,
    title: str,
    measure: Callable[[Probe], Finding],
    cost: Cost,
    *,
    after: tuple[str, ...] = _REACH,
    reference: str = "RFC 4226 §7.4",
) -> Rule:
    return Rule(
        id=rule_id,
        title=title,
        unit="presses" if rule_id in _IN_PRESSES else "",
        needs=_FORM if rule_id.startswith("hotp.resync.") else _EVENT,
        measure=measure,
        cost=cost,
        searches=rule_id in _SEARCHES,
        reference=reference,
        after=after,
    )


RULES: Final = (
    _rule(
        "hotp.resync.ahead", "How far a resync reaches", ahead, searching(codes=3), after=_WINDOW
    ),
    _rule(
        "hotp.resync.behind",
        "How far a resync goes back",
        back,
        Cost(3, 18, 3),
        after=(),
        reference="RFC 4226 §7.2",
    ),
    _rule("hotp.resync.gap", "Presses between the two codes of a resync", gap, Cost(2, 6, 2)),
    _rule("hotp.resync.swapped", "Codes of a resync in the wrong order", swapped, Cost(1, 3, 1)),
    _rule(
        "hotp.resync.same_code_twice",
        "One code in both fields of a resync",
        same_code_twice,
        Cost(1, 3, 1),
    ),
    _rule("hotp.resync.next_code", "The code right after a resync", next_code, Cost(1, 4, 0)),
    _rule(
        "hotp.resync.replay",
        "The codes of a resync again",
        resync_replay,
        Cost(2, 8, 2),
        reference=_REPLAY,
    ),
    _rule(
        "hotp.resync.edge",
        "Starts of a pair that are refused near the look-ahead's edge",
        resync_edge,
        Cost(4, 12, 0),
    ),
    _rule(
        "hotp.auto_resync",
        "How far two log-ins in a row reach",
        auto_resync,
        Cost(2, 6, 4),
        after=_WINDOW,
    ),
    _rule(
        "hotp.auto_resync.same_code_twice",
        "One code too far ahead, sent twice",
        auto_twice,
        Cost(1, 3, 2),
        after=_WINDOW,
    ),
    _rule(
        "hotp.auto_resync.replay",
        "Used codes in a row",
        auto_replay,
        Cost(1, 8, 4),
        after=(),
        reference=_REPLAY,
    ),
)
