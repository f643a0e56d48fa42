"""Asking until the answer can be, and the small dialogs that several steps share."""

from collections.abc import Generator, Mapping
from typing import Final, TypeVar

from firmware_model.profile import Profile
from hosttools.calibration.observations import Sighting
from hosttools.calibration.prompts import (
    AGAIN,
    SKIP,
    Answer,
    AnswerError,
    Code,
    Cue,
    Mark,
    Prompt,
    Question,
    Tell,
)

T = TypeVar("T")
Dialog = Generator[Prompt, Answer | None, T]
"""Yields prompts, is sent answers (``None`` to a :class:`Tell`), returns what came of it."""

DARK: Final = "dark"
LATE: Final = "late"


class Skipped(Exception):  # noqa: N818  # a wish, not an error
    """The person skips the step."""


class Again(Exception):  # noqa: N818  # a wish, or a missed moment
    """The step begins once more; the text says why, unless the person wants it."""


class Fob:
    """What is remembered of the fob in hand while it is measured.

    Codes are credentials: they are remembered for comparing and shown nowhere.

    Args:
        base: the profile that fills the gaps.
        codes: what is remembered already.

    Attributes:
        base: the profile that fills the gaps.
    """

    def __init__(self, base: Profile, codes: Mapping[str, int] | None = None) -> None:
        self.base = base
        self._codes = dict(codes or {})

    def __repr__(self) -> str:
        return f"<Fob measured against {self.base.name}, {len(self._codes)} codes seen>"

    @property
    def digits(self) -> int | None:
        """How many digits its codes have; ``None``: none was typed yet."""
        return next(map(len, self._codes), None)

    def copy(self) -> "Fob":
        """Return another that remembers the same, for an attempt that may come to nothing."""
        return Fob(self.base, self._codes)

    def number(self, code: str) -> int:
        """Return a code's number, in order of first sight."""
        return self._codes.setdefault(code, len(self._codes))


def ask(question: Question) -> Dialog[Answer]:
    """Ask until the answer can be, and return it as the question reads it.

    Raises:
        Skipped: the person skips the step.
        Again: the person begins the step anew, or missed its moment.
    """
    while True:
        answer = yield question
        assert answer is not None  # noqa: S101  # the driver's part of Dialog
        word = answer.text.strip().lower()
        if word == SKIP:
            raise Skipped
        if word == AGAIN:
            raise Again
        try:
            return Answer(question.parse(answer.text), answer.at_ns)
        except AnswerError as e:
            if isinstance(question, Mark) and question.timed:
                raise Again(str(e)) from None
            yield Tell(f"{e}.")


def fresh_code(fob: Fob, cue: Cue, how: str) -> Dialog[Sighting]:
    """Have a code made, and typed."""
    appeared = yield from ask(Mark(cue, how))
    typed = yield from ask(
        Code(Cue.CODE, "Type the code (it doesn't show here), Enter.", fob.digits)
    )
    return Sighting(appeared.at_ns, fob.number(typed.text))


def press_again(fob: Fob) -> Dialog[tuple[int, int | None]]:
    """Have the button pressed while a code is lit, and what is there then typed.

    Returns:
        When it was pressed, and the code's number; ``None``: dark.

    Raises:
        Again: it had gone dark before.
    """
    pressed = yield from ask(
        Mark(Cue.PRESS_AGAIN, "Press again while the code is lit; hit Enter as you press.")
    )
    typed = yield from ask(
        Code(
            Cue.CODE_OR_DARK,
            "Type the code that is there now.",
            fob.digits,
            words={
                DARK: "the press made it dark",
                LATE: "it had gone dark before you pressed",
            },
        )
    )
    if typed.text == LATE:
        raise Again("that press came too late")
    return pressed.at_ns, None if typed.text == DARK else fob.number(typed.text)
