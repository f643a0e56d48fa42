# A script beside the pages, not a package.
# ruff: noqa: INP001
"""Draw the pictures of the documentation: run ``python docs/draw.py`` after a change of look."""

from pathlib import Path
from typing import Final

from PIL import Image

from emulator.render.conditions import CONDITIONS, Condition
from emulator.render.fob import SIZE, fob_image
from emulator.render.png import lcd_png
from firmware_model.readings import taken_for
from firmware_model.segments import Lcd, encode

DOCS: Final = Path(__file__).parent
IMAGES: Final = DOCS / "images"
_GAP: Final = 20
_LCD_HEIGHT: Final = 72
_TABLE_NOTE: Final = "<!-- Written by docs/draw.py from emulator/render/conditions.py. -->\n\n"


def token() -> Image.Image:
    """The front with a lit code, beside the back with its serial number."""
    lit = Lcd(encode("755224"))
    picture = Image.new("RGBA", (2 * SIZE[0] + _GAP, SIZE[1]))
    picture.paste(fob_image(lit, side="front"), (0, 0))
    picture.paste(fob_image(lit, serial="GALH12345678", side="back"), (SIZE[0] + _GAP, 0))
    return picture


def lcd(condition: Condition) -> bytes:
    """A small picture of one condition of the LCD, as PNG."""
    return lcd_png(condition.lcd, height=_LCD_HEIGHT)


def lcd_table() -> str:
    """The table of ``lcd.md``: every condition with its picture."""
    rows = ["| LCD | What has happened | A reader takes it for |", "|---|---|---|"]
    for condition in CONDITIONS:
        reading = taken_for(condition.lcd).strip()
        shown = f"`{reading}`" if reading else "nothing"
        image = f"![{condition.name}](images/lcd-{condition.name}.png)"
        rows.append(f"| {image} | {condition.meaning} | {shown} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write every picture, and the table of the LCD's."""
    IMAGES.mkdir(exist_ok=True)
    token().save(IMAGES / "token.png", optimize=True)
    for condition in CONDITIONS:
        (IMAGES / f"lcd-{condition.name}.png").write_bytes(lcd(condition))
    page = DOCS / "lcd.md"
    text, _, rest = page.read_text(encoding="utf-8").partition(_TABLE_NOTE)
    after = rest[rest.index("\n\n") :] if rest else ""
    page.write_text(f"{text}{_TABLE_NOTE}{lcd_table()}{after[1:]}", encoding="utf-8")


if __name__ == "__main__":
    main()
