"""After how many failures a server locks, whom, for how long, and what it lets on meanwhile.

Every measurement locks a token: these rules run on request only, on tokens of their own.
"""

from collections.abc import Callable
from typing import Final

from firmware_model.profile import SECOND, TokenType
from hosttools.errors import NotOfferedError
from hosttools.prober.finding import Finding, NotMeasuredError, Verdict, fail, ok, warn
from hosttools.prober.rule import Cost, Probe, Rule, must
from hosttools.prober.search import largest
from hosttools.prober.subject import LONGEST_WAIT_S, Subject
from hosttools.servers import Answer, Can, Outcome, ServerError
from hosttools.words import counted, spoken

_LIMIT: Final = 100
"""OWASP ASVS 2.2.1: no more than 100 failed attempts in an hour."""

_FEW: Final = 2
_MANY: Final = 20
_LONGEST_S: Final = 30 * 86_400
_CODES: Final = 25
"""Wrong codes that locking takes, as far as a plan can know before; most lock at 10 or less."""

_COUNT: Final = "lockout.after"
_RESET: Final = "lockout.reset_by_success"
_REFERENCE: Final = "RFC 4226 §7.3; OWASP ASVS 2.2.1"
_ANY: Final[frozenset[Can]] = frozenset()


def after(probe: Probe) -> Finding:
    """Measure how many wrong codes make a right one be refused."""
    throttled = too_long = False

    def survives(failures: int) -> bool:
        nonlocal throttled, too_long
        token = probe.any()
        throttled |= _fail(token, failures)
        answer = token.verify(token.next)
        too_long |= answer.outcome is Outcome.THROTTLED
        return answer.accepted

    edge = largest(survives, first=1, limit=_LIMIT)
    if too_long:
        return ok(
            None,
            f"No lock; but after {edge.value + 1} wrong codes the server makes wait for longer"
            f" than {spoken(LONGEST_WAIT_S)}.",
        )
    if edge.at_least:
        if throttled:
            return ok(
                None, f"No lock within {_LIMIT} wrong codes; the server makes who guesses wait."
            )
        return fail(
            None,
            f"No lock within {_LIMIT} wrong codes, and no waiting: codes can be guessed at the"
            " speed of the line.",
        )
    count = edge.value + 1
    if count <= _FEW:
        return warn(count, f"{counted(count, 'mistyped code')} and a user is locked out.")
    if count > _MANY:
        return warn(count, f"{count} wrong codes lock; that is many to guess with.")
    return ok(count, f"{count} wrong codes in a row lock.")


def reset_by_success(probe: Probe) -> Finding:
    """Fail nearly often enough, succeed, and do so again."""
    count = _count(probe)
    if count <= 1:
        raise NotMeasuredError("not measured: the first wrong code locks")
    token = probe.any()
    _fail(token, count - 1)
    must(token.verify(token.next).accepted, "the right code before the lock")
    _step_on(probe, token)
    _fail(token, count - 1)
    if token.verify(token.next).accepted:
        return ok("yes", "A success forgets the failures before it.")
    return fail(
        "no",
        "Failures add up over months, whatever succeeds in between: every user is locked some day.",
    )


def scope(probe: Probe) -> Finding:
    """Lock one of a user's two tokens, and use the other."""
    kind = TokenType.EVENT if probe.can(Can.EVENT) else TokenType.TIME
    user = f"probe{probe.any().serial[-8:]}".lower()
    try:
        one, other = probe.new(kind, user=user), probe.new(kind, user=user)
    except ServerError as e:
        raise NotMeasuredError(f"not measured: a user has one token here: {e}") from None
    must(other.verify(other.next, sure=True).accepted, "the second token's code")
    _step_on(probe, other)
    _fail(one, _count(probe))
    if one.verify(one.next).accepted:
        raise NotMeasuredError("not measured: a user with two tokens is not locked")
    if other.verify(other.next).accepted:
        return ok("token", "The token is locked; the user's other token still works.")
    return ok("user", "The user is locked, with all tokens: a spare token does not help.")


def duration(probe: Probe) -> Finding:
    """Measure how long a lock lasts by itself."""

    def refuses(seconds: int) -> bool:
        token = _locked(probe)
        probe.world.advance(seconds * SECOND)
        return not token.verify(token.next, waits=False).accepted

    if refuses(_LONGEST_S):
        if probe.can(Can.UNLOCK) or probe.can(Can.RESYNC):
            return ok(None, "The lock stays until somebody clears it.")
        return fail(
            None,
            f"The lock stays for {spoken(_LONGEST_S)} at least, and nothing here clears it.",
        )
    seconds = largest(refuses, limit=_LONGEST_S).value + 1
    return ok(seconds, f"The lock ends by itself after {spoken(seconds)}.")


def unlock(probe: Probe) -> Finding:
    """Lock, unlock as an operator, and log in."""
    token = _locked(probe)
    token.unlock()
    if token.verify(token.next).accepted:
        return ok("yes", "An operator's unlock clears the lock.")
    return fail("no", "A token stays locked after an operator unlocked it.")


def resync_unlocks(probe: Probe) -> Finding:
    """Lock, resync, and log in."""
    token = _locked(probe)
    first = token.next
    timed = not probe.can(Can.EVENT)
    if timed:
        _step_on(probe, token)
    resynced = token.resync(first, first + 1).accepted
    _step_on(probe, token)
    works = token.verify(token.next).accepted
    if resynced and works:
        return ok("yes", "Two codes in a row clear the lock: a user helps themselves.")
    if resynced:
        return fail(
            "no",
            "A locked token's resync succeeds, and the token stays locked: the user is told that"
            " all is well.",
        )
    return ok("no", "A locked token can't be resynced; it takes an operator, or time.")


def leaks(probe: Probe) -> Finding:
    """Compare what a locked token's right code and a wrong one are answered."""
    right, wrong = _locked(probe), _locked(probe)
    told_right = right.verify(right.next, waits=False)
    told_wrong = wrong.wrong(waits=False)
    if told_right.accepted:
        raise NotMeasuredError("not measured: the lock is gone at the second try")
    if _heard(told_right, right) != _heard(told_wrong, wrong):
        return fail(
            "yes",
            "The answer to a right code differs from that to a wrong one while locked: guessing"
            " goes on behind the lock.",
        )
    return ok("no", "While locked, right and wrong codes are answered alike.")


def counts(probe: Probe) -> Finding:
    """Submit a right code while locked, unlock, and submit it again."""
    token = _locked(probe)
    code = token.next
    if token.verify(code, waits=False).accepted:
        raise NotMeasuredError("not measured: the lock is gone at the second try")
    token.unlock()
    if token.verify(code).accepted:
        return ok("no", "A right code while locked changes nothing.")
    if token.verify(code + 1).accepted:
        return warn(
            "yes",
            "A right code while locked is used up: each try of the user's brings the token a"
            " press nearer to the edge of the window.",
        )
    raise NotMeasuredError("not measured: the token stays locked after the unlock")


def _count(probe: Probe) -> int:
    found = probe.found(_COUNT)
    if isinstance(found.measured, int):
        return found.measured
    if found.verdict is Verdict.UNKNOWN:
        raise NotMeasuredError(f"not measured: it takes {_COUNT}, which is not known")
    raise NotOfferedError(f"{probe.server.name} has no lock that {_LIMIT} wrong codes reach")


def _locked(probe: Probe) -> Subject:
    token = probe.any()
    _fail(token, _count(probe))
    return token


def _fail(token: Subject, times: int) -> bool:
    """Submit so many wrong codes; return whether the server ever made us wait."""
    before = token.waits
    for _ in range(times):
        token.wrong()
    return token.waits > before


def _step_on(probe: Probe, token: Subject) -> None:
    """Let a time token come to its next code."""
    if not probe.can(Can.EVENT):
        probe.world.advance(token.step_ns)


def _heard(answer: Answer, token: Subject) -> tuple[Outcome, str]:
    words = answer.reason.lower().replace(token.serial.lower(), "…")
    return answer.outcome, words


def _locks(tokens: int) -> Cost:
    """Return what locking so many tokens costs."""
    return Cost(tokens + 2, tokens * _CODES, tokens * (_CODES - 1))


def _rule(
    rule_id: str,
    title: str,
    measure: Callable[[Probe], Finding],
    *,
    cost: Cost,
    needs: frozenset[Can] = _ANY,
    unit: str = "",
) -> Rule:
    return Rule(
        id=rule_id,
        title=title,
        unit=unit,
        needs=needs,
        measure=measure,
        cost=cost,
        reference=_REFERENCE,
        after=() if measure is after else (_COUNT,),
        fresh=True,
        lockout=True,
    )


RULES: Final = (
    _rule(_COUNT, "Wrong codes that lock", after, cost=Cost(16, 900, 900), unit="wrong codes"),
    _rule(
        "lockout.reset_by_success", "A success forgets failures", reset_by_success, cost=_locks(2)
    ),
    _rule("lockout.scope", "What is locked", scope, cost=_locks(1)),
    _rule(
        "lockout.duration",
        "How long a lock lasts by itself",
        duration,
        cost=_locks(2 * _LONGEST_S.bit_length()),
        needs=frozenset({Can.CLOCK}),
        unit="s",
    ),
    _rule(
        "lockout.unlock",
        "An operator's unlock clears the lock",
        unlock,
        cost=_locks(1),
        needs=frozenset({Can.UNLOCK}),
    ),
    _rule(
        "lockout.resync_unlocks",
        "A resync clears the lock",
        resync_unlocks,
        cost=_locks(1),
        needs=frozenset({Can.RESYNC}),
    ),
    _rule("lockout.leaks", "A lock tells right codes from wrong ones", leaks, cost=_locks(2)),
    _rule(
        "lockout.counts",
        "A right code while locked is used up",
        counts,
        cost=_locks(1),
        needs=frozenset({Can.UNLOCK}),
    ),
)
