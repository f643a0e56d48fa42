"""Golden pictures: what the display of a token looked like when somebody approved it.

Compared by what is in them, pixel for pixel: the same picture compressed by another
release of a library is the same picture.
"""

import io
import re
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops

from emulator.render.png import lcd_png
from firmware_model.segments import Lcd


class Golden:
    """Compares displays with the pictures beside a test.

    Args:
        test: the test's file.
        name: the test's own name.
        update: whether pictures are written, not compared.
        kept: is told of each picture that was written beside a golden one that differs.
    """

    def __init__(
        self, test: Path, name: str, *, update: bool, kept: Callable[[Path], object]
    ) -> None:
        self._folder = test.parent / "golden"
        self._stem = f"{test.stem}-{re.sub('[^A-Za-z0-9_.]+', '-', name).strip('-')}"
        self._update = update
        self._kept = kept

    def check(self, lcd: Lcd, name: str = "lcd") -> None:
        """Compare a display with its golden picture.

        Args:
            lcd: what the token shows.
            name: of the picture, where a test has several.

        Raises:
            AssertionError: there is none, or it looks otherwise. What it looks like now
                lies beside it then, as ``….new.png``.
        """
        golden = self._folder / f"{self._stem}-{name}.png"
        new = golden.with_suffix(".new.png")
        picture = lcd_png(lcd)
        if self._update:
            self._folder.mkdir(exist_ok=True)
            golden.write_bytes(picture)
            new.unlink(missing_ok=True)
            return
        if golden.exists() and _same(golden.read_bytes(), picture):
            return
        self._folder.mkdir(exist_ok=True)
        new.write_bytes(picture)
        self._kept(new)
        wrong = "looks otherwise than" if golden.exists() else "has no golden picture"
        raise AssertionError(
            f"the display {wrong} {golden}; it is kept as {new}. If it is right as it is now,"
            " run once with --galh-update-golden"
        )


def _same(one: bytes, other: bytes) -> bool:
    first, second = (Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other))
    return first.size == second.size and ImageChops.difference(first, second).getbbox() is None
