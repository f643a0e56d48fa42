"""How often somebody may try: counted in the database, so that a restart forgets nothing.

An attempt counts for as long as the caller says and then is forgotten. Nobody is locked out
for longer than that: who is over the limit adds nothing to it by trying on.
"""

from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, delete, func, insert, or_, select

from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.tables import attempt

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

_NS: Final = 1_000_000_000


def take(portal: "Portal", at: Connection, key: str, *, most: int, within_s: int) -> None:
    """Count one attempt, or refuse it.

    Args:
        portal: whose clock counts.
        at: the change that it is a part of. A refusal raised inside undoes that.
        key: what is tried, and by whom, such as ``login dr.adams``.
        most: so many are allowed,
        within_s: in so many seconds.

    Raises:
        Refusal: there were as many already; it says how long to wait.
    """
    now_ns = portal.clock.now_ns()
    at.execute(delete(attempt).where(attempt.c.over_ns <= now_ns))
    # Those of a clock that was set back since are no help to anybody, and no harm.
    mine = (attempt.c.key == key, attempt.c.at_ns <= now_ns)
    count, first_over_ns = at.execute(
        select(func.count(), func.min(attempt.c.over_ns)).where(*mine)
    ).one()
    if count >= most:
        wait_ns = first_over_ns - now_ns
        raise Refusal(
            Why.TOO_MANY,
            f"Too many attempts. Try again in {_words(wait_ns)}.",
            f"{key}: {count} attempts within {within_s} s, {most} are allowed",
            wait_ns=wait_ns,
        )
    at.execute(insert(attempt).values(key=key, at_ns=now_ns, over_ns=now_ns + within_s * _NS))


def give_back(at: Connection, key: str) -> None:
    """Forget the last attempt: it was no failure. Call it in the change's own block."""
    last = select(func.max(attempt.c.id)).where(attempt.c.key == key).scalar_subquery()
    at.execute(delete(attempt).where(attempt.c.id == last))


def clear(at: Connection, key: str) -> None:
    """Forget all attempts: whoever it is got it right."""
    at.execute(delete(attempt).where(attempt.c.key == key))


def clear_of(at: Connection, account: str) -> None:
    """Forget all attempts that are counted by an account's name; log-ins are by its digest."""
    counted = (attempt.c.key.endswith(f"{mark}{account}", autoescape=True) for mark in " :")
    at.execute(delete(attempt).where(or_(*counted)))


def _words(wait_ns: int) -> str:
    seconds = -(-wait_ns // _NS)
    return f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} minutes"  # noqa: PLR2004  # two minutes
