"""The life of a token at the server, as a transition table.

Theory of operation
-------------------

A token is taken in once: on order, while it is being made, or enrolled, when it is in
somebody's hands already. What was ordered is shipped, and then assigned to its holder;
until then it is nobody's, and no code of it is looked at. The holder adds it with two
codes in a row (PAIR), and from then on it is active. Too many refused codes lock it
(FAILURES); a pair, if the policy says so, or an operator unlocks it. One that is too far
off for the resync form is brought back by an operator, to whom its holder reads two codes
(RESET).

Three statuses are the end: revoked, replaced by another token, expired. No code, no pair
and no operator leads out of them, so that a lost token stays lost. A token expires by an
operator, or by itself: the first act after its last day finds it expired, and it stays
so even if the server's clock is set back.

A pair of status and trigger that is not in the table is refused and changes nothing. An
active token takes codes; a token of any other status takes none.

The diagram in docs/ is drawn from :data:`TABLE`.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Final

from emulator.clock import format_utc
from hosttools.refserver.record import Record, Status
from hosttools.refserver.verdict import Kind


class Trigger(enum.Enum):
    """What makes a token move in its life. Those that an operator asks for are acts too."""

    ENROL = "enrol"
    """Taken in, in its holder's hands."""
    ORDER = "order"
    """Taken in, while it is being made."""
    SHIP = "ship"
    """Sent on its way."""
    ASSIGN = "assign"
    """Given to a holder; before it is added, to another one."""
    PAIR = "pair"
    """Two codes in a row, in the add form or the resync form."""
    FAILURES = "failures"
    """As many refused codes in a row as the policy allows."""
    UNLOCK = "unlock"
    """An operator forgets its failures."""
    RESET = "reset"
    """An operator takes a pair from further off than the resync form does."""
    REVOKE = "revoke"
    """An operator takes it out of use."""
    REPLACE = "replace"
    """Another token takes its place."""
    EXPIRE = "expire"
    """Its last day is over, or an operator says so."""


_END: Final = {
    Trigger.REVOKE: Status.REVOKED,
    Trigger.REPLACE: Status.REPLACED,
    Trigger.EXPIRE: Status.EXPIRED,
}

TABLE: Final[Mapping[Status | None, Mapping[Trigger, Status]]] = {
    None: {Trigger.ORDER: Status.ORDERED, Trigger.ENROL: Status.ASSIGNED},
    Status.ORDERED: {Trigger.SHIP: Status.SHIPPED, **_END},
    Status.SHIPPED: {Trigger.ASSIGN: Status.ASSIGNED, **_END},
    Status.ASSIGNED: {
        Trigger.ASSIGN: Status.ASSIGNED,
        Trigger.PAIR: Status.ACTIVE,
        Trigger.UNLOCK: Status.ASSIGNED,
        Trigger.RESET: Status.ASSIGNED,
        **_END,
    },
    Status.ACTIVE: {
        Trigger.PAIR: Status.ACTIVE,
        Trigger.FAILURES: Status.LOCKED,
        Trigger.UNLOCK: Status.ACTIVE,
        Trigger.RESET: Status.ACTIVE,
        **_END,
    },
    Status.LOCKED: {
        Trigger.PAIR: Status.ACTIVE,
        Trigger.UNLOCK: Status.ACTIVE,
        Trigger.RESET: Status.ACTIVE,
        **_END,
    },
    Status.REVOKED: {},
    Status.REPLACED: {},
    Status.EXPIRED: {},
}
"""Status, trigger → status. ``None``: the server does not know it yet."""

TERMINAL: Final = frozenset(status for status, leads in TABLE.items() if status and not leads)
"""What nothing leads out of."""

OUT_OF_USE: Final[Mapping[Status, Kind]] = {
    Status.ORDERED: Kind.NOT_ASSIGNED,
    Status.SHIPPED: Kind.NOT_ASSIGNED,
    Status.REVOKED: Kind.REVOKED,
    Status.REPLACED: Kind.REPLACED,
    Status.EXPIRED: Kind.EXPIRED,
}
"""What a code or a pair is refused as, before anything else is looked at."""


def aged(record: Record, now_ns: int) -> Record:
    """Return a record as time left it: expired, if its last moment is over.

    Args:
        record: what the server knows of the token.
        now_ns: server time, ns since 1970, UTC.
    """
    over = record.expires_ns is not None and now_ns > record.expires_ns
    to = TABLE[record.status].get(Trigger.EXPIRE) if over else None
    return record if to is None else dataclasses.replace(record, status=to)


def note_of(record: Record) -> str:
    """Return what a verdict adds about the end of a token; empty before it."""
    if record.status is Status.REPLACED:
        return record.replaced_by or "another token"
    if record.status is Status.EXPIRED:
        return "now" if record.expires_ns is None else format_utc(record.expires_ns)
    return ""
