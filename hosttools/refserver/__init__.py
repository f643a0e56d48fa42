"""The built-in reference server: policy, verdicts, and a store that many processes share.

``verify``, ``sync``, ``resync`` and what an operator does (``order``, ``ship``, ``assign``,
``unlock``, ``reset``, ``replace``, ``revoke``, ``expire``) are pure functions of a record;
:class:`Store` runs them on records in a database, one at a time.
"""

from hosttools.refserver.admin import (
    assign,
    enrol,
    expire,
    order,
    replace,
    revoke,
    ship,
    unlock,
)
from hosttools.refserver.forms import reset, resync, sync
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record, Status
from hosttools.refserver.schema import AuditEntry
from hosttools.refserver.seam import TokenServer
from hosttools.refserver.store import Store
from hosttools.refserver.verdict import Act, Kind, Verdict
from hosttools.refserver.verify import verify

__all__ = [
    "Act",
    "AuditEntry",
    "Kind",
    "Policy",
    "Record",
    "Status",
    "Store",
    "TokenServer",
    "Verdict",
    "assign",
    "enrol",
    "expire",
    "order",
    "replace",
    "reset",
    "resync",
    "revoke",
    "ship",
    "sync",
    "unlock",
    "verify",
]
