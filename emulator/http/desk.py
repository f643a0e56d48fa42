"""What an application over HTTP is made of: the bench, and what may be attached to it.

Recipes and servers under test live above this package; they come in through the two
protocols here, so that the page needs no knowledge of either.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Protocol

from fastapi import Depends, Request

from emulator.bench import Bench
from emulator.http.house import House
from firmware_model.profile import TokenType


class RecipeInfo(NamedTuple):
    """One desync recipe, as a button shows it.

    Attributes:
        name: what it is called in a path.
        title: what a person reads.
        unit: what its number counts; ``None``: it takes none.
        default: the number, if none is given.
        low: smallest number.
        high: largest number.
    """

    name: str
    title: str
    unit: str | None
    default: float | None
    low: float
    high: float


class RecipeBook(Protocol):
    """Ways to bring a token and a server apart."""

    def names(self, token_type: TokenType) -> Sequence[RecipeInfo]:
        """Return the recipes for a type of token, in the order to show them."""

    async def play(self, serial: str, name: str, by: float | None) -> Mapping[str, Any]:
        """Play one to its end.

        Args:
            serial: on which token.
            name: which.
            by: its number; ``None``: its default.

        Returns:
            What can be shown as JSON, at least ``recipe``, ``serial``, ``history``
            (lines), ``token``, ``server``, ``distance``.

        Raises:
            UsageError: no such recipe for this token, or a number out of range.
        """


class AttachedServer(Protocol):
    """A server under test. It tells the bench itself what it was sent and expects.

    Attributes:
        name: what a person calls it.
    """

    name: str

    def enrolled(self, serial: str) -> bool:
        """Return whether it knows a token."""

    def enrol(self, serial: str) -> object:
        """See that it knows a token of the bench, and tell the bench what it believes.

        Raises:
            ConflictError: it knows one of that serial number with another secret.
        """

    def submit(self, serial: str, verb: str, codes: Sequence[str]) -> Mapping[str, Any]:
        """Hand it codes.

        Args:
            serial: of which token.
            verb: ``verify``, ``sync`` or ``resync``.
            codes: as the verb takes them.

        Returns:
            ``accepted``, ``kind``, ``message``.

        Raises:
            UsageError: not enrolled, or codes that the verb doesn't take.
        """

    def unlock(self, serial: str) -> None:
        """Unlock a token.

        Raises:
            UsageError: not enrolled.
        """


@dataclass(kw_only=True)
class Desk(House):
    """All that the handlers work on, besides what a house has; one for each application.

    Attributes:
        bench: belongs to the event loop that the application runs in.
        recipes: ``None``: there are none.
        server: the server under test; ``None``: none is attached.
        snapshots: folder where they are kept; ``None``: they are not.
        state: whether tokens are kept on disk.
        ports: the other ways to each token, ``{"kind", "address"}``, by serial number.
        aside: held by what works in a thread beside the bench.
        run: names this run of the bench; sequence numbers of two runs compare only if
            the journal was kept.
        failure: what stopped the bench, for ``/healthz``; ``None``: nothing did.
    """

    bench: Bench
    recipes: RecipeBook | None = None
    server: AttachedServer | None = None
    snapshots: Path | None = None
    state: bool = False
    ports: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    aside: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    failure: str | None = None


async def get_desk(request: Request) -> Desk:
    """Return the desk of the application that a request came to."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(get_desk)]
"""A handler's parameter: the desk."""


def client_name(request: Request) -> str:
    """Return what the journal calls the client that sent a request."""
    return f"http {request.client.host}" if request.client else "http"
