"""The bench's tickets, for handlers that await.

A handler that awaits may be left by its client, or by a server that shuts down; then the
bench is told, so that no button stays held and no wait stays behind.
"""

import asyncio
import contextlib
from typing import TypeVar

from fastapi import Request

from emulator.errors import UsageError
from emulator.http.desk import Desk
from emulator.http.problems import Problem
from emulator.results import Ticket

T = TypeVar("T")


async def settled(ticket: Ticket[T], request: Request | None = None, serial: str = "") -> T:
    """Wait for a ticket's result.

    Args:
        ticket: what a verb of the bench returned.
        request: whose client waits; if it goes away, the bench is told. ``None``: nobody
            looks whether it does.
        serial: the token that the ticket is about; ``""``: not one token.

    Returns:
        The result.

    Raises:
        Problem: the client is gone, or the bench is shut down (503).
    """
    if ticket.done:
        return ticket.result
    done = asyncio.Event()
    results: list[T] = []
    ticket.then(results.append)
    ticket.then(lambda _: done.set())
    if request is None:
        await done.wait()
        return results[0]
    desk: Desk = request.app.state.desk
    leaving = asyncio.create_task(gone(request))
    leaving.add_done_callback(lambda _: done.set())
    try:
        with desk.seats.take(done.set):
            await done.wait()
        if not results:
            raise Problem(503, "nobody waits for it any more, or the bench is being shut down")
        return results[0]
    finally:
        leaving.cancel()
        if not results and serial:
            with contextlib.suppress(UsageError):  # it was taken off the bench meanwhile
                desk.bench.give_up(serial, ticket)


async def gone(request: Request) -> None:
    """Return once the client of a request, which is read to its end, has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
