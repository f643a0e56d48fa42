"""Fobs and portal in one window: the bench's page and ours, each in a frame."""

from fastapi import APIRouter
from starlette.responses import Response

from emulator.http.problems import Problem
from hosttools.portal.http.views import page
from hosttools.portal.http.visits import AnyVisit

router = APIRouter()


@router.get("/side")
def get_side(visit: AnyVisit) -> Response:
    """Show both."""
    fobs = visit.desk.fobs
    if fobs is None:
        raise Problem(404, "there is no bench beside this portal; galh portal serve --fobs has one")
    answer = page(visit, "side", fobs=fobs)
    answer.headers["content-security-policy"] = (
        f"default-src 'self'; frame-src 'self' {fobs}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    return answer
