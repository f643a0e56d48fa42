"""How codes are judged, as a value: the right way unless somebody puts another in its place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hosttools.refserver.forms import resync, sync
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import Record
from hosttools.refserver.verdict import Verdict
from hosttools.refserver.verify import verify

OneCode: TypeAlias = Callable[[Record, Policy, str, int], tuple[Record, Verdict]]
"""As :func:`hosttools.refserver.verify`."""
TwoCodes: TypeAlias = Callable[[Record, Policy, str, str, int], tuple[Record, Verdict]]
"""As :func:`hosttools.refserver.sync`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The acts of a token's holder, as pure functions of a record.

    Attributes:
        verify: one code.
        sync: the add form.
        resync: the resync form.
    """

    verify: OneCode = verify
    sync: TwoCodes = sync
    resync: TwoCodes = resync
