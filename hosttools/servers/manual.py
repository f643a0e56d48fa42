"""A person types codes into the real login page and says what happened.

The codes show on that person's terminal: they are there to be typed. Nothing else here
shows or keeps one.
"""

from collections.abc import Callable
from typing import Final

from hosttools.calibration.prompts import Answer as Typed
from hosttools.calibration.prompts import AnswerError, Choice, Cue, Prompt, Tell
from hosttools.servers.seam import Answer, Can, Outcome, Server, ServerError

NOWHERE: Final = "manual"
"""The host of a login page that nobody named: not this machine, as far as is known."""

_WORDS: Final = {
    "accepted": "it let you in, or says that all is well",
    "refused": "it says no more than that the code is wrong",
    "replayed": "it says that the code was used before",
    "locked": "it says that the token or the account is locked",
    "throttled": "it says that you have to wait",
    "challenged": "it asks for another code",
    "nothing": "it doesn't work at all: an error page, no connection",
}
_NOTHING: Final = "nothing"


class ManualServer(Server):
    """A login page, and a person in front of it.

    Args:
        host: where the page is.
        ask: shows the person a prompt and returns what was typed; ``None`` to a ``Tell``.
    """

    can = frozenset({Can.EVENT, Can.TIME, Can.SYNC, Can.RESYNC, Can.UNLOCK})

    def __init__(self, host: str, ask: Callable[[Prompt], Typed | None]) -> None:
        self.name = host
        self.host = host
        self._ask = ask

    def sync(self, serial: str, code1: str, code2: str) -> Answer:
        """Have the add form filled in."""
        return self._submit(f"Add token {serial} with {code1}, then {code2}.")

    def verify(self, serial: str, code: str) -> Answer:
        """Have a code typed."""
        return self._submit(f"Log in as the holder of {serial} with the code {code}.")

    def resync(self, serial: str, code1: str, code2: str) -> Answer:
        """Have the resync form filled in."""
        return self._submit(f"Resync token {serial} with {code1}, then {code2}.")

    def unlock(self, serial: str) -> None:
        """Have a token unlocked."""
        question = Choice(Cue.DONE, "Done?", {"yes": "it is unlocked", "no": "it can't be"})
        if self._choose(f"Unlock token {serial}.", question) == "no":
            raise ServerError(f"{self.name}: {serial} was not unlocked")

    def _submit(self, what: str) -> Answer:
        word = self._choose(what, Choice(Cue.SERVER_SAID, "What does the page say?", _WORDS))
        if word == _NOTHING:
            raise ServerError(f"{self.name}: the person says that it does not work")
        return Answer(Outcome(word))

    def _choose(self, what: str, question: Choice) -> str:
        self._ask(Tell(f"On {self.name}: {what}"))
        while True:
            typed = self._ask(question)
            assert typed is not None  # noqa: S101  # only a Tell takes no answer
            try:
                return question.parse(typed.text)
            except AnswerError as e:
                self._ask(Tell(f"{e}."))


def open_server(target: str, ask: Callable[[Prompt], Typed | None]) -> Server:
    """Return the login page on a host; empty: nobody says which."""
    return ManualServer(target or NOWHERE, ask)
