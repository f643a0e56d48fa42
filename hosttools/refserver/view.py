"""What the reference server believes of a token, as whoever draws or probes reads it."""

from typing import Final

from emulator.serverview import ServerView
from firmware_model.profile import TokenType
from hosttools.refserver.lifecycle import aged
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record, Status

DEFAULT_NAME: Final = "reference server"

_OPEN: Final = frozenset({Status.ASSIGNED, Status.ACTIVE})
"""In any other status, no code and no pair is taken without somebody's help."""


def server_view(
    record: Record, policy: Policy, now_ns: int, *, name: str = DEFAULT_NAME
) -> ServerView:
    """Return what a server that keeps such records believes of a token.

    A policy may look further to one side of a time token's step than to the other; the
    view has the nearer edge, so that what it calls inside is accepted.

    Args:
        record: what the server knows of the token.
        policy: how it treats its tokens.
        now_ns: server time, ns since 1970, UTC.
        name: the server's.
    """
    status = aged(record, now_ns).status
    locked = status not in _OPEN or now_ns < record.throttled_until_ns
    if record.token_type is TokenType.EVENT:
        return ServerView(
            name=name,
            next_counter=record.next_factor,
            look_ahead=policy.look_ahead,
            resync_window=policy.resync_window,
            locked=locked,
        )
    return ServerView(
        name=name,
        step_offset=record.drift_steps,
        look_ahead=min(policy.steps_back, policy.steps_forward),
        resync_window=policy.resync_steps,
        locked=locked,
    )
