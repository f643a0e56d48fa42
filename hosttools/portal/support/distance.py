"""How far a token is off: what its last code told the server, in words.

A server knows no more: what was pressed since is known to nobody but the fob. Where it is
on a bench beside the portal, its page's gauge shows that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from emulator.clock import format_utc
from firmware_model.profile import TokenType
from hosttools.refserver import AuditEntry, Kind, Policy
from hosttools.refserver.verdict import away

_IN_STEP: Final = frozenset(
    kind.value for kind in (Kind.ACCEPTED, Kind.ACTIVE, Kind.RESYNCED, Kind.RESET)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far a token was off when the server last knew a code of it.

    Attributes:
        presses: presses, or steps of a time token, that it was ahead; negative: behind;
            0: in step; ``None``: no code of it was ever known.
        at_ns: when that was, ns since 1970, UTC; ``None`` likewise.
        words: all of that, and what brings it back.
    """

    presses: int | None
    at_ns: int | None
    words: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        at = None if self.at_ns is None else format_utc(self.at_ns)
        return {"presses": self.presses, "at": at, "words": self.words}


def distance_of(entries: Sequence[AuditEntry], kind: TokenType, policy: Policy) -> Distance:
    """Return how far a token is off.

    Args:
        entries: its audit, oldest first.
        kind: event or time.
        policy: how it is treated now.
    """
    last = next((entry for entry in reversed(entries) if entry.factor is not None), None)
    if last is None or last.distance is None:
        return Distance(presses=None, at_ns=None, words="not known: no code of it was seen yet")
    if last.kind in _IN_STEP:
        return Distance(presses=0, at_ns=last.at_ns, words="in step")
    off = last.distance
    return Distance(
        presses=off,
        at_ns=last.at_ns,
        words=f"{away(off, kind)}: {_remedy(off, kind, policy)}",
    )


def _remedy(off: int, kind: TokenType, policy: Policy) -> str:
    if kind is TokenType.EVENT:
        back, near, wide = 0, policy.look_ahead, policy.resync_window
    else:
        back, near, wide = policy.steps_back, policy.steps_forward, policy.resync_steps
    if -back <= off <= near:
        return "its next code is accepted"
    if off < 0 and kind is TokenType.EVENT:
        return "an old code; its next press may do"
    if abs(off) <= wide:
        return "a resync brings it back"
    if abs(off) <= policy.operator_search:
        return "only a reset brings it back"
    return "out of reach; replace it"
