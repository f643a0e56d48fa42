"""A consumer that costs nothing before its first client."""

from emulator.ports.base import Consumer, MakeConsumer, Write


class LateConsumer:
    """A consumer that is made when the first byte comes, and stays.

    Of thousands of ports most never have a client. What one has left in it, such as
    status registers, is there for the next.
    """

    __slots__ = ("_consumer", "_make", "_write")

    def __init__(self, make: MakeConsumer, write: Write) -> None:
        self._make = make
        self._write = write
        self._consumer: Consumer | None = None

    @property
    def backlog(self) -> int:
        """The consumer's."""
        return 0 if self._consumer is None else self._consumer.backlog

    def feed(self, data: bytes) -> None:
        """Pass it on."""
        if self._consumer is None:
            self._consumer = self._make(self._write)
        self._consumer.feed(data)

    def hang_up(self) -> None:
        """Pass it on; of a client that has said nothing, there is nothing to drop."""
        if self._consumer is not None:
            self._consumer.hang_up()
