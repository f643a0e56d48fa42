"""The support desk: what an operator sees and does, under a login of that role only.

    guard       who may, and that a reason is given
    distance    how far a token is off, in words, and what brings it back
    views       tokens, accounts, orders, mail and the log, as an operator finds them
    acts        reset, unlock, revoke, replace …: each is logged with its reason
    services    what is done to the portal: its policy, an EPCS account, a lost letter

An operator sees counters and distances, which users never do, but no code and no secret.
"""

from hosttools.portal.support.acts import (
    assign,
    enrol,
    expire,
    remove,
    replace,
    reset,
    revoke,
    unlock,
)
from hosttools.portal.support.distance import Distance
from hosttools.portal.support.services import allow_again, hire, resend, restore_epcs, set_policy
from hosttools.portal.support.views import (
    Envelope,
    TokenRow,
    TokenView,
    log,
    mail,
    orders,
    people,
    token,
    tokens,
)

__all__ = [
    "Distance",
    "Envelope",
    "TokenRow",
    "TokenView",
    "allow_again",
    "assign",
    "enrol",
    "expire",
    "hire",
    "log",
    "mail",
    "orders",
    "people",
    "remove",
    "replace",
    "resend",
    "reset",
    "restore_epcs",
    "revoke",
    "set_policy",
    "token",
    "tokens",
    "unlock",
]
