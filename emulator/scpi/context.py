"""What a command of a line sees of its session."""

from dataclasses import dataclass, field

from emulator.scpi.status import Status
from emulator.scpi.tree import Table
from emulator.scpi.verbs import BenchVerbs


@dataclass(slots=True)
class Context:
    """One session, as its commands see it.

    Attributes:
        bench: the verbs.
        serial: the token that this session speaks for.
        table: the headers, for those who ask for help.
        status: registers and error queue.
        holding: whether this session has the button down.
        answers: of the line so far, not sent yet.
    """

    bench: BenchVerbs
    serial: str
    table: Table
    status: Status = field(default_factory=Status)
    holding: bool = False
    answers: list[str] = field(default_factory=list)
