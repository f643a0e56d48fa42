"""Every condition looks and reads as it must; conftest.py says how to write pictures anew."""

import doctest
import io
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from emulator.render.conditions import CONDITIONS, Condition
from emulator.render.png import lcd_png
from firmware_model.readings import taken_for

DOCS = Path(__file__).parents[3] / "docs"
BY_NAME = {condition.name: condition for condition in CONDITIONS}

each_condition = pytest.mark.parametrize("condition", CONDITIONS, ids=list(BY_NAME))


@pytest.fixture(scope="module")
def draw() -> dict[str, Any]:
    """What docs/draw.py draws with."""
    return runpy.run_path(str(DOCS / "draw.py"))


@each_condition
def test_golden(condition: Condition, check_golden_lcd: Callable[[str, bytes], None]) -> None:
    """The picture is the golden one, to the segment."""
    check_golden_lcd(f"condition-{condition.name}", lcd_png(condition.lcd))


def test_names_are_unique() -> None:
    """A name stands for one picture."""
    assert len(CONDITIONS) == len(BY_NAME)


def test_no_picture_is_left_over() -> None:
    """Every golden picture and every one in the docs is of a condition that there is."""
    for folder, prefix in (
        (Path(__file__).parent / "golden", "condition-"),
        (DOCS / "images", "lcd-"),
    ):
        assert {f"{prefix}{name}.png" for name in BY_NAME} == {
            path.name for path in folder.glob(f"{prefix}*.png")
        }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dark", ""),
        ("code", "755224"),
        ("bars-0", "287082"),
        ("err", "   Err"),
        ("dashes", "------"),
        ("counter", "    2A"),
        ("menu-time", " 12-34"),
        ("menu-battery", "b   87"),
        ("dead-b", "267082"),
        ("dead-e", "297082"),
        ("dead-g", "207082"),
        ("dead-a", "287082"),
        ("stuck-g", "287882"),
        ("stuck-d", "283082"),
        ("contrast-30", "287082"),
        ("contrast-0", ""),
    ],
)
def test_reading(name: str, expected: str) -> None:
    """What a person takes the picture for."""
    assert expected == taken_for(BY_NAME[name].lcd)


@each_condition
def test_picture_in_the_docs_is_current(
    condition: Condition,
    draw: dict[str, Any],
    lcds_match: Callable[[Image.Image, Image.Image], bool],
) -> None:
    """It is what docs/draw.py draws."""
    with (
        Image.open(DOCS / "images" / f"lcd-{condition.name}.png") as shown,
        Image.open(io.BytesIO(draw["lcd"](condition))) as drawn,
    ):
        assert lcds_match(drawn, shown), "run python docs/draw.py"


def test_table_in_the_docs_is_current(draw: dict[str, Any]) -> None:
    """The table has every condition with its meaning and what it is taken for."""
    page = (DOCS / "lcd.md").read_text(encoding="utf-8")
    assert draw["lcd_table"]() in page, "run python docs/draw.py"


def test_examples_in_the_docs() -> None:
    """What docs/lcd.md shows in Python comes out."""
    failed, tried = doctest.testfile(str(DOCS / "lcd.md"), module_relative=False)
    assert tried
    assert not failed
