"""What the reference server has to say to a code or a pair, from the distance alone.

Read off its documentation (docs/reference-server.md), and not off its code.
"""

from hosttools.refserver import Kind, Policy


def code_kind(distance: int, policy: Policy, *, timed: bool) -> Kind:
    """Return what becomes of a fresh code.

    Args:
        distance: presses or steps that it is ahead of the server; negative: behind.
        policy: the server's.
        timed: whether it is a time token's, with a clock on either side of the true time.
    """
    if timed:
        if -policy.steps_back <= distance <= policy.steps_forward:
            return Kind.ACCEPTED
        return Kind.OUT_OF_SYNC if abs(distance) <= policy.resync_steps else Kind.INVALID
    if distance < 0:
        return Kind.REPLAYED if -distance <= policy.look_back else Kind.INVALID
    if distance <= policy.look_ahead:
        return Kind.ACCEPTED
    return Kind.OUT_OF_SYNC if distance <= policy.resync_window else Kind.INVALID


def pair_kind(distance: int, policy: Policy, *, timed: bool) -> Kind:
    """Return what becomes of two fresh codes in a row; ``distance`` is that of the first."""
    window = policy.resync_steps if timed else policy.resync_window
    if not timed and -policy.look_back <= distance < 0:
        return Kind.REPLAYED
    within = abs(distance) <= window if timed else 0 <= distance <= window
    return Kind.RESYNCED if within else Kind.OUTSIDE_WINDOW
