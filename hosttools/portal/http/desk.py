"""What the handlers of the portal work on."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from emulator.http.house import House
from hosttools.portal.desk import Portal


@dataclass(kw_only=True)
class PortalDesk(House):
    """All that the handlers work on, besides what a house has; one for each application.

    Attributes:
        portal: the portal; may be shared with other processes.
        practice: whether the made-up accounts and their passwords are told on the log-in page.
    """

    portal: Portal
    practice: bool = True


def desk_of(request: Request) -> PortalDesk:
    """Return the desk of the application that a request came to."""
    desk: PortalDesk = request.app.state.desk
    return desk


async def _portal(request: Request) -> Portal:
    return desk_of(request).portal


AtPortal = Annotated[Portal, Depends(_portal)]
"""A handler's parameter: the portal."""
