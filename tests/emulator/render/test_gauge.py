"""The terminal's gauge says where a token is, to scale and without colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import UsageError
from emulator.render.gauge import MIN_WIDTH, Zone, distance, gauge_lines, zone, zoom
from emulator.serverview import ServerView

EVENT = ServerView(name="vpn", next_counter=100, look_ahead=10, resync_window=1000)
TIME = ServerView(name="vpn", step_offset=-2, look_ahead=1, resync_window=20)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (-1, Zone.BEHIND),
        (0, Zone.IN_STEP),
        (10, Zone.INSIDE),
        (11, Zone.RESYNC),
        (1000, Zone.RESYNC),
        (1001, Zone.LOST),
    ],
)
def test_windows_of_an_event_token_are_inclusive(ahead: int, expected: Zone) -> None:
    """A look-ahead of 10 takes the next code and ten more; behind, all are used."""
    assert expected is zone(EVENT, ahead)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("steps", "expected"),
    [(1, Zone.INSIDE), (2, Zone.RESYNC), (20, Zone.RESYNC), (21, Zone.LOST)],
)
def test_windows_of_a_time_token_reach_to_both_sides(sign: int, steps: int, expected: Zone) -> None:
    """A clock that is slow is treated as one that is fast."""
    assert expected is zone(TIME, sign * steps)


def test_distance_is_from_what_the_server_has_learnt() -> None:
    """A time token that is as slow as the server believes is in step."""
    assert 0 == distance(TIME, -2)
    assert 7 == distance(EVENT, 107)


def test_a_resync_window_below_the_look_ahead_adds_nothing() -> None:
    """What one code brings back is not lost."""
    view = ServerView(name="vpn", next_counter=0, look_ahead=10, resync_window=5)
    assert Zone.INSIDE is zone(view, 8)
    assert Zone.LOST is zone(view, 11)


def test_lines_read_well() -> None:
    """Words, marker, scale and labels stand under one another."""
    assert (
        "+11 NEEDS A RESYNC: two codes in a row  ",
        "                        ▼               ",
        "««««««━┃━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌",
        "       0              +10            +20",
    ) == gauge_lines(EVENT, 111, 40)


def test_ascii() -> None:
    """Without Unicode all is ASCII and of the same size."""
    plain = gauge_lines(EVENT, 1300, 60, unicode=False)
    assert "".join(plain).isascii()
    assert [60] * 4 == [len(line) for line in plain]


def test_the_token_stands_in_its_own_zone() -> None:
    """One press past the window the mark under the marker is already the outer one's."""
    _, marker, scale, _ = gauge_lines(EVENT, 1101, 40)
    assert "▓" == scale[marker.index("▼")]


def test_locked_goes_before_everything() -> None:
    """A locked server is said first, and where the token stands after it."""
    view = ServerView(name="vpn", next_counter=100, look_ahead=10, locked=True)
    assert gauge_lines(view, 103, 60)[0].startswith("+3 LOCKED, INSIDE THE WINDOW")


def test_hints_take_the_same_room() -> None:
    """Without a server, or without a counter, four lines say so."""
    assert "no server attached" == gauge_lines(None, 3, 40)[0].rstrip()
    assert "the token has no counter at present" == gauge_lines(EVENT, None, 40)[0].rstrip()
    assert [40] * 4 == [len(line) for line in gauge_lines(None, 3, 40)]


def test_too_narrow() -> None:
    """Fewer columns than make sense are refused with the number that does."""
    with pytest.raises(UsageError, match=f"23 columns; it takes at least {MIN_WIDTH}"):
        gauge_lines(EVENT, 100, MIN_WIDTH - 1)


@given(
    view=st.builds(
        ServerView,
        name=st.just("vpn"),
        next_counter=st.none(),
        step_offset=st.integers(-50, 50),
        look_ahead=st.integers(0, 2000),
        resync_window=st.integers(0, 20_000),
        locked=st.booleans(),
    )
    | st.builds(
        ServerView,
        name=st.just("vpn"),
        next_counter=st.integers(0, 10**9),
        look_ahead=st.integers(0, 2000),
        resync_window=st.integers(0, 20_000),
    ),
    position=st.integers(-(10**9), 10**12),
    width=st.integers(MIN_WIDTH, 200),
)
def test_any_token_is_in_view(view: ServerView, position: int, width: int) -> None:
    """Whatever the numbers, the server and the token are on the scale and the size holds."""
    span = zoom(view, distance(view, position))
    assert span.low <= min(0, distance(view, position))
    assert span.high >= max(0, distance(view, position))
    lines = gauge_lines(view, position, width)
    assert [width] * 4 == [len(line) for line in lines]
    assert "▼" in lines[1]
