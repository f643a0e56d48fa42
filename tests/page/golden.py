"""Golden screenshots: what a part of the page must look like, kept in ``golden/``.

After a wanted change of look, write them anew and look at every one of them::

    GALH_UPDATE_GOLDEN=1 python -m pytest tests/page/test_page_goldens.py

Machines have different fonts. So a part is photographed twice: without its text, which must
be the same to the eye on every machine, and with it, where letters and the breaking of lines
may differ, but nothing as large as a zone, a colour or a missing line.
"""

import io
import os
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageStat

GOLDEN: Final = Path(__file__).parent / "golden"
_QUARTER: Final = 4
_FAR: Final = 48
"""Levels of 255 that a channel may be off at an edge: Chromium's versions smooth differently."""
_SHARE: Final = 1 / 400
"""Share of pixels that may be further off: of an LCD of 172 by 62, less than one segment."""
_MEAN: Final = 25
"""Levels that a picture with text may be off on average: other fonts are off by up to 16, a
gauge of another colour by 50 and more."""
_STRETCH: Final = 0.25
"""Share by which other fonts may make a part higher: in the head of a gauge, a line of text."""


def golden(name: str, png: bytes) -> tuple[Image.Image, Image.Image]:
    """Return the golden picture of a name, and the one that was taken; write it if asked to."""
    path = GOLDEN / f"{name}.png"
    if os.environ.get("GALH_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        picture(png).save(path, optimize=True)
    return picture_of(name), picture(png)


def picture_of(name: str) -> Image.Image:
    """Return the golden picture of a name."""
    return picture((GOLDEN / f"{name}.png").read_bytes())


def same(expected: Image.Image, actual: Image.Image) -> bool:
    """Whether two pictures without text are the same to the eye."""
    if expected.size != actual.size:
        return False
    off = ImageChops.difference(expected, actual).split()
    worst = ImageChops.lighter(ImageChops.lighter(off[0], off[1]), off[2])
    far = sum(worst.histogram()[_FAR + 1 :])
    return far <= _SHARE * expected.width * expected.height


def distance(expected: Image.Image, actual: Image.Image) -> float:
    """Return by how many levels two pictures differ on average, seen from afar."""
    height = min(expected.height, actual.height)
    size = (expected.width // _QUARTER, height // _QUARTER)
    one, other = (
        shot.crop((0, 0, shot.width, height)).resize(size, Image.Resampling.BOX)
        for shot in (expected, actual)
    )
    means = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return sum(means) / len(means)


def alike(expected: Image.Image, actual: Image.Image) -> bool:
    """Whether two pictures with text show the same, whatever their fonts."""
    stretch = abs(actual.height - expected.height) / expected.height
    return (
        expected.width == actual.width
        and stretch <= _STRETCH
        and distance(expected, actual) <= _MEAN
    )


def picture(png: bytes) -> Image.Image:
    """Return a picture that was taken."""
    with Image.open(io.BytesIO(png)) as shot:
        return shot.convert("RGB")
