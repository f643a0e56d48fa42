"""Somebody with a fob: answers the prompts of a manual hand from a token in this process."""

from dataclasses import dataclass, field

from emulator.clock import HostTime
from firmware_model.nvm import Config
from hosttools.calibration.prompts import Answer, Code, Mark, Prompt, Tell
from hosttools.hand import BenchHand, ManualHand


@dataclass(slots=True)
class Person:
    """Presses when asked to, and types what the display shows.

    Args:
        fob: what is in their hand.
        slips: what they type instead, first to last; then they make no more mistakes.
        slow_s: how long they take to type.

    Attributes:
        told: what they read.
        asked: what they were asked for.
    """

    fob: BenchHand
    slips: list[str] = field(default_factory=list)
    slow_s: float = 0.0
    told: list[str] = field(default_factory=list)
    asked: list[Prompt] = field(default_factory=list)
    _seen: str = ""
    _looks_again: bool = False

    def host(self) -> HostTime:
        """The fob's time is theirs."""
        return HostTime(self.fob.time_ns(), self.fob.time_ns(), None)

    def answer(self, prompt: Prompt) -> Answer | None:
        """Do what is asked, and type."""
        if isinstance(prompt, Tell):
            self.told.append(prompt.text)
            self._looks_again = not prompt.text.startswith("That took")
            return None
        self.asked.append(prompt)
        return Answer(self._typed(prompt), self.fob.time_ns())

    def _typed(self, prompt: Prompt) -> str:
        if isinstance(prompt, Mark):
            self.fob.wait_dark()
            return ""
        assert isinstance(prompt, Code)
        if not self._looks_again:
            self._seen = self.fob.press().code or "none"
        self._looks_again = False
        if self.slow_s:
            self.fob.advance(self.slow_s)
        return self.slips.pop(0) if self.slips else self._seen


def hold(
    fob: BenchHand, config: Config, *slips: str, check: bool = True
) -> tuple[ManualHand, Person]:
    """Put a fob in somebody's hand."""
    person = Person(fob, list(slips))
    return ManualHand(config, person.answer, host=person.host, check=check), person
