"""What is guarded: who may come into an application, and how much they may ask for."""

from dataclasses import dataclass, field

from emulator.errors import UsageError
from emulator.http.limits import Limits, Seats


@dataclass(kw_only=True)
class House:
    """One for each application; what its handlers work on is a kind of it.

    Attributes:
        bearer: what clients must show; ``None``: nothing.
        hosts: names in ``Host`` that are accepted besides those of loopback.
        framers: origins whose pages may show ours in a frame, as ``http://127.0.0.1:8040``;
            ours is one of them if there are any. May be replaced at any time.
        limits: how much clients may ask for.
        seats: the streams and waits under way; closed once the application ends.

    Raises:
        UsageError: an empty bearer token.
    """

    bearer: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = frozenset()
    framers: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    seats: Seats = field(init=False)

    def __post_init__(self) -> None:
        if self.bearer is not None and not self.bearer:
            raise UsageError("an empty bearer token keeps nobody out; give one, or None")
        self.hosts = frozenset(name.lower() for name in self.hosts)
        self.seats = Seats(self.limits.streams)
