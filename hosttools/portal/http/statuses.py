"""Which HTTP status a refusal has."""

from collections.abc import Mapping
from typing import Final

from hosttools.portal.refusals import Refusal, Why

STATUS: Final[Mapping[Why, int]] = {
    Why.BAD_INPUT: 422,
    Why.WRONG_LOGIN: 401,
    Why.NOT_LOGGED_IN: 401,
    Why.NOT_ALLOWED: 403,
    Why.DOCTORS_ONLY: 403,
    Why.TOO_MANY: 429,
    Why.NOT_FOUND: 404,
    Why.CONFLICT: 409,
    Why.NOT_PROVEN: 403,
    Why.NO_EPCS: 403,
    Why.NOT_REGISTERED: 403,
    Why.LOCKED: 409,
    Why.WRONG_FACTOR: 403,
    Why.REFUSED_CODE: 422,
    Why.OUT_OF_WINDOW: 409,
    Why.DOUBLE_SUBMIT: 409,
    Why.DECLINED: 402,
}
"""For every reason."""


def wait_headers(refusal: Refusal) -> dict[str, str]:
    """Return the headers that say when to come back."""
    return {"Retry-After": str(-(-refusal.wait_ns // 10**9))} if refusal.wait_ns else {}
