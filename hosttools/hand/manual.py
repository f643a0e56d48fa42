"""A real token in a person's hand, who presses it when asked and types what it shows.

The person sees the display, nobody else does. So what is typed is checked: for its
form, against the code before, and, where the secret is known, against the codes that
the token can show now; what can't be is asked for once more before it is believed.
"""

import sys
from collections.abc import Callable
from typing import Final, NoReturn

from emulator.clock import HostTime, host_time
from firmware_model.nvm import Config
from firmware_model.oath import Key, hotp
from firmware_model.profile import SECOND, TokenType
from firmware_model.segments import Lcd
from hosttools.calibration.prompts import (
    Answer,
    AnswerError,
    Code,
    Cue,
    Mark,
    Prompt,
    Question,
    Tell,
)
from hosttools.errors import HostError
from hosttools.hand.seam import DEFAULT_HOLD_S, Can, Pressed, lacks, one_by_one

DEFAULT_LIMIT_S: Final = 900.0
"""Longest series of presses that a person is asked for: a quarter of an hour."""

_NONE: Final = {"none": "no new code appeared"}
_AHEAD: Final = 1000
"""How far past the last known counter a code is believed at once."""

_STEPS: Final = 10
"""The same of a time token, in steps either way: years of a poor crystal."""


class ManualHand:
    """A person with a real token.

    Args:
        config: what is known of the token; its counter need not be right.
        ask: shows a prompt and returns what was typed, or ``None`` to a ``Tell``;
            ``None``: the person at the terminal.
        host: reads the host's clocks.
        check: whether the secret in ``config`` is the token's, so that what is typed can
            be checked against it.
    """

    can: frozenset[Can] = frozenset()

    def __init__(
        self,
        config: Config,
        ask: Callable[[Prompt], Answer | None] | None = None,
        *,
        host: Callable[[], HostTime] = host_time,
        check: bool = True,
    ) -> None:
        self._config = config
        self._ask = ask or ask_terminal()
        self._host = host
        self._key = Key(config.secret, config.algorithm) if check else None
        self._next = config.first_counter
        self._last: str | None = None  # what was typed last, to tell an old code from a new one
        self._lit_until_ns = 0  # at the latest, by the host's monotonic clock

    def __repr__(self) -> str:
        return f"<ManualHand {self._config.serial}>"

    def serial(self) -> str:
        """Return the serial number, as it was given."""
        return self._config.serial

    def token_type(self) -> TokenType:
        """Return whether presses or its clock move the token's factor."""
        return self._config.token_type

    def profile_name(self) -> str:
        """Return what product it is."""
        return self._config.profile.name

    def press(self, hold_s: float = DEFAULT_HOLD_S) -> Pressed:  # noqa: ARG002  # hands press as they do
        """Ask the person to press, and for the code.

        No new code is a refusal: ``lit`` if the code before may be lit still, else ``dark``.

        Raises:
            HostError: the person types no more.
        """
        asked_ns, lit_ns = self._host().monotonic_ns, self._config.profile.lit_ns
        typed = self._code(f"Press the button of {self._config.serial}, and type the code.")
        if typed.text in _NONE:
            return Pressed(None, "lit" if typed.at_ns < self._lit_until_ns else "dark")
        if typed.at_ns - asked_ns > lit_ns:
            self._ask(
                Tell(
                    f"That took {(typed.at_ns - asked_ns) / SECOND:.0f} s, longer than a code"
                    " stays lit. Type what this press showed, not what you remember."
                )
            )
        self._last = typed.text
        self._lit_until_ns = typed.at_ns + lit_ns
        return Pressed(typed.text, None)

    def press_many(
        self,
        times: int,
        hold_s: float = DEFAULT_HOLD_S,
        *,
        limit_s: float | None = None,
    ) -> tuple[Pressed, ...]:
        """Ask for so many presses, see :meth:`hosttools.hand.seam.Hand.press_many`."""
        limit_s = DEFAULT_LIMIT_S if limit_s is None else limit_s
        return one_by_one(self, times, hold_s, limit_s=limit_s)

    def wait_dark(self, timeout_s: float | None = None) -> None:  # noqa: ARG002  # a person sees when
        """Ask the person to say when the display is dark, if it can be lit still."""
        if self._host().monotonic_ns >= self._lit_until_ns:
            return
        self._answer(Mark(Cue.DARK, "Wait until the display is dark, then hit Enter.", timed=False))
        self._lit_until_ns = 0

    def clock_mode(self) -> str:
        """Return ``real``."""
        return "real"

    def rate(self) -> float:
        """Return 1."""
        return 1.0

    def time_ns(self) -> int:
        """Return the host's time, ns since 1970, UTC."""
        return self._host().utc_ns

    def _code(self, text: str) -> Answer:
        """Ask for a code until it can be, or the person insists."""
        question = Code(Cue.CODE_OR_DARK, text, self._config.digits, words=_NONE)
        doubted: str | None = None
        while True:
            typed = self._answer(question)
            if typed.text in _NONE:
                return typed
            factor = self._factor(typed.text)
            doubt = self._doubt(typed.text, factor)
            if doubt is None or typed.text == doubted:
                self._next = self._next if factor is None else factor + 1
                return typed
            doubted = typed.text
            self._ask(Tell(f"{doubt} Look again, and type it once more if it is so."))

    def _doubt(self, code: str, factor: int | None) -> str | None:
        """Say why a code can hardly be what the token shows after a press; ``None``: it can."""
        event = self._config.token_type is TokenType.EVENT
        if event and code == self._last:  # a time token shows it as long as the step lasts
            return "That is the code from before: was the display dark when you pressed?"
        if self._key is None:
            return None
        if factor is None:
            return f"The seed of {self._config.serial} makes no such code about now: a slip?"
        if event and factor < self._next:
            return "That code is older than the one before: a slip?"
        return None

    def _factor(self, code: str) -> int | None:
        """Return the counter or time step of a code, if the seed makes it about now."""
        if self._key is None:
            return None
        config = self._config
        if config.token_type is TokenType.EVENT:
            # The next ones first: an old one of the same digits is less likely.
            near = range(self._next, self._next + _AHEAD)
            known = (*near, *range(config.first_counter, self._next))
        else:
            step = (self._host().utc_ns - config.t0_s * SECOND) // config.step_ns
            known = (*range(max(step - _STEPS, 0), step + _STEPS + 1),)
        return next((n for n in known if hotp(self._key, n, config.digits) == code), None)

    def _answer(self, question: Question) -> Answer:
        while True:
            answer = self._ask(question)
            assert answer is not None  # noqa: S101  # only a Tell has none
            try:
                return Answer(question.parse(answer.text), answer.at_ns)
            except AnswerError as e:
                self._ask(Tell(f"{e}."))

    def down(self) -> None:
        """Refuse: nobody knows when a person's finger is down."""
        self._lacks(Can.EDGES)

    def up(self) -> None:
        """Refuse, as :meth:`down`."""
        self._lacks(Can.EDGES)

    def lcd(self) -> Lcd:
        """Refuse: only the person sees the display."""
        self._lacks(Can.LOOK)

    def remaining_ns(self) -> int:
        """Refuse, as :meth:`lcd`."""
        self._lacks(Can.LOOK)

    def advance(self, seconds: float) -> None:  # noqa: ARG002  # the seam's signature
        """Refuse: it is now."""
        self._lacks(Can.ADVANCE)

    def counter(self) -> int:
        """Refuse: it shows on no display."""
        self._lacks(Can.COUNTER)

    def set_counter(self, counter: int) -> None:  # noqa: ARG002  # the seam's signature
        """Refuse: a real token's counter goes on by presses."""
        self._lacks(Can.SET_COUNTER)

    def token_time_ns(self) -> int:
        """Refuse: it shows on no display."""
        self._lacks(Can.TOKEN_TIME)

    def shift_token_time(self, by_ns: int) -> None:  # noqa: ARG002  # the seam's signature
        """Refuse: a real token's clock goes on by itself."""
        self._lacks(Can.SHIFT_TOKEN_TIME)

    def reset(self) -> None:
        """Refuse: it would cost the token."""
        self._lacks(Can.RESET)

    def temperature(self) -> float:
        """Refuse: nobody measures it."""
        self._lacks(Can.MATTER)

    def set_temperature(self, celsius: float) -> None:  # noqa: ARG002  # the seam's signature
        """Refuse: the token is where the person is."""
        self._lacks(Can.MATTER)

    def set_ppm(self, ppm: float) -> None:  # noqa: ARG002  # the seam's signature
        """Refuse: a crystal is as it is."""
        self._lacks(Can.MATTER)

    def inject(self, fault: str) -> None:  # noqa: ARG002  # the seam's signature
        """Refuse: it would cost the token."""
        self._lacks(Can.MATTER)

    def close(self) -> None:
        """Do nothing: the person keeps the token."""

    def _lacks(self, can: Can) -> NoReturn:
        lacks("a person with a real token", can)


def ask_terminal() -> Callable[[Prompt], Answer | None]:
    """Return what asks the person at the terminal, or a pipe in their place.

    The end of the input is a :class:`hosttools.errors.HostError`: nobody answers. Ctrl-C
    stays what it is.
    """
    import click  # noqa: PLC0415  # an in-process token needs no terminal

    from hosttools.console import Console  # noqa: PLC0415  # likewise

    console = Console(hides=sys.stdin is not None and sys.stdin.isatty())

    def ask(prompt: Prompt) -> Answer | None:
        try:
            return console.answer(prompt)
        except click.Abort as e:
            if isinstance(e.__context__, KeyboardInterrupt):
                raise e.__context__ from None  # who stops a test run stops all of it
            raise HostError(
                "nobody types any more: a code was asked for, and the input has ended; run at a"
                " terminal, or pipe the codes in"
            ) from None

    return ask
