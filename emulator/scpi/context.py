"""What a command of a line sees of its session."""

from dataclasses import dataclass, field

from emulator.scpi.errors import ErrorCode, ScpiError
from emulator.scpi.status import Status
from emulator.scpi.tree import Table
from emulator.scpi.verbs import BenchVerbs


@dataclass(slots=True)
class Context:
    """One session, as its commands see it.

    Attributes:
        bench: the verbs.
        selected: the token that it speaks for at present; ``None``: none yet.
        fixed: whether that is the only one it ever speaks for.
        table: the headers, for those who ask for help.
        status: registers and error queue.
        holding: whether this session has the button down.
        answers: of the line so far, not sent yet.
    """

    bench: BenchVerbs
    selected: str | None
    fixed: bool
    table: Table
    status: Status = field(default_factory=Status)
    holding: bool = False
    answers: list[str] = field(default_factory=list)

    @property
    def serial(self) -> str:
        """The token that the session speaks for.

        Raises:
            ScpiError: none is selected.
        """
        if self.selected is None:
            raise ScpiError(ErrorCode.SETTINGS_CONFLICT, "select a token first: INST:SEL <serial>")
        return self.selected

    def release(self) -> None:
        """Let go of the button if this session has it down.

        Raises:
            EmulatorError: the bench can't; the session has let go all the same.
        """
        if self.holding and self.selected is not None:
            self.holding = False
            self.bench.up(self.selected)
