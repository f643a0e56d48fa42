"""``kill -9`` while presses with idempotency keys are under way, and the same request again."""

import contextlib
import random
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from firmware_model import Key, Secret, hotp
from hosttools.seedfiles import sample
from hosttools.testing import Serving
from tests.robustness.crowd import Line

SERIAL: Final = "GALH00004226"
RFC: Final = sample("rfc4226.csv")
KEY: Final = Key(Secret(b"12345678901234567890"))
WEB: Final = ("--no-pty", "--http", "127.0.0.1:0", "--clock", "manual")


class Asked(NamedTuple):
    """A request that nobody has answered yet.

    Attributes:
        key: its idempotency key.
        times: how many presses it asks for.
        counter: the token's before it was sent.
        answer: what came of it, if the process could say so before it was killed.
    """

    key: str
    times: int
    counter: int
    answer: Any


def counter(line: Line) -> int:
    """Return the token's next counter."""
    status, answer = line.ask("GET", f"/api/v1/tokens/{SERIAL}/counter")
    assert status == 200
    number: int = answer["next"]
    return number


class Story:
    """What a client saw through all the kills."""

    def __init__(self, choices: random.Random) -> None:
        self._choices = choices
        self._asked = 0
        self.shown: dict[str, list[Any]] = {}  # by key, what was answered
        self.interrupted: dict[str, int] = {}  # by key, how far the counter moved

    def press(self, line: Line) -> None:
        """Press under a new key; the answer comes."""
        key, times = self._new()
        before = counter(line)
        status, answer = line.press(SERIAL, key, times)
        assert status == 200
        self._note(key, answer["presses"], before)
        assert before + times == counter(line)

    def press_and_kill(self, served: Serving, line: Line) -> Asked:
        """Press under a new key, and kill at any moment after that."""
        key, times = self._new()
        before = counter(line)
        line.send(SERIAL, key, times)
        for _ in range(self._choices.randrange(1_000_000)):
            pass  # a kill must come at any moment, also after the answer
        served.process.kill()
        answer = None
        with contextlib.suppress(HTTPException, OSError, ValueError):  # cut off anywhere
            answer = line.answer()[1]
        served.kill()
        return Asked(key, times, before, answer)

    def retry(self, line: Line, asked: Asked) -> None:
        """Send a request again whose process was killed; it moves the counter once at most."""
        found = counter(line)
        status, answer = line.press(SERIAL, asked.key, asked.times)
        assert status == 200
        moved = counter(line) - asked.counter
        if asked.answer is not None:
            assert asked.answer["presses"] == answer["presses"]
        if answer["refused"] == "interrupted":
            assert found == asked.counter + moved  # nothing was pressed by asking again
            assert 0 <= moved <= asked.times
            self.interrupted[asked.key] = moved
        else:
            assert asked.times == moved
            self._note(asked.key, answer["presses"], asked.counter)

    def ask_again(self, line: Line) -> None:
        """Send a request again that was answered long ago: the same answer, and no press."""
        if not self.shown:
            return
        before, key = counter(line), self._choices.choice(list(self.shown))
        status, answer = line.press(SERIAL, key, len(self.shown[key]))
        assert (200, self.shown[key], before) == (status, answer["presses"], counter(line))

    def _new(self) -> tuple[str, int]:
        self._asked += 1
        return f"press-{self._asked}", self._choices.choice([1, 1, 3])

    def _note(self, key: str, presses: list[Any], before: int) -> None:
        factors = [press["factor"] for press in presses]
        assert list(range(before, before + len(presses))) == factors
        assert [hotp(KEY, factor) for factor in factors] == [press["code"] for press in presses]
        self.shown[key] = presses


def torture(state: Path, kills: int) -> None:
    """Kill, restart, and ask again; no code repeats and nothing is pressed twice."""
    choices = random.Random(kills)  # noqa: S311  # when to kill, no secret
    profile = state.with_name("profile.toml")
    profile.write_text('base = "GALH"\npress_while_lit = "new_code"\n')
    start: list[str | Path] = ["--seeds", RFC, "--profile", profile]
    story = Story(choices)
    asked = None
    for _ in range(kills):
        with (
            Serving(*start, "--state", state, *WEB) as served,
            closing(Line(served.http)) as line,
        ):
            if asked is not None:
                story.retry(line, asked)
            story.ask_again(line)
            for _ in range(choices.randrange(4)):
                story.press(line)
            asked = story.press_and_kill(served, line)
        start = []
    with Serving("--state", state, *WEB) as served, closing(Line(served.http)) as line:
        assert asked is not None
        story.retry(line, asked)
        factors = [press["factor"] for presses in story.shown.values() for press in presses]
        assert sorted(set(factors)) == factors
        assert len(factors) + sum(story.interrupted.values()) == counter(line)


def test_killed_with_keys_twice(tmp_path: Path) -> None:
    """Two kills: a request that is sent again presses once, or says that it was interrupted."""
    torture(tmp_path / "state", 2)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_killed_with_keys_two_hundred_times(tmp_path: Path) -> None:
    """So it is with two hundred."""
    torture(tmp_path / "state", 200)
