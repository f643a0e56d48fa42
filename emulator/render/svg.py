"""The LCD as SVG, for pages and reports.

It carries no ids, styles or scripts, so any number of them may stand in one page,
under any content security policy.
"""

from functools import lru_cache

from emulator.render import geometry
from firmware_model.readings import readable
from firmware_model.segments import ALL, Lcd


def lcd_svg(lcd: Lcd) -> str:
    """Draw the LCD as one SVG element, :data:`geometry.HEIGHT` units high.

    Its title, for those who don't see it, is what the LCD reads: the digits,
    with ``?`` for a pattern that is no character, and whether the battery sign
    is on; or that it is dark, or unreadable.
    """
    before_title, before_ink = _frame(
        len(lcd.digits), lcd.bar_count, lcd.contrast, battery_sign=lcd.battery_sign
    )
    x = geometry.digit_x(0, lcd)
    shapes = [_bars(lcd.bar_count, geometry.lit_bars(lcd))]
    for bits in lcd.digits:
        shapes.append(_digit(bits, x))
        x += geometry.PITCH
    if lcd.battery_sign and lcd.battery:
        shapes.append(_battery(x))
    return f'{before_title}{_title(lcd)}{before_ink}{"".join(shapes)}"/></svg>'


def _title(lcd: Lcd) -> str:
    if not lcd.lit:
        return "dark"
    if not readable(lcd.contrast):
        return "unreadable"
    return f"{lcd.text}, battery low" if lcd.battery_sign and lcd.battery else lcd.text


# Every contrast of one product, or all products at full contrast.
@lru_cache(maxsize=128)
def _frame(digits: int, bar_count: int, contrast: int, *, battery_sign: bool) -> tuple[str, str]:
    """What is the same in every picture of one product: up to the title, and up to the ink."""
    blank = Lcd((0,) * digits, 0, bar_count)
    width, height = geometry.width(blank), geometry.HEIGHT
    ghosts = _bars(bar_count, bar_count) + "".join(
        _digit(ALL, geometry.digit_x(i, blank)) for i in range(digits)
    )
    if battery_sign:
        ghosts += _battery(geometry.battery_x(blank))
    ghost, ink = (
        _hex(geometry.faded(colour, contrast)) for colour in (geometry.GHOST, geometry.INK)
    )
    before_title = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img"><title>'
    )
    before_ink = (
        f'</title><rect width="{width}" height="{height}" rx="8" fill="{_hex(geometry.GLASS)}"/>'
        f'<path fill="{ghost}" d="{ghosts}"/>'
        f'<path fill="{ink}" d="'
    )
    return before_title, before_ink


# All patterns of an eight-digit product with time bars and of one without.
@lru_cache(maxsize=2048)
def _digit(bits: int, x: int) -> str:
    """Path of the segments of one digit whose cell starts at ``x``."""
    return "".join(
        _outline(shape, x) for bit, shape in enumerate(geometry.SEGMENT_SHAPES) if bits >> bit & 1
    )


@lru_cache(maxsize=256)
def _bars(bar_count: int, lit: int) -> str:
    """Path of the lowest ``lit`` time bars."""
    return "".join(_outline(shape, 0) for shape in geometry.bar_shapes(bar_count)[:lit])


@lru_cache(maxsize=8)
def _battery(x: int) -> str:
    """Path of the battery sign, in a margin that starts at ``x``."""
    return "".join(_outline(shape, x) for shape in geometry.BATTERY_SHAPES)


def _outline(shape: geometry.Polygon, x: int) -> str:
    return "M" + "L".join(f"{px + x:g} {py:g}" for px, py in shape) + "Z"


def _hex(colour: geometry.Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
