"""What moments and comparisons prove."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.profile import SECOND, StepChange, TokenType
from hosttools.calibration.evidence import lit_ns, stayed_longer, type_evidence
from hosttools.calibration.observations import Change, Glow, Observations, Sighting, WhileLit

S = SECOND


def sightings(*seen: tuple[float, int]) -> tuple[Sighting, ...]:
    """Return codes by the second and their number."""
    return tuple(Sighting(int(at_s * S), code) for at_s, code in seen)


def test_same_code_twice_proves_time() -> None:
    """Two presses with one code are a time token, whose step is about as long at least."""
    found = type_evidence(sightings((0, 0), (20, 0), (40, 1)))

    assert (TokenType.TIME, 19 * S) == found[:2]


def test_two_codes_prove_nothing() -> None:
    """Two different codes may have a step's end between them."""
    assert (None, 0, None) == type_evidence(sightings((0, 0), (5, 1)))


def test_three_quick_codes_prove_event() -> None:
    """Three codes within less than a step are those of an event token."""
    assert TokenType.EVENT is type_evidence(sightings((0, 0), (5, 1), (10, 2))).proved


def test_three_slow_codes_bound_the_step() -> None:
    """Three codes that took longer only say how long a step is at most."""
    assert (None, 0, 61 * S) == type_evidence(sightings((0, 0), (30, 1), (60, 2)))


@given(
    st.integers(30, 60),
    st.integers(0, 10**6),
    st.lists(st.integers(200, 90_000), min_size=1, max_size=20),
    st.data(),
)
def test_time_token_is_never_taken_for_event(
    step_s: int, phase_ms: int, gaps_ms: list[int], data: st.DataObject
) -> None:
    """However presses fall into time steps, and moments are off, no event token is made of it."""
    at_ms, seen = phase_ms, []
    for gap_ms in gaps_ms:
        at_ms += gap_ms
        noticed_ms = at_ms + data.draw(st.integers(0, 500))
        seen.append(Sighting(noticed_ms * S // 1000, at_ms // (step_s * 1000)))
    found = type_evidence(sorted(seen))

    assert found.proved is not TokenType.EVENT
    assert found.shortest_ns <= step_s * S
    assert found.longest_ns is None or step_s * S <= found.longest_ns


def press(gap_s: float, lasted_s: float, *, told: bool | None = None) -> WhileLit:
    """Return a press that left the same code."""
    return WhileLit((), Change.SAME, int(gap_s * S), int(lasted_s * S), told)


@pytest.mark.parametrize(
    ("seen", "usual_s", "longer"),
    [
        (press(5, 30.3), 30, False),
        (press(5, 34.7), 30, True),
        (press(5, 32.5), 30, None),
        (press(5, 50), 30, None),
        (press(1, 30), 30, None),
        (press(5, 30, told=True), 30, True),
        (press(5, 30), None, None),
    ],
    ids=["ignored", "extended", "between", "far", "too quick", "told", "no lit time"],
)
def test_lit_time_tells_whether_it_began_anew(
    seen: WhileLit,
    usual_s: int | None,
    longer: bool | None,  # noqa: FBT001  # pytest passes it by name
) -> None:
    """Dark at the old time, a lit time after the press, or not to be told."""
    assert longer is stayed_longer(seen, None if usual_s is None else usual_s * S)


def test_lit_time_is_the_median_to_a_tenth() -> None:
    """Of three trials the one in the middle counts; nothing was measured without any."""
    glows = tuple(Glow(Sighting(0, 0), int(s * S)) for s in (30.04, 12.0, 30.31))

    assert lit_ns(Observations(glows=glows)) == 30 * S
    assert lit_ns(Observations(glows=glows, step_change=StepChange.DARK)) == 30.3 * S
    assert lit_ns(Observations()) is None
