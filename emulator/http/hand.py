"""A token in a client's hand: what most handlers ask for, and the one place that says who acts.

Handlers are coroutines: they run in the bench's own thread. :meth:`Hand.acting` goes
round the call of a verb and never round an ``await``, or another client's deed would
carry this one's name.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Request

from emulator.bench import Bench
from emulator.errors import ConflictError, UsageError
from emulator.http.desk import AtDesk, Desk, client_name
from emulator.http.problems import known_serial
from firmware_model.identifier import MAX_SERIAL

SerialInPath = Annotated[
    str,
    Path(
        description="Serial number of a token on the bench.",
        min_length=1,
        max_length=MAX_SERIAL,
        examples=["GALH00000042"],
    ),
]


@contextmanager
def its_own_fault() -> Iterator[None]:
    """Round a verb whose arguments are in range: if it can't be, it is the token that can't.

    Raises:
        ConflictError: instead of a plain usage error (409, not 422).
    """
    try:
        yield
    except UsageError as e:
        if type(e) is UsageError:
            raise ConflictError(str(e)) from None
        raise


class Hand(NamedTuple):
    """A token, and who has it in the hand.

    Attributes:
        desk: what the application works on.
        serial: the token; it is on the bench.
        client: who asks, as the journal calls it.
    """

    desk: Desk
    serial: str
    client: str

    @property
    def bench(self) -> Bench:
        """The bench."""
        return self.desk.bench

    @property
    def visible(self) -> int:
        """Number of the newest record that can be read."""
        return self.bench.journal.visible

    def acting(self, key: str | None = None) -> AbstractContextManager[None]:
        """Have the journal say who does what is begun in the block; no ``await`` in it."""
        return self.bench.acting(self.client, key)


async def hand(request: Request, desk: AtDesk, serial: SerialInPath) -> Hand:
    """Return the token of a path.

    Raises:
        Problem: it is not on the bench (404).
    """
    return Hand(desk, known_serial(desk.bench, serial), client_name(request))


InHand = Annotated[Hand, Depends(hand)]
"""A handler's parameter: the token of its path."""


async def client(request: Request) -> str:
    """Return what the journal calls the client."""
    return client_name(request)


Client = Annotated[str, Depends(client)]
"""A handler's parameter: who asks, for handlers that are about no token that is there."""
