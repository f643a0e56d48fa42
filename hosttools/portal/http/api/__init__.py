"""The JSON API, a router for each part of the portal.

Each route is one verb: it takes what the verb takes and answers what the verb returns, with no
word of its own. A refusal is a problem (RFC 9457) with the verb's reason as its ``code``.
"""

from typing import Final

from fastapi import APIRouter

from hosttools.portal.http.api import (
    devices,
    phone,
    prescriptions,
    proof,
    session,
    spares,
    support,
    world,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    session.router,
    phone.router,
    proof.router,
    devices.router,
    prescriptions.router,
    spares.router,
    support.router,
    world.router,
)

open_router: Final = world.open_router
