"""What the journal says of a fault that fires: which, what, and why."""

from dataclasses import dataclass, field

from emulator.journal import Note


@dataclass(frozen=True, slots=True)
class Fired(Note):
    """A fault fires; what it does to the token follows.

    Attributes:
        at_ns: bench time.
        text: all of it, in words.
        name: the fault's.
        what: what goes wrong, as files call it.
        cause: what it waited for, in words.
    """

    text: str = field(init=False, repr=False)
    name: str
    what: str
    cause: str

    def __post_init__(self) -> None:
        text = f"fault {self.name}: {self.what}, {self.cause}"
        object.__setattr__(self, "text", text)
