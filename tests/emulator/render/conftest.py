"""Golden pictures: what a picture must look like, kept in ``golden/`` beside this file.

After a wanted change of look, write them anew and look at every one of them::

    GALH_UPDATE_GOLDEN=1 python -m pytest tests/emulator/render && python docs/draw.py

Decoded pixels are compared, and a few may differ: Pillow's versions smooth edges
and compress differently. An LCD has few edges: of it no pixel may differ by more
than such an edge, so that even a segment that is off, or pale, is seen to be there.
"""

import io
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageChops

_GOLDEN: Final = Path(__file__).parent / "golden"
_FAR: Final = 64
"""Levels of 255 by which a channel may be off: less than an edge's smoothing, never a segment."""
_SHARE: Final = 1 / 2000
"""Share of pixels that may be further off: a tenth of a segment."""
_LCD_FAR: Final = 10
"""The same for an LCD: Pillow 10.3, 11.1 and 13 differ by up to 8; a segment that is off differs
from the glass by 15."""


def same_picture(
    expected: Image.Image, actual: Image.Image, *, far_levels: int = _FAR, share: float = _SHARE
) -> bool:
    """Whether two pictures are the same to the eye."""
    if expected.size != actual.size:
        return False
    # Colours under full transparency are nobody's business: premultiply.
    pair = (image.convert("RGBA").convert("RGBa") for image in (expected, actual))
    channels = [Image.frombytes("RGBA", i.size, i.tobytes()) for i in pair]
    off = ImageChops.difference(*channels).split()
    far = off[0]
    for channel in off[1:]:
        far = ImageChops.lighter(far, channel)
    count = sum(far.histogram()[far_levels + 1 :])
    return count <= share * far.width * far.height


def same_lcd(expected: Image.Image, actual: Image.Image) -> bool:
    """Whether two pictures of an LCD show the same, segments that are off included."""
    return same_picture(expected, actual, far_levels=_LCD_FAR, share=0)


def _check(name: str, png: bytes, same: Callable[[Image.Image, Image.Image], bool]) -> None:
    path = _GOLDEN / f"{name}.png"
    if os.environ.get("GALH_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png)
    with Image.open(path) as expected, Image.open(io.BytesIO(png)) as actual:
        assert same(expected, actual), f"differs from {path}; see conftest.py"


@pytest.fixture
def pictures_match() -> Callable[[Image.Image, Image.Image], bool]:
    """Whether two pictures are the same to the eye."""
    return same_picture


@pytest.fixture
def lcds_match() -> Callable[[Image.Image, Image.Image], bool]:
    """Whether two pictures of an LCD show the same."""
    return same_lcd


@pytest.fixture
def check_golden() -> Callable[[str, bytes], None]:
    """Compare a PNG with the golden one of that name, or write it when asked to."""
    return partial(_check, same=same_picture)


@pytest.fixture
def check_golden_lcd() -> Callable[[str, bytes], None]:
    """Compare a PNG of an LCD with the golden one of that name, or write it when asked to."""
    return partial(_check, same=same_lcd)
