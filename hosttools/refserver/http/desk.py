"""What the handlers of the reference server work on."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path, Request

from emulator.http.limits import Limits, Seats
from hosttools.errors import UsageError
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.http.schemas import SERIAL
from hosttools.refserver.store import Store
from hosttools.refserver.view import DEFAULT_NAME


@dataclass(kw_only=True)
class ServerDesk:
    """One for each application.

    Attributes:
        store: the server's tokens and its policy; may be shared with other processes.
        clock: what it judges by.
        name: what people call the server.
        bearer: what clients must show; ``None``: nothing.
        hosts: names in ``Host`` that are accepted besides those of loopback.
        limits: how much clients may ask for.
        seats: none is taken; closed once the application ends.
    """

    store: Store
    clock: ServerClock = field(default_factory=ServerClock)
    name: str = DEFAULT_NAME
    bearer: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    seats: Seats = field(init=False)

    def __post_init__(self) -> None:
        if self.bearer is not None and not self.bearer:
            raise UsageError("an empty bearer token keeps nobody out; give one, or None")
        self.hosts = frozenset(name.lower() for name in self.hosts)
        self.seats = Seats(self.limits.streams)


async def _desk(request: Request) -> ServerDesk:
    desk: ServerDesk = request.app.state.desk
    return desk


AtDesk = Annotated[ServerDesk, Depends(_desk)]
"""A handler's parameter: the desk."""

SerialInPath = Annotated[
    str,
    Path(description="A token's serial number.", pattern=SERIAL, examples=["GALH00000042"]),
]
