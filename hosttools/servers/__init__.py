"""Servers under test: one small interface, and an adapter for each kind of server."""

from hosttools.errors import NotOfferedError
from hosttools.servers.seam import (
    Answer,
    Can,
    Enrolment,
    Outcome,
    Reply,
    Server,
    ServerError,
)

__all__ = [
    "Answer",
    "Can",
    "Enrolment",
    "NotOfferedError",
    "Outcome",
    "Reply",
    "Server",
    "ServerError",
]
