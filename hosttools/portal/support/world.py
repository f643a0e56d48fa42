"""What the portal lives in, as an operator sets it: clock, bugs, and how it all began.

For tests and practice: a clock that people live by can't be set, and what is no practice
data is not removed.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hosttools.errors import ConflictError
from hosttools.portal import auditlog, inspection, practice
from hosttools.portal.bugs import Bug
from hosttools.portal.logproof import Findings
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.portal.support import guard
from hosttools.refserver.http.clock import ServerClock

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal


def set_clock(portal: "Portal", session: Session, now_ns: int, reason: str) -> int:
    """Put a manual clock somewhere, forward or back.

    Args:
        portal: whose clock.
        session: the operator's.
        now_ns: ns since 1970, UTC.
        reason: why, for the log.

    Returns:
        Where it stands.

    Raises:
        Refusal: not the support desk, no reason, or the clock is somebody else's to set.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    clock = portal.clock
    if not isinstance(clock, ServerClock) or not clock.manual:
        raise Refusal(
            Why.CONFLICT,
            "This portal's clock can't be set: it is the host's, or the bench's, and is set there.",
        )
    with portal.db.write() as at:
        auditlog.append(portal, at, who, "clock set", to_ns=now_ns, reason=why)
        clock.set(now_ns)
    return now_ns


def set_bugs(
    portal: "Portal", session: Session, names: Iterable[str], reason: str
) -> tuple[str, ...]:
    """Have these things wrong from now on, in this process, and no others.

    Args:
        portal: what is wrong.
        session: the operator's.
        names: values of :class:`Bug`.
        reason: why, for the log.

    Returns:
        Their names, sorted.

    Raises:
        Refusal: not the support desk, no reason, or no such bug.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    known = {bug.value: bug for bug in Bug}
    try:
        wanted = frozenset(known[name] for name in names)
    except KeyError:
        there = ", ".join(known) or "none"
        raise Refusal(Why.BAD_INPUT, f"There is no such bug; there are: {there}.") from None
    told = tuple(sorted(bug.value for bug in wanted))
    with portal.db.write() as at:
        auditlog.append(portal, at, who, "bugs set", ", ".join(told) or "none", reason=why)
        portal.bugs = wanted
    return told


def start_over(portal: "Portal", session: Session, reason: str) -> None:
    """Have the practice as it was in the beginning, see :func:`practice.start_over`.

    Whoever is logged in, the operator too, has to log in again. What is wrong on purpose stays
    so, the clock stands where it does, and fobs on the bench are as they were pressed.

    Raises:
        Refusal: not the support desk, no reason, or no practice portal.
    """
    who, why = guard.operator(session).name, guard.reasoned(reason)
    try:
        with portal.db.write() as at:
            practice.start_over(portal, actor=who)
            auditlog.append(portal, at, who, "started over", reason=why)
    except ConflictError as e:
        raise Refusal(Why.CONFLICT, str(e)) from None


def check_log(portal: "Portal", session: Session) -> Findings:
    """Verify the audit log from its first entry to its head, and all that was signed.

    Raises:
        Refusal: not the support desk.
    """
    guard.operator(session)
    return inspection.inspect(portal)
