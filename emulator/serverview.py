"""What a server believes of a token, as plain data that anybody may push to the bench.

Shown by the divergence gauge and told by the journal. Nothing in here knows servers:
an adapter that can tell makes one of these, and whoever draws reads it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from emulator.errors import UsageError
from firmware_model.oath import MAX_COUNTER

MAX_WINDOW: Final = 10_000_000
MAX_NAME: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """Where a server is, and how far it looks.

    Windows are inclusive counts of skipped presses, or of steps to both sides for a
    time token: a look-ahead of 10 accepts the next counter and the ten after it.

    Attributes:
        name: the server's, as people call it.
        next_counter: event token: the counter that it expects next; else ``None``.
        step_offset: time token: steps that it believes the token's clock to be ahead;
            else ``None``.
        look_ahead: what it accepts with one code.
        resync_window: what it accepts with two.
        locked: whether it takes nothing at present.

    Raises:
        UsageError: a value out of range, or neither counter nor offset, or both.
    """

    name: str
    next_counter: int | None = None
    step_offset: int | None = None
    look_ahead: int = 0
    resync_window: int = 0
    locked: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= MAX_NAME or not self.name.isprintable():
            raise UsageError(
                f"a server's name of {len(self.name)} characters; allowed are 1 to {MAX_NAME},"
                " all printable"
            )
        if (self.next_counter is None) == (self.step_offset is None):
            raise UsageError(
                "a server view has either next_counter (event token) or step_offset (time token)"
            )
        _check("next_counter", self.next_counter, 0, MAX_COUNTER + 1)
        _check("step_offset", self.step_offset, -MAX_COUNTER, MAX_COUNTER)
        _check("look_ahead", self.look_ahead, 0, MAX_WINDOW)
        _check("resync_window", self.resync_window, 0, MAX_WINDOW)

    def to_mapping(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> "ServerView":
        """Read what :meth:`to_mapping` gave; what is left out has its default.

        Raises:
            UsageError: anything else.
        """
        names = [field.name for field in fields(cls)]
        unknown = [name for name in data if name not in names]
        if unknown or "name" not in data:
            raise UsageError(
                f"a server view has the fields {', '.join(names)}, of which name is needed"
                + (f"; {unknown[0]!r} is none of them" if unknown else "")
            )
        for name, value in data.items():
            kinds = (str,) if name == "name" else (bool,) if name == "locked" else (int,)
            if type(value) not in kinds and not (value is None and name in _OPTIONAL):
                raise UsageError(f"a server view's {name} is no {kinds[0].__name__}")
        return cls(**data)


_OPTIONAL: Final = ("next_counter", "step_offset")


def _check(name: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        raise UsageError(f"{name} = {value}; allowed are {low} to {high}")
