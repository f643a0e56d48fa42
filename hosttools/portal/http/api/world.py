"""What anybody may know: that the portal lives, and what time it has."""

from fastapi import APIRouter

from hosttools.portal.http import schemas
from hosttools.portal.http.desk import AtPortal

router = APIRouter(tags=["portal"])
open_router = APIRouter(tags=["health"])


@router.get("/clock")
def get_clock(portal: AtPortal) -> schemas.Clock:
    """Tell portal time. It needs no session."""
    return schemas.Clock(now_ns=portal.clock.now_ns())


@open_router.get("/healthz", summary="Whether the portal lives")
def healthz(portal: AtPortal) -> schemas.Health:
    """Answer 200 as long as the tokens can be read."""
    portal.tokens.list(limit=1)
    return schemas.Health()
