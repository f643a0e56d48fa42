# A script beside the pages, not a package.
# ruff: noqa: INP001
"""Draw the pictures of the documentation: run ``python docs/draw.py`` after a change of look."""

from pathlib import Path
from typing import Final

from PIL import Image

from emulator.render.fob import SIZE, fob_image
from firmware_model.segments import Lcd, encode

IMAGES: Final = Path(__file__).parent / "images"
_GAP: Final = 20


def token() -> Image.Image:
    """The front with a lit code, beside the back with its serial number."""
    lit = Lcd(encode("755224"))
    picture = Image.new("RGBA", (2 * SIZE[0] + _GAP, SIZE[1]))
    picture.paste(fob_image(lit, side="front"), (0, 0))
    picture.paste(fob_image(lit, serial="GALH12345678", side="back"), (SIZE[0] + _GAP, 0))
    return picture


def main() -> None:
    """Write every picture."""
    IMAGES.mkdir(exist_ok=True)
    token().save(IMAGES / "token.png", optimize=True)


if __name__ == "__main__":
    main()
