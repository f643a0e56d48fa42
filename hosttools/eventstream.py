"""Server-sent events, and how far their reader has come.

Pure: bytes in, events out. What connects, and connects again, is the client.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hosttools.benchanswers import BenchError, Event, as_mapping, read_event, value

_LONGEST: Final = 1 << 20
"""Bytes of one message: more than any record has."""


class Cursor:
    """How far a reader of events has come, over all its connections.

    Args:
        sequence: the last record that it knows; ``None``: it begins with what comes.

    Attributes:
        sequence: the same, by now.
        restarted: whether the bench was started anew since; the reader takes note.
    """

    def __init__(self, sequence: int | None) -> None:
        self.sequence = sequence
        self.restarted = False
        self._run: str | None = None

    def take(self, message: "Message") -> Event | None:
        """Return the event that a message is; ``None``: it is none, or one that is known.

        Raises:
            BenchError: the bench can't read its journal.
            ValueError, KeyError, TypeError: no bench sends this.
        """
        if message.event == "record":
            event = read_event(as_mapping(json.loads(message.data)))
            if self.sequence is not None and event.sequence <= self.sequence:
                return None
            self.sequence = event.sequence
            return event
        if not message.data:
            # So far has the stream come, though nothing of it was for us.
            if self.sequence is not None:
                self.sequence = max(self.sequence, int(message.id))
            return None
        data = as_mapping(json.loads(message.data))
        if message.event == "hello":
            self._greet(value(data, "visible", int), value(data, "run", str))
        elif message.event == "gap":
            return self.gap(min(value(data, "oldest", int) - 1, value(data, "visible", int)))
        elif message.event == "problem":
            raise BenchError(f"the bench can't read its journal: {value(data, 'detail', str)}")
        return None

    def gap(self, sequence: int) -> Event:
        """Go on after another record, whatever was known; return the event that tells it."""
        self.sequence = sequence
        return Event(sequence, "", "gap", 0, "", {})

    def _greet(self, visible: int, run: str) -> None:
        if self.sequence is None:
            self.sequence = visible
        self.restarted = self._run not in {None, run}
        self._run = run


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a stream of server-sent events.

    Attributes:
        event: its type.
        data: its text.
        id: the number that it came with; empty: it had none.
    """

    event: str
    data: str = field(repr=False)
    id: str


def parse_sse(chunks: Iterable[bytes]) -> Iterator[Message]:
    r"""Yield the messages of a stream of server-sent events (WHATWG HTML, 9.2.6).

    A message without data is yielded too if it has an ``id``: it moves the cursor.

    Args:
        chunks: the stream, cut anywhere; lines end with LF or CRLF.

    Raises:
        ValueError: a line or a message of more than a megabyte, or not UTF-8.

    >>> list(parse_sse([b"id: 8\nevent: rec", b'ord\ndata: {}\n\n']))
    [Message(event='record', id='8')]
    """
    values: dict[str, str] = {}
    data: list[str] = []
    size = 0
    for raw in _lines(chunks):
        size += len(raw)
        if size > _LONGEST:
            raise ValueError("a message of more than a megabyte")
        if raw:
            name, _, value = raw.decode().partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name in {"event", "id"}:
                values[name] = value
            continue
        if data or "id" in values:
            yield Message(values.get("event", "message"), "\n".join(data), values.get("id", ""))
        values, data, size = {}, [], 0


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    # Not httpx's: it ends lines at characters that JSON may hold.
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")
        if len(rest) > _LONGEST:
            raise ValueError("a line of more than a megabyte")
