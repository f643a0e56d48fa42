"""The portal's further acts, for scenarios that walk the whole procedure: a fixed list.

Nothing else of the portal can be reached by a scenario's file. What stands in braces in a
path is taken from what is given; the rest of that is what is sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from hosttools.errors import UsageError


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Attributes:
        method: HTTP's.
        path: below the API's.
        reasoned: whether it takes the reason that the support desk has to give.
    """

    method: str
    path: str
    reasoned: bool = False


def _support(method: str, path: str) -> Act:
    return Act(method, f"/support{path}", reasoned=method != "GET")


ACTS: Final[Mapping[str, Act]] = {
    # Device management.
    "send_code": Act("POST", "/proof/send"),
    "enter_code": Act("POST", "/proof"),
    "devices": Act("GET", "/devices"),
    "open_form": Act("POST", "/devices/forms"),
    "add_token": Act("POST", "/devices/add"),
    "resync_token": Act("POST", "/devices/resync"),
    "form_result": Act("GET", "/devices/forms/{form_id}"),
    "deactivate": Act("POST", "/devices/{serial}/deactivate"),
    # Prescriptions.
    "patients": Act("GET", "/patients"),
    "compose": Act("POST", "/patients/{patient}/prescriptions"),
    "edit": Act("PUT", "/prescriptions/{prescription}"),
    "prescription": Act("GET", "/prescriptions/{prescription}"),
    "make_ready": Act("POST", "/prescriptions/{prescription}/ready"),
    "ready_list": Act("GET", "/ready"),
    "discard": Act("POST", "/prescriptions/{prescription}/discard"),
    "sign": Act("POST", "/sign"),
    "signed_record": Act("GET", "/prescriptions/{prescription}/record"),
    "access": Act("GET", "/access"),
    # Spares.
    "quote": Act("GET", "/quote"),
    "place_order": Act("POST", "/orders"),
    "order": Act("GET", "/orders/{order}"),
    "pay": Act("POST", "/orders/{order}/pay"),
    "receipt": Act("GET", "/orders/{order}/receipt"),
    "cancel_order": Act("POST", "/orders/{order}/cancel"),
    "mailbox": Act("GET", "/mailbox"),
    # The support desk.
    "support_token": _support("GET", "/tokens/{serial}"),
    "support_reset": _support("POST", "/tokens/{serial}/reset"),
    "support_unlock": _support("POST", "/tokens/{serial}/unlock"),
    "support_revoke": _support("POST", "/tokens/{serial}/revoke"),
    "support_log": _support("GET", "/log"),
    "verify_log": _support("POST", "/log/verify"),
}
"""By name; :mod:`hosttools.servers.portal` has those that are more than one request."""

_FIELD: Final = re.compile(r"\{(\w+)\}")


def filled(act: Act, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return an act's path, and what is left to be sent.

    Raises:
        UsageError: what the path takes is missing.
    """
    left = dict(given)

    def field(found: re.Match[str]) -> str:
        name = found[1]
        if name not in left:
            raise UsageError(f"{name} is missing; {act.path} takes it")
        return quote(str(left.pop(name)), safe="")

    return _FIELD.sub(field, act.path), left
