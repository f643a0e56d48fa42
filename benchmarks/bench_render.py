"""Pictures of the LCD against a plain Pillow draw of the same: python benchmarks/bench_render.py.

The plain one draws the same polygons, unsmoothed, into an RGB image and saves it
with Pillow's defaults, as one would without thinking of speed. All are timed in
turns, over many codes, so that no picture is served from a cache.
"""

import io
import random
import statistics
import time
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

from emulator.render import geometry
from emulator.render.png import lcd_png
from emulator.render.svg import lcd_svg
from firmware_model.segments import Lcd, encode

ROUNDS: Final = 2000
INK_BELOW: Final = 100
"""Grey level that tells a lit segment from one that is off."""


def plain_png(lcd: Lcd) -> bytes:
    """The obvious way to draw an LCD with Pillow."""
    image = Image.new("RGB", (geometry.width(lcd), geometry.HEIGHT), geometry.GLASS)
    pen = ImageDraw.Draw(image)
    for i, bits in enumerate(lcd.digits):
        left = geometry.digit_x(i, lcd)
        for bit, shape in enumerate(geometry.SEGMENT_SHAPES):
            colour = geometry.INK if bits >> bit & 1 else geometry.GHOST
            pen.polygon([(left + x, y) for x, y in shape], fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def read(png: bytes) -> tuple[int, ...]:
    """Read six digits back from a picture, by the middle of each segment."""
    with Image.open(io.BytesIO(png)) as image:
        grey = image.convert("L").tobytes()
    blank = Lcd((0,) * 6)
    digits = []
    for i in range(6):
        bits = 0
        for bit, shape in enumerate(geometry.SEGMENT_SHAPES):
            x = geometry.digit_x(i, blank) + sum(px for px, _ in shape) / len(shape)
            y = sum(py for _, py in shape) / len(shape)
            bits |= (grey[int(y) * image.width + int(x)] < INK_BELOW) << bit
        digits.append(bits)
    return tuple(digits)


def main() -> None:
    """Check, time, print the medians and their ratio to the plain draw."""
    draw = random.Random(6238)  # noqa: S311 - codes to draw, not to sign with
    lcds = [Lcd(encode(f"{draw.randrange(10**6):06}")) for _ in range(50)]
    for lcd in lcds:
        assert lcd.digits == read(lcd_png(lcd)) == read(plain_png(lcd))
        assert f"<title>{lcd.text}</title>" in lcd_svg(lcd)

    ways: dict[str, Callable[[Lcd], object]] = {
        "plain Pillow PNG": plain_png,
        "lcd_png": lcd_png,
        "lcd_svg": lcd_svg,
    }
    taken: dict[str, list[int]] = {name: [] for name in ways}
    for i in range(ROUNDS):
        lcd = lcds[i % len(lcds)]
        for name, way in ways.items():
            start = time.perf_counter_ns()
            way(lcd)
            taken[name].append(time.perf_counter_ns() - start)

    plain = statistics.median(taken["plain Pillow PNG"])
    print(f"LCD 480x160, median of {ROUNDS}")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"  {name:<17} {median / 1000:8.1f} µs   {plain / median:6.1f}x")


if __name__ == "__main__":
    main()
