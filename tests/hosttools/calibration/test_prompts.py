"""Typed answers, read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.calibration.prompts import AnswerError, Choice, Code, Cue, Mark, Number, Question

MARK = Mark(Cue.DARK, "?", {"same": "…"})
CODE = Code(Cue.CODE_OR_DARK, "?", None, {"dark": "…"})
SIX = Code(Cue.CODE, "?", 6)
CHOICE = Choice(Cue.HOLD_SHOWS, "?", {"counter": "…", "code": "…", "menu": "…"})
NUMBER = Number(Cue.BARS, "?", 0, 30)
SIX_ONLY = "a code of this token has 6, if the first was typed right (else: again)"
QUESTIONS = [MARK, CODE, SIX, CHOICE, NUMBER]


@pytest.mark.parametrize(
    ("question", "typed", "read"),
    [
        (MARK, " ", ""),
        (MARK, "Same", "same"),
        (CODE, "012345", "012345"),
        (CODE, " 123 456 ", "123456"),
        (CODE, "1234-5678", "12345678"),
        (CODE, "DARK", "dark"),
        (CHOICE, "menu", "menu"),
        (CHOICE, "COU", "counter"),
        (NUMBER, "", ""),
        (NUMBER, " 007 ", "7"),
    ],
)
def test_answers_are_read(question: Question, typed: str, read: str) -> None:
    """An answer is read whatever its case, blanks and hyphens."""
    assert read == question.parse(typed)


@pytest.mark.parametrize(
    ("question", "typed", "reason"),
    [
        (MARK, "x", "only Enter was asked for, or same; that moment is lost"),
        (CODE, "", "that is no code; type its 6 to 8 digits, or dark"),
        (CODE, "12345", "that has 5 digits; a code of this token has 6 to 8"),
        (SIX, "1234567", f"that has 7 digits; {SIX_ONLY}"),
        (CODE, "١٢٣٤٥٦", "that is no code; type its 6 to 8 digits, or dark"),
        (CHOICE, "co", "type one of counter, code, menu"),
        (CHOICE, "", "type one of counter, code, menu"),
        (NUMBER, "-1", "type a whole number from 0 to 30, or Enter alone"),
        (NUMBER, "31", "type a whole number from 0 to 30, or Enter alone"),
        (NUMBER, "9" * 5_000, "type a whole number from 0 to 30, or Enter alone"),
    ],
)
def test_other_answers_are_refused(question: Question, typed: str, reason: str) -> None:
    """What can't be is refused with what can."""
    with pytest.raises(AnswerError) as caught:
        question.parse(typed)

    assert reason == str(caught.value)


@given(st.sampled_from(QUESTIONS), st.text())
def test_any_text_is_read_or_refused(question: Question, typed: str) -> None:
    """Any text is an answer or refused, and read answers read the same again."""
    try:
        read = question.parse(typed)
    except AnswerError:
        return
    assert read == question.parse(read)


@given(st.sampled_from(QUESTIONS), st.from_regex(r"[0-9]{4,12}", fullmatch=True))
def test_refusals_repeat_no_digits(question: Question, typed: str) -> None:
    """What is typed may be a code: no refusal repeats it."""
    refusal = ""
    try:
        question.parse(typed)
    except AnswerError as e:
        refusal = str(e)
    assert typed not in refusal
