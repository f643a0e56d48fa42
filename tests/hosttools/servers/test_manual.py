"""A person as the way to a server."""

from collections.abc import Iterable

import pytest

from hosttools.calibration.prompts import Answer, Prompt, Tell
from hosttools.servers import Outcome, Server, ServerError
from hosttools.servers.manual import open_server
from hosttools.servers.safety import guard

SERIAL = "GALH12345678"


class Person:
    """Someone who types what they were told to."""

    def __init__(self, typed: Iterable[str]) -> None:
        self.told: list[str] = []
        self._typed = iter(typed)

    def answer(self, prompt: Prompt) -> Answer | None:
        """Answer a prompt."""
        if isinstance(prompt, Tell):
            self.told.append(prompt.text)
            return None
        return Answer(next(self._typed), 0)


def page(*typed: str) -> tuple[Person, Server]:
    """Return a person who will type this, and the page in front of them."""
    person = Person(typed)
    return person, open_server("vpn.example.org", person.answer)


def test_codes_show() -> None:
    """The person is told the code and where to type it."""
    person, server = page("accepted", "a", "r")
    assert server.verify(SERIAL, "755224").accepted
    assert server.sync(SERIAL, "755224", "287082").accepted
    assert (
        "On vpn.example.org: Log in as the holder of GALH12345678 with the code 755224."
        == (person.told[0])
    )
    assert "with 755224, then 287082" in person.told[1]


@pytest.mark.parametrize("outcome", Outcome)
def test_outcomes(outcome: Outcome) -> None:
    """Whatever a server may say can be typed."""
    _, server = page(outcome.value)
    assert outcome is server.resync(SERIAL, "1", "2").outcome


def test_typing_errors() -> None:
    """What is no answer is asked for again."""
    person, server = page("yes", "re", "ref")
    assert Outcome.REFUSED is server.verify(SERIAL, "755224").outcome
    assert 2 == sum("type one of" in told for told in person.told)


def test_does_not_work() -> None:
    """A page that doesn't work is no refusal."""
    _, server = page("nothing", "no", "yes")
    with pytest.raises(ServerError, match="does not work"):
        server.verify(SERIAL, "755224")
    with pytest.raises(ServerError, match="not unlocked"):
        server.unlock(SERIAL)
    server.unlock(SERIAL)


def test_a_page_that_nobody_named_is_guarded() -> None:
    """A page of unknown place is not taken for this machine."""
    server = open_server("", Person([]).answer)
    assert "manual" == server.host
    assert guard(server, authorised=["manual"]) is not server
