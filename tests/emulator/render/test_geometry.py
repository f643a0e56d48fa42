"""Every segment has its place, and none takes another's."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.render import geometry
from emulator.render.geometry import (
    BATTERY_SHAPES,
    GLASS,
    HEIGHT,
    INK,
    MARGIN,
    PITCH,
    SEGMENT_SHAPES,
    faded,
)
from firmware_model.segments import Lcd


def _area(shape: geometry.Polygon) -> float:
    """Shoelace formula; positive when the outline runs clockwise on the screen."""
    closed = (*shape, shape[0])
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(closed)) / 2


def test_seven_segments() -> None:
    """There is one shape for each segment bit."""
    assert len(SEGMENT_SHAPES) == 7


@pytest.mark.parametrize("shape", SEGMENT_SHAPES)
def test_segment_inside_its_cell(shape: geometry.Polygon) -> None:
    """A segment stays inside its digit's cell, so cells can be drawn on their own."""
    assert all(0 <= x <= PITCH and 0 <= y <= HEIGHT for x, y in shape)


@pytest.mark.parametrize("shape", [*SEGMENT_SHAPES, *BATTERY_SHAPES, *geometry.bar_shapes(6)])
def test_outline_is_clockwise(shape: geometry.Polygon) -> None:
    """All outlines run the same way round, so any fill rule fills them."""
    assert _area(shape) > 0


def test_size_is_the_products() -> None:
    """Six digits make glass three times as wide as high; what is lit does not matter."""
    assert geometry.width(Lcd((0,) * 6)) == 3 * HEIGHT
    assert geometry.width(Lcd((0,) * 6, 0, 6)) == geometry.width(Lcd((127,) * 6, 6, 6))


def test_bars_make_room_for_themselves() -> None:
    """Time bars stand left of the first digit."""
    first_digit = geometry.digit_x(0, Lcd((0,) * 6, 0, 6))
    assert all(MARGIN <= x < first_digit for shape in geometry.bar_shapes(6) for x, _ in shape)


@given(bar_count=st.integers(1, 60))
def test_bars_stack_upwards(bar_count: int) -> None:
    """The first bar is the lowest, and none touches the next."""
    shapes = geometry.bar_shapes(bar_count)
    tops = [min(y for _, y in shape) for shape in shapes]
    bottoms = [max(y for _, y in shape) for shape in shapes]
    assert len(shapes) == bar_count
    assert all(lower_top > bottom for lower_top, bottom in zip(tops, bottoms[1:], strict=False))


def test_no_bars() -> None:
    """A product without time bars has no shapes for them."""
    assert geometry.bar_shapes(0) == ()


@pytest.mark.parametrize(("bars", "expected"), [(-1, 0), (0, 0), (4, 4), (6, 6), (7, 6)])
def test_lit_bars_are_those_there_are(bars: int, expected: int) -> None:
    """No more bars are lit than the glass has."""
    assert expected == geometry.lit_bars(Lcd((0,) * 6, bars, 6))


@pytest.mark.parametrize("shape", BATTERY_SHAPES)
def test_battery_inside_the_margin(shape: geometry.Polygon) -> None:
    """The battery sign takes the margin that every glass has, right of the last digit."""
    assert all(0 < x < MARGIN and 0 < y < HEIGHT for x, y in shape)
    lcd = Lcd((0,) * 6, 0, 6, battery_sign=True)
    assert geometry.width(lcd) == geometry.battery_x(lcd) + MARGIN
    assert geometry.width(lcd._replace(battery_sign=False)) == geometry.width(lcd)


@pytest.mark.parametrize(
    ("contrast", "expected"),
    [(-1, GLASS), (0, GLASS), (50, (107, 116, 102)), (100, INK), (101, INK)],
)
def test_colours_fade_into_the_glass(contrast: int, expected: geometry.Rgb) -> None:
    """The less contrast, the nearer is a colour to that of the glass."""
    assert expected == faded(INK, contrast)
