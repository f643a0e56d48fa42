"""The LCD as PNG, fast enough to be taken after every press.

A digit is drawn once for each height and pattern, supersampled, and kept; a
picture is glyphs pasted side by side in a palette image of 16 shades, and
contrast is a matter of the palette alone. The file is put together here,
because Pillow's save costs more than all the rest (benchmarks/bench_render.py);
PNG's chunks and scan lines: RFC 2083.
"""

import struct
import zlib
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from emulator.errors import UsageError
from emulator.render import geometry
from firmware_model.segments import Lcd

MIN_HEIGHT: Final = 16
MAX_HEIGHT: Final = 640

_SUPERSAMPLE: Final = 6
_BITS: Final = 4
_INDEXED_COLOUR: Final = 3
_INK: Final = (1 << _BITS) - 1
"""Last palette index."""
_GHOST: Final = 2
"""Palette index of a segment that is off; index 1 smooths its edges."""
_FULL: Final = 100
"""Contrast of a glyph's own palette, which is never seen: pasting copies indices."""


def lcd_png(lcd: Lcd, *, height: int = 160) -> bytes:
    """Draw the LCD as a PNG file; a lit one and a dark one are of the same size.

    Args:
        lcd: what it shows.
        height: of the picture, in pixels; the width follows from the digits and bars.

    Raises:
        UsageError: a height that is too small to be read, or too large.
    """
    image = lcd_image(lcd, height=height)
    packed = image.tobytes("raw", "P;4")
    stride = len(packed) // height
    # Each scan line starts with its filter: none, the best for a palette (RFC 2083, 9.6).
    lines = b"".join([b"\0" + packed[i : i + stride] for i in range(0, len(packed), stride)])
    header = struct.pack(">IIBBBBB", *image.size, _BITS, _INDEXED_COLOUR, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", _palette(lcd.contrast)),
            _chunk(b"IDAT", zlib.compress(lines, 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def lcd_image(lcd: Lcd, *, height: int) -> Image.Image:
    """Draw the LCD as a palette image of the caller's own.

    Raises:
        UsageError: a height that is too small to be read, or too large.
    """
    if not MIN_HEIGHT <= height <= MAX_HEIGHT:
        raise UsageError(
            f"a picture {height} pixels high; allowed are {MIN_HEIGHT} to {MAX_HEIGHT}"
        )
    scale = height / geometry.HEIGHT
    image = Image.new("P", (round(geometry.width(lcd) * scale), height))
    image.putpalette(_palette(lcd.contrast))
    if lcd.bar_count:
        image.paste(_bars(lcd.bar_count, geometry.lit_bars(lcd), height), (0, 0))
    x = geometry.digit_x(0, lcd)
    for bits in lcd.digits:
        image.paste(_digit(bits, height), (round(x * scale), 0))
        x += geometry.PITCH
    if lcd.battery_sign:
        left = round(geometry.battery_x(lcd) * scale)
        image.paste(_battery(height, lit=lcd.battery), (left, 0))
    return image


# All patterns at two heights; a glyph of the default height takes 11 kB.
@lru_cache(maxsize=256)
def _digit(bits: int, height: int) -> Image.Image:
    lit = tuple(bits >> bit & 1 for bit in range(len(geometry.SEGMENT_SHAPES)))
    return _draw(tuple(zip(geometry.SEGMENT_SHAPES, lit, strict=True)), geometry.PITCH, height)


@lru_cache(maxsize=64)
def _bars(bar_count: int, lit: int, height: int) -> Image.Image:
    shapes = tuple((s, i < lit) for i, s in enumerate(geometry.bar_shapes(bar_count)))
    return _draw(shapes, geometry.MARGIN + geometry.BAR_COLUMN, height)


@lru_cache(maxsize=8)
def _battery(height: int, *, lit: bool) -> Image.Image:
    shapes = tuple((shape, lit) for shape in geometry.BATTERY_SHAPES)
    return _draw(shapes, geometry.MARGIN, height)


def _draw(
    shapes: tuple[tuple[geometry.Polygon, bool | int], ...], width: int, height: int
) -> Image.Image:
    """Draw shapes, lit or off, on glass of ``width`` units, as palette indices."""
    scale = height / geometry.HEIGHT
    size = (max(1, round(width * scale)), height)
    large = Image.new("L", (size[0] * _SUPERSAMPLE, height * _SUPERSAMPLE))
    pen = ImageDraw.Draw(large)
    for shape, lit in shapes:
        # Indices are drawn 17 times too bright, so that averages keep their fractions.
        pen.polygon(
            [(x * scale * _SUPERSAMPLE, y * scale * _SUPERSAMPLE) for x, y in shape],
            fill=17 * (_INK if lit else _GHOST),
        )
    small = large.reduce(_SUPERSAMPLE).point([round(v / 17) for v in range(256)])
    small.putpalette(_palette(_FULL))
    return small


@lru_cache(maxsize=128)
def _palette(contrast: int) -> bytes:
    """Colours from glass over ghost to ink, evenly spaced on either side of the ghost."""
    ghost, ink = (geometry.faded(colour, contrast) for colour in (geometry.GHOST, geometry.INK))

    def mix(index: int) -> geometry.Rgb:
        if index <= _GHOST:
            low, high, part = geometry.GLASS, ghost, index / _GHOST
        else:
            low, high = ghost, ink
            part = (index - _GHOST) / (_INK - _GHOST)
        r, g, b = (round(i + (j - i) * part) for i, j in zip(low, high, strict=True))
        return r, g, b

    return bytes(channel for index in range(_INK + 1) for channel in mix(index))
