"""What the handlers of the reference server work on."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path, Request

from emulator.http.house import House
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.http.schemas import SERIAL
from hosttools.refserver.store import Store
from hosttools.refserver.view import DEFAULT_NAME


@dataclass(kw_only=True)
class ServerDesk(House):
    """All that the handlers work on, besides what a house has; one for each application.

    Attributes:
        store: the server's tokens and its policy; may be shared with other processes.
        clock: what it judges by.
        name: what people call the server.
    """

    store: Store
    clock: ServerClock = field(default_factory=ServerClock)
    name: str = DEFAULT_NAME


async def _desk(request: Request) -> ServerDesk:
    desk: ServerDesk = request.app.state.desk
    return desk


AtDesk = Annotated[ServerDesk, Depends(_desk)]
"""A handler's parameter: the desk."""

SerialInPath = Annotated[
    str,
    Path(description="A token's serial number.", pattern=SERIAL, examples=["GALH00000042"]),
]
