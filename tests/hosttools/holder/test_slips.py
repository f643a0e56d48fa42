"""What is typed, given what was seen."""

from hypothesis import given
from hypothesis import strategies as st

from hosttools.holder import Slip, SlipKind, typed, typed_pair
from hosttools.holder.slips import NEIGHBOURS

FIRST, SECOND = "602993", "140990"
SLIPS = st.lists(st.builds(Slip, st.sampled_from(SlipKind), st.integers(0), st.integers(0)))
CODES = st.text("0123456789", min_size=6, max_size=8)
SEEN = st.lists(st.none() | st.text(max_size=8), max_size=4)


def test_what_was_seen() -> None:
    """Without a slip the code of the last press is typed."""
    assert SECOND == typed([], [FIRST, SECOND])


def test_nothing_to_read() -> None:
    """Where the last press showed nothing, nothing is typed."""
    assert (None, None) == (typed([], []), typed([], [FIRST, None]))


def test_previous_code() -> None:
    """The code before is the last one that was another, whatever happened in between."""
    slip = [Slip(SlipKind.PREVIOUS_CODE)]
    assert FIRST == typed(slip, [FIRST, None, SECOND, SECOND])


def test_no_previous_code() -> None:
    """Without a code before this one, this one is typed."""
    assert FIRST == typed([Slip(SlipKind.PREVIOUS_CODE)], [None, FIRST])


def test_transposed() -> None:
    """Two neighbours change places; equal ones would not show, so the next two do."""
    assert ["062993", "602939", "062993"] == [
        typed([Slip(SlipKind.TRANSPOSED, where=where)], [FIRST]) for where in (0, 3, 5)
    ]


def test_mistyped() -> None:
    """One digit becomes a neighbour on the keypad."""
    slips = [Slip(SlipKind.MISTYPED, where, which) for where, which in ((0, 0), (6, 2), (4, 0))]
    assert ["302993", "902993", "602963"] == [typed([slip], [FIRST]) for slip in slips]


def test_neighbours_are_mutual() -> None:
    """A key's neighbour has that key for a neighbour."""
    assert [] == [(a, b) for a, near in NEIGHBOURS.items() for b in near if a not in NEIGHBOURS[b]]


@given(CODES, st.integers(0), st.integers(0))
def test_slips_show(code: str, where: int, which: int) -> None:
    """A wrong key always shows, and swapped digits unless all are the same."""
    assert code != typed([Slip(SlipKind.MISTYPED, where, which)], [code])
    swapped = typed([Slip(SlipKind.TRANSPOSED, where)], [code])
    assert (len(set(code)) > 1) is (code != swapped)
    assert sorted(code) == sorted(swapped or "")


@given(SLIPS, SEEN)
def test_any_text_will_do(slips: list[Slip], seen: list[str | None]) -> None:
    """Whatever a worn LCD was read as is typed in its length."""
    code = typed(slips, seen)
    pair = typed_pair(slips, seen)
    assert (seen[-1] if seen else None) is None or code is not None
    assert {len(text) for text in (code, *(pair or ())) if text is not None} <= {
        len(text) for text in seen if text is not None
    }


def test_pair() -> None:
    """The two fields take the codes of the last two presses."""
    assert (FIRST, SECOND) == typed_pair([], ["999999", FIRST, SECOND])


def test_first_twice() -> None:
    """The first code goes into both fields."""
    assert (FIRST, FIRST) == typed_pair([Slip(SlipKind.FIRST_TWICE)], [FIRST, SECOND])


def test_fingers_slip_in_the_second_field() -> None:
    """The first code is typed right, the second one as the fingers have it."""
    assert (FIRST, "410990") == typed_pair([Slip(SlipKind.TRANSPOSED)], [FIRST, SECOND])


def test_half_a_pair() -> None:
    """Where a press showed nothing there is no pair."""
    assert [None] * 3 == [typed_pair([], s) for s in ([FIRST], [None, FIRST], [FIRST, None])]
