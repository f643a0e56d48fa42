"""Readings lead back from what was typed to what was shown."""

import pytest

from hosttools.diagnosis.typos import DEAD_SEGMENT, Reading, Worn, readings
from hosttools.holder import Habits, Slip, SlipKind, typed

CODE = "140990"


def _of(text: str, kind: str) -> list[Reading]:
    return [r for r in readings(text, Habits()) if r.kind == kind and r.code == CODE]


@pytest.mark.parametrize("kind", [SlipKind.TRANSPOSED, SlipKind.MISTYPED])
@pytest.mark.parametrize("where", range(6))
def test_undoes_what_fingers_do(kind: SlipKind, where: int) -> None:
    """Whatever a holder's slip makes of a code, the code is among the readings."""
    wrong = typed([Slip(kind, where)], [CODE])
    assert wrong is not None
    assert CODE != wrong
    assert 1 == len(_of(wrong, kind.value))


def test_chances_of_fingers() -> None:
    """A reading's chance is its slip's, shared out over the ways that it can go."""
    (transposed,) = _of("104990", "transposed")
    (mistyped,) = _of("150990", "mistyped")
    assert pytest.approx(Habits().transposed / 5) == transposed.chance
    assert pytest.approx(Habits().mistyped / 6 / 3) == mistyped.chance  # 4 is next to 1, 5, 7


def test_dead_segment() -> None:
    """A 9 without its segment b is read as a 5."""
    (reading,) = _of("140590", "dead_segment")
    assert Worn(3, "b") == reading.worn
    assert pytest.approx(DEAD_SEGMENT / 6 / 7) == reading.chance
    assert "140590" == Worn(3, "b").reads(CODE)


def test_the_likeliest_first() -> None:
    """Most codes are typed as shown; what can't happen is no reading."""
    found = readings(CODE, Habits(transposed=0))
    assert (CODE, None) == (found[0].code, found[0].slip)
    assert sorted((r.chance for r in found), reverse=True) == [r.chance for r in found]
    assert SlipKind.TRANSPOSED not in {r.slip for r in found}


def test_hides_what_was_shown() -> None:
    """The code that a slip leads to may be unused: no repr tells it."""
    assert not any(CODE in repr(r) for r in readings("104990", Habits()))
