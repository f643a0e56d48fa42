"""What a resync makes of two codes that are no sequence; the same for every type of token."""

from hosttools.prober.finding import Finding, fail, ok
from hosttools.prober.subject import Subject


def swapped(token: Subject, first: int) -> Finding:
    """Submit two codes in the wrong order.

    Args:
        token: to submit for.
        first: the factor of the first code of a pair that would be taken.
    """
    if token.resync(first + 1, first).accepted:
        return fail("accepted", "The order of the two codes does not matter: guessing is easier.")
    return ok("refused", "The order of the two codes matters.")


def same_code_twice(token: Subject, first: int) -> Finding:
    """Submit one code in both fields; arguments as of :func:`swapped`."""
    if token.resync(first, first).accepted:
        return fail("accepted", "One code in both fields is a resync: it proves no sequence.")
    return ok("refused", "One code in both fields is no sequence.")
