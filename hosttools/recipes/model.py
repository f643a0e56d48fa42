"""What a recipe is, and what came of one: plain values without any code's digits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firmware_model.profile import TokenType
from firmware_model.segments import Lcd
from hosttools.errors import HostError, UsageError
from hosttools.refserver import Kind, Verdict

if TYPE_CHECKING:
    from hosttools.recipes.play import Play


class NotApplicable(HostError):  # noqa: N818  # what it says, not what went wrong
    """A recipe that can't be played on this token, or without a server."""


@dataclass(frozen=True, slots=True)
class Number:
    """The one number of a recipe.

    Attributes:
        unit: what is counted, in the plural.
        default: how many, if nobody says.
        low: fewest.
        high: most.
        whole: whether only whole ones make sense.
    """

    unit: str
    default: float
    low: float
    high: float
    whole: bool = True

    def check(self, name: str, by: float) -> float:
        """Return ``by``, if the recipe takes it.

        Raises:
            UsageError: it doesn't.
        """
        if not self.low <= by <= self.high or (self.whole and by % 1):
            kind = "whole numbers" if self.whole else "numbers"
            raise UsageError(
                f"{name} by {by:g} {self.unit}; allowed are {kind} from {self.low:g}"
                f" to {self.high:g}"
            )
        return by


@dataclass(frozen=True, slots=True)
class Position:
    """Where a token and its server are, and how they came there.

    Attributes:
        token: the token's next counter, or the step that its clock is in.
        server: the server's next counter, or the step that it expects; ``None``
            without a server.
        token_moved: presses, or steps against the true time, that the token has gone
            on since the recipe began; of a time token negative if its clock is slow.
        server_moved: the same of the server: counters used up, or steps of drift
            learnt.
        off_s: what a time token's clock is ahead of the true time, seconds.
    """

    token: int
    server: int | None
    token_moved: float
    server_moved: int | None
    off_s: float | None

    @property
    def distance(self) -> int | None:
        """Presses or steps that the token is ahead of the server; negative: behind."""
        return None if self.server is None else self.token - self.server


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the server said to one thing that the holder tried.

    Attributes:
        tried: what, in a few words.
        verdict: what the server said.
        expected: what it had to say.
        position: where the two are afterwards.
        lcd: what the token shows.
    """

    tried: str
    verdict: Verdict
    expected: Kind
    position: Position
    lcd: Lcd = field(repr=False)  # a code that may be of use to others

    @property
    def ok(self) -> bool:
        """Whether it said so."""
        return self.verdict.kind is self.expected


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of a recipe.

    Attributes:
        recipe: which.
        serial: the token.
        by: its number; ``None`` for one without.
        position: where token and server are, before the holder tries anything.
        history: what happened, line by line.
        lcd: what the token shows then.
        reactions: how the server reacted; empty without a server.
    """

    recipe: "Recipe"
    serial: str
    by: float | None
    position: Position
    history: tuple[str, ...]
    lcd: Lcd = field(repr=False)
    reactions: tuple[Reaction, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the server reacted to everything as it had to."""
        return all(reaction.ok for reaction in self.reactions)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way out of step.

    Attributes:
        name: what it is called.
        title: what happens, in a few words.
        probes: which behaviour of a server it asks for.
        token_type: of which tokens; event or time.
        number: its number; ``None`` for one without.
        token: the token's steps.
        expected: what the reference server says with its default policy, to the
            default number, in order.
        trial: what the holder tries then, and what the server has to say to it.
        needs_server: why it is nothing without a server; empty if it is.
        server: the server's steps, between the token's and the trial.
        advances: whether bench time has to be moved further than by presses.
        crystal_ppb: rate error of the crystal of a token made for it.
    """

    name: str
    title: str
    probes: str
    token_type: TokenType
    number: Number | None
    token: Callable[["Play", float], None]
    expected: tuple[Kind, ...]
    trial: Callable[["Play", float], Iterator[Reaction]]
    needs_server: str = ""
    server: Callable[["Play", float], None] | None = None
    advances: bool = False
    crystal_ppb: int = 0

    def by(self, given: float | None) -> float | None:
        """Return its number: the one given, else the default.

        Raises:
            UsageError: one that it doesn't take.
        """
        if self.number is None:
            if given is not None:
                raise UsageError(f"recipe {self.name} takes no number; leave it out")
            return None
        return self.number.default if given is None else self.number.check(self.name, given)

    def presses(self, by: float | None) -> int:
        """Return about how often the button is pressed before the holder tries anything."""
        counted = self.number is not None and self.number.unit == "presses"
        return int(by or 0) if counted else 1
