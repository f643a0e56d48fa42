"""A person with a real token: what is typed is doubted, and believed when typed again."""

import io
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import HostTime
from firmware_model.oath import Key, hotp
from firmware_model.profile import SECOND
from hosttools.calibration.prompts import Answer, Prompt, Tell
from hosttools.errors import HostError
from hosttools.hand import (
    BenchHand,
    ManualHand,
    Pressed,
    PressRefusedError,
    Token,
    open_bench,
    sample_config,
)
from tests.hosttools.hand.person import Person, hold

EVENT, TIMED = "GALH00004226", "GALT00006238"
CODES = ("755224", "287082", "359152")


@pytest.fixture
def fob() -> Iterator[BenchHand]:
    """Return the fob that the person has."""
    with open_bench([(sample_config(EVENT), None)]) as runner:
        yield BenchHand(runner, EVENT)


def _held(fob: BenchHand, *slips: str, check: bool = True) -> tuple[ManualHand, Person]:
    return hold(fob, sample_config(fob.serial()), *slips, check=check)


def test_right_code_is_believed_at_once(fob: BenchHand) -> None:
    """A code that the seed makes is asked for once, and nothing is said."""
    hand, person = _held(fob)

    assert Pressed(CODES[0], None) == hand.press()
    assert ([], 1) == (person.told, len(person.asked))


@pytest.mark.parametrize("typed", ["755 224", " 755224 ", "755-224", "7 5 5 2 2 4"])
def test_blanks_and_hyphens_are_no_slips(fob: BenchHand, typed: str) -> None:
    """People group digits."""
    hand, person = _held(fob, typed)

    assert (CODES[0], []) == (hand.press().code, person.told)


def test_slip_is_doubted(fob: BenchHand) -> None:
    """A code that the seed doesn't make is asked for again; the right one is taken."""
    hand, person = _held(fob, "755242")

    assert CODES[0] == hand.press().code
    (told,) = person.told
    assert told.startswith("The seed of GALH00004226 makes no such code about now: a slip? Look")


def test_insistence_is_believed(fob: BenchHand) -> None:
    """The same again is what the person sees: a display may be damaged, or the seed another's."""
    hand, person = _held(fob, "123456", "123456")

    assert ("123456", 1) == (hand.press().code, len(person.told))


def test_another_slip_is_doubted_too(fob: BenchHand) -> None:
    """Two different wrong codes are two slips."""
    hand, person = _held(fob, "123456", "654321")

    assert (CODES[0], 2) == (hand.press().code, len(person.told))


@pytest.mark.parametrize("typed", ["75522", "7552244", "", "abc", "75522O", "٧٥٥٢٢٤", "no"])
def test_no_code_is_asked_again(fob: BenchHand, typed: str) -> None:
    """What has another length or no digits is asked for again, however often it is typed."""
    hand, person = _held(fob, typed, typed)

    assert (CODES[0], 2) == (hand.press().code, len(person.told))
    assert not any(typed in told for told in person.told if len(typed) > 3)


def test_code_from_before_is_doubted(fob: BenchHand) -> None:
    """The code of the press before is what stands there if the display was not dark."""
    hand, person = _held(fob)
    hand.press()
    hand.wait_dark()
    person.slips = [CODES[0]]

    assert CODES[1] == hand.press().code
    assert person.told[0].startswith("That is the code from before: was the display dark")


def test_older_code_is_doubted(fob: BenchHand) -> None:
    """So is one of earlier presses."""
    hand, person = _held(fob)
    hand.press_many(2)
    hand.wait_dark()
    person.slips = [CODES[0]]

    assert CODES[2] == hand.press().code
    assert person.told[0].startswith("That code is older")


def test_recovers_from_coincidence(fob: BenchHand) -> None:
    """A slip that happens to be a later code doesn't make all that follows a lasting doubt."""
    config = sample_config(EVENT)
    later = hotp(Key(config.secret, config.algorithm), 900, 6)
    hand, person = _held(fob, later)
    assert later == hand.press().code
    hand.wait_dark()
    person.slips = [CODES[1], CODES[1]]
    assert CODES[1] == hand.press().code
    person.told.clear()
    hand.wait_dark()

    assert (CODES[2], []) == (hand.press().code, person.told)


def test_unknown_seed_checks_form_and_repetition_only(fob: BenchHand) -> None:
    """Without the seed any six digits are a code."""
    hand, person = _held(fob, "123456", check=False)

    assert ("123456", []) == (hand.press().code, person.told)


def test_no_code_appeared(fob: BenchHand) -> None:
    """``none`` is a refusal: lit as long as the code before may be, else dark."""
    hand, person = _held(fob, "none")
    assert Pressed(None, "dark") == hand.press()
    person.slips = ["NONE"]
    with pytest.raises(PressRefusedError, match="refused a press: dark; no code appeared"):
        Token(hand).press()
    fob.wait_dark()
    hand.press()

    assert Pressed(None, "lit") == hand.press()


def test_slow_typing_is_warned_of(fob: BenchHand) -> None:
    """A code typed after it went dark is taken, with a warning."""
    hand, person = _held(fob)
    person.slow_s = 31

    assert CODES[0] == hand.press().code
    assert person.told[0].startswith("That took 31 s, longer than a code stays lit")


def test_dark_is_asked_for_only_if_it_can_be_lit(fob: BenchHand) -> None:
    """Waiting costs the person an Enter while a code can be lit, and nothing afterwards."""
    hand, person = _held(fob)
    hand.wait_dark()
    assert [] == person.asked
    hand.press()
    hand.wait_dark()
    hand.wait_dark()

    assert 2 == len(person.asked)


def test_time_token_repeats_in_its_step() -> None:
    """A time token shows one code as long as its step lasts: no slip; an old one is."""
    config = sample_config(TIMED)
    key = Key(config.secret, config.algorithm)
    typed = [hotp(key, 100, 8)] * 2 + [hotp(key, 80, 8), hotp(key, 101, 8)]
    told = []

    def answer(prompt: Prompt) -> Answer | None:
        if isinstance(prompt, Tell):
            told.append(prompt.text)
            return None
        return Answer(typed.pop(0), 0)

    now = HostTime(100 * 30 * SECOND, 0, None)
    hand = ManualHand(config, answer, host=lambda: now)

    assert [hotp(key, n, 8) for n in (100, 100, 101)] == [hand.press().code for _ in range(3)]
    assert 1 == len(told)
    assert "no such code about now" in told[0]


def test_long_series_is_refused(fob: BenchHand) -> None:
    """A person is asked for a quarter of an hour at most."""
    hand, person = _held(fob)

    with pytest.raises(HostError, match=r"40 presses take about 1174 s .* limit of 900 s"):
        hand.press_many(40)
    assert [] == person.asked


def test_piped_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Codes can be piped in; they show nowhere, and the end of them is an error with the reason."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("755224\n\n287082\n"))
    token = Token(ManualHand(sample_config(EVENT)))

    assert list(CODES[:2]) == token.press_many(2)
    with pytest.raises(HostError, match="nobody types any more"):
        token.press()
    out, err = capsys.readouterr()
    assert "" == out
    assert "Press the button of GALH00004226" in err
    assert not any(code in err for code in CODES)


def test_ctrl_c_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops a test run at a prompt stops all of it."""

    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.StringIO())  # no terminal, wherever the tests run
    monkeypatch.setattr("click.termui.visible_prompt_func", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ManualHand(sample_config(EVENT)).press()


@given(st.lists(st.one_of(st.text(max_size=20), st.from_regex(r"[0-9 -]{4,9}"), st.just("none"))))
def test_whatever_is_typed(lines: list[str]) -> None:
    """Any lines make codes, refusals, or the end of input; none of them is told again."""
    told: list[str] = []
    left = iter(lines)

    def answer(prompt: Prompt) -> Answer | None:
        told.append(prompt.text)
        if isinstance(prompt, Tell):
            return None
        line = next(left, None)
        if line is None:
            raise HostError("nobody types any more")
        return Answer(line, 0)

    hand = ManualHand(sample_config(EVENT), answer, host=lambda: HostTime(0, 0, None))
    with suppress(HostError):
        while pressed := hand.press():
            assert (pressed.code is None) == (pressed.refused is not None)
            assert pressed.code is None or (6 == len(pressed.code) and pressed.code.isdecimal())
    digits = {line for line in lines if len(line) > 3 and line.isascii() and line.isdigit()}
    words = {word.strip(".,:;?'") for text in told for word in text.split()}
    assert not digits & words
