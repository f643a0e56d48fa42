"""What a measurement says and asks, as values, and how typed answers are read.

Nothing in here prints, waits or reads a clock: a driver shows a prompt and hands
back what was typed, with the moment of Enter. An answer that can't be is refused
with the reason, which never repeats what was typed: it may be a code.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from firmware_model.oath import MAX_DIGITS, MIN_DIGITS
from hosttools.errors import UsageError

SKIP: Final = "skip"
AGAIN: Final = "again"
_LONGEST_NUMBER: Final = 9  # digits: more is no number of seconds or bars


class AnswerError(UsageError):
    """A typed answer that can't be; the message says why, and what can."""


class Cue(enum.Enum):
    """What a prompt asks for, for answering it by program."""

    BEGIN = enum.auto()
    CONFIRM = enum.auto()
    PRESS = enum.auto()
    """Once dark: press; Enter when the code appears."""
    CODE = enum.auto()
    DARK = enum.auto()
    """Enter when it goes dark."""
    PRESS_AGAIN = enum.auto()
    """While lit: press, and Enter at the same time."""
    CODE_OR_DARK = enum.auto()
    HOW_CHANGED = enum.auto()
    WENT_AT_ONCE = enum.auto()
    STAYED_LONGER = enum.auto()
    CLEAR_AND_PRESS = enum.auto()
    """While lit: press to clear, press again; Enter when a code appears."""
    TOKEN_TYPE = enum.auto()
    STEP = enum.auto()
    DOUBLE_PRESS = enum.auto()
    """Once dark: press twice quickly; Enter after the second."""
    AFTER_DOUBLE = enum.auto()
    HOLD = enum.auto()
    """Once dark: press and don't let go; Enter when the code appears."""
    HOLD_CHANGE = enum.auto()
    """Still held: Enter when something else is there."""
    HOLD_SHOWS = enum.auto()
    LET_GO = enum.auto()
    """Let go; Enter once dark."""
    BARS = enum.auto()
    STEP_CHANGE = enum.auto()
    WEAK_BATTERY = enum.auto()
    SERVER_SAID = enum.auto()
    """What a login page said to a code, see ``hosttools.servers.manual``."""
    DONE = enum.auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed.

    Attributes:
        text: the line; hidden in the ``repr``, since it may be a code.
        at_ns: when Enter was hit, ns of a clock that only runs forward.
    """

    text: str = field(repr=False)
    at_ns: int


@dataclass(frozen=True, slots=True)
class Tell:
    """Something to read; it takes no answer."""

    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Asks for Enter, or for one of a few words instead.

    Attributes:
        timed: whether the moment of Enter counts, which can't be had twice.
    """

    cue: Cue
    text: str
    words: Mapping[str, str] = field(default_factory=dict)
    timed: bool = True
    hidden: bool = False

    def parse(self, text: str) -> str:
        """Return the empty text, or the word.

        Raises:
            AnswerError: anything else was typed.
        """
        word = text.strip().lower()
        if word and word not in self.words:
            words = "".join(f", or {known}" for known in self.words)
            lost = "; that moment is lost" if self.timed else ""
            raise AnswerError(f"only Enter was asked for{words}{lost}")
        return word


@dataclass(frozen=True, slots=True)
class Code:
    """Asks for the code on the LCD, or for one of a few words instead.

    Attributes:
        digits: how many digits earlier codes had; ``None``: this is the first.
    """

    cue: Cue
    text: str
    digits: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = True

    def parse(self, text: str) -> str:
        """Return the digits, without blanks and hyphens between them, or the word.

        Raises:
            AnswerError: neither.
        """
        word = text.strip().lower()
        if word in self.words:
            return word
        code = "".join(text.split()).replace("-", "")
        few, many = (self.digits, self.digits) if self.digits else (MIN_DIGITS, MAX_DIGITS)
        wanted = f"{few}" if few == many else f"{few} to {many}"
        if not (code.isascii() and code.isdigit()):
            others = "".join(f", or {word}" for word in self.words)
            raise AnswerError(f"that is no code; type its {wanted} digits{others}")
        if not few <= len(code) <= many:
            raise AnswerError(
                f"that has {len(code)} digits; a code of this token has {wanted}"
                + (", if the first was typed right (else: again)" if self.digits else "")
            )
        return code


@dataclass(frozen=True, slots=True)
class Choice:
    """Asks for one of a few words; the beginning of one is enough."""

    cue: Cue
    text: str
    words: Mapping[str, str]
    hidden: bool = False

    def parse(self, text: str) -> str:
        """Return the word meant.

        Raises:
            AnswerError: none, or more than one.
        """
        typed = text.strip().lower()
        if typed in self.words:
            return typed
        meant = [word for word in self.words if typed and word.startswith(typed)]
        if len(meant) != 1:
            raise AnswerError(f"type one of {', '.join(self.words)}")
        return meant[0]


@dataclass(frozen=True, slots=True)
class Number:
    """Asks for a whole number from ``low`` to ``high``; Enter alone: not known."""

    cue: Cue
    text: str
    low: int
    high: int
    words: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = False

    def parse(self, text: str) -> str:
        """Return the number's digits, or the empty text.

        Raises:
            AnswerError: no whole number, or out of range.
        """
        typed = text.strip()
        if not typed:
            return ""
        number = typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_NUMBER
        if not (number and self.low <= int(typed) <= self.high):
            raise AnswerError(f"type a whole number from {self.low} to {self.high}, or Enter alone")
        return str(int(typed))


Question = Mark | Code | Choice | Number
Prompt = Tell | Question
