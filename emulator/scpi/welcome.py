"""Gives each connection of a network port a session of its own."""

from emulator.ports.base import Client, Consumer, MakeConsumer, Welcome, Write
from emulator.scpi.session import Session
from emulator.scpi.verbs import BenchVerbs


def sessions(bench: BenchVerbs, serial: str | None) -> Welcome:
    """Return what a network port asks for each connection.

    Each speaks for the token, or for the one that it selects if there is none; one that
    is a web browser's is closed.
    """

    def welcome(client: Client) -> MakeConsumer:
        def make(write: Write) -> Consumer:
            return Session(
                bench, serial, write, client=client.name, connection=True, on_http=client.close
            )

        return make

    return welcome
