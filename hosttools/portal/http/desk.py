"""What the handlers of the portal work on."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from emulator.http.house import House
from hosttools.portal.desk import Portal


@dataclass(kw_only=True)
class PortalDesk(House):
    """All that the handlers work on, besides what a house has; one for each application.

    Attributes:
        portal: the portal; may be shared with other processes.
        sync_s: host seconds that a form stays after its codes were judged, as if a token took
            so long to sync. Meanwhile people can click again, as they do.
        fobs: where the page of the bench beside it is; ``None``: there is none.
    """

    portal: Portal
    sync_s: float = 0.0
    fobs: str | None = None


def desk_of(request: Request) -> PortalDesk:
    """Return the desk of the application that a request came to."""
    desk: PortalDesk = request.app.state.desk
    return desk


async def _portal(request: Request) -> Portal:
    return desk_of(request).portal


AtPortal = Annotated[Portal, Depends(_portal)]
"""A handler's parameter: the portal."""

Number = Annotated[int, Path(ge=1, le=2**53, description="Its number.", examples=[1])]
"""The same: the number of an order, or of a piece of mail."""
