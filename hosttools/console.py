"""The person at the terminal: shows prompts, and takes what is typed.

The only place that reads standard input. What is typed may be a code: on a terminal it
does not show where the question says so, and it is never printed.
"""

import contextlib
import sys
import termios
import textwrap
from collections.abc import Callable
from typing import Final

import click

from emulator.clock import HostTime, host_time
from hosttools.calibration.prompts import Answer, Prompt, Tell

_WIDTH: Final = 88


class Console:
    """The person at the terminal.

    Args:
        host: reads the host's clocks.
        hides: whether what may be a code doesn't show; a pipe shows nothing anyway, and
            can't be told not to.
    """

    def __init__(self, host: Callable[[], HostTime] = host_time, *, hides: bool = True) -> None:
        self._host = host
        self._hides = hides

    def answer(self, prompt: Prompt) -> Answer | None:
        """Show a prompt and wait for Enter.

        Returns:
            What was typed; ``None`` where nothing was asked.

        Raises:
            click.Abort: nobody types any more: Ctrl-C, or the end of the input.
        """
        if isinstance(prompt, Tell):
            text = textwrap.fill(prompt.text, _WIDTH)
            click.secho(f"\n{text}" if prompt.heading else text, err=True, bold=prompt.heading)
            return None
        text = textwrap.fill(prompt.text, _WIDTH)
        for word, meaning in prompt.words.items():
            text += f"\n    {word:<9} {meaning}"
        _forget_typed_ahead()
        typed = click.prompt(
            f"{text}\n>",
            default="",
            show_default=False,
            hide_input=prompt.hidden and self._hides,
            prompt_suffix=" ",
            err=True,
        )
        return Answer(typed, self._host().monotonic_ns)


def asker() -> Callable[[Prompt], Answer | None] | None:
    """Return what asks the person at the terminal to try codes; ``None``: nobody is there."""
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    return Console(hides=False).answer if at_terminal else None


def _forget_typed_ahead() -> None:
    """Drop what was typed before it was asked for: a second Enter is no moment seen."""
    with contextlib.suppress(OSError, ValueError, termios.error):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
