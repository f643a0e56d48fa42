"""The token as a person knows it: a fob on a key ring, front and back, as PNG.

Everything is drawn here, from circles and gradients; no artwork is loaded. The
plastic is drawn once, supersampled, and kept; a picture adds the LCD or the serial.
"""

import io
import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from emulator.errors import UsageError
from emulator.render import barcode, geometry
from emulator.render.png import MIN_HEIGHT, lcd_image
from firmware_model.segments import Lcd

Side = Literal["front", "back"]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""
Circle = tuple[float, float, float]
"""Centre and radius."""
Shape = Callable[[ImageDraw.ImageDraw], None]
"""Marks its outline in a supersampled mask."""

SIZE: Final = (440, 220)
"""Pixels of the picture; every length below is in these pixels too."""

_SUPERSAMPLE: Final = 4

_BODY: Final[tuple[Circle, ...]] = (
    (106, 110, 40),
    (196, 76, 46),
    (196, 144, 46),
    (376, 76, 46),
    (376, 144, 46),
)
"""The body's outline is a band stretched round these."""
_HOLE: Final[Circle] = (88, 110, 11)
_RING: Final[Circle] = (50, 110, 38)
_BEZEL: Final[Box] = (138, 72, 324, 148)
_GLASS: Final[Box] = (145, 79, 317, 141)
_BUTTON: Final[Circle] = (370, 110, 30)
_LABEL: Final[Box] = (40, 64, 302, 156)
"""On the back, whose hole is on the right."""
_BARS: Final = (121, 147)
"""Top and bottom of the barcode on the label."""

_PLASTIC: Final = ((163, 180, 199), (128, 147, 169), (103, 122, 145))
_PLASTIC_RIM: Final = ((214, 225, 236), (150, 168, 189), (112, 131, 154))
_PLASTIC_EDGE: Final = ((120, 138, 159), (62, 77, 96))
_METAL: Final = (
    (122, 130, 139),
    (226, 230, 234),
    (140, 148, 157),
    (206, 212, 218),
    (108, 116, 125),
)
_METAL_EDGE: Final = ((88, 96, 105),)
_WHITE: Final = ((255, 255, 255), (246, 248, 250), (214, 220, 227))
_DISH: Final = ((230, 234, 239), (250, 251, 252))
_DARK: Final = ((30, 37, 45), (52, 62, 73))
_SHADOW: Final = (15, 22, 32)
_PRINT: Final = (38, 46, 56)
_CAPTION: Final = (104, 116, 130)


def fob_png(lcd: Lcd, *, serial: str | None = None, side: Side = "front") -> bytes:
    """Draw the fob as a PNG file of :data:`SIZE`, on a transparent ground.

    Args:
        lcd: what the LCD shows, on the front.
        serial: what is printed on the back, and as a barcode if its bars fit;
            ``None`` for a label without it.
        side: which side is up.

    Raises:
        UsageError: a side that a fob does not have, or a serial number that is not ASCII.
    """
    out = io.BytesIO()
    fob_image(lcd, serial=serial, side=side).save(out, "PNG")
    return out.getvalue()


def fob_image(lcd: Lcd, *, serial: str | None = None, side: Side = "front") -> Image.Image:
    """Draw the fob as an RGBA image of the caller's own; see :func:`fob_png`.

    Raises:
        UsageError: a side that a fob does not have.
    """
    match side:
        case "front":
            return _front(lcd)
        case "back":
            return _back(serial)
    raise UsageError(f"side {side!r} of the fob; it has 'front' and 'back'")


def _front(lcd: Lcd) -> Image.Image:
    fob = _front_plastic().copy()
    left, top, right, bottom = _GLASS
    room = (right - left, bottom - top)
    # Eight digits are wider than six: what fits the glass in width is less high.
    height = max(MIN_HEIGHT, min(room[1], room[0] * geometry.HEIGHT // geometry.width(lcd)))
    picture = lcd_image(lcd, height=height).convert("RGBA")
    glass = Image.new("RGBA", room, geometry.GLASS)
    glass.paste(picture, ((room[0] - picture.width) // 2, (room[1] - picture.height) // 2))
    shade, outline = _glass()
    glass.alpha_composite(shade)
    fob.paste(glass, (left, top), outline)
    return fob


def _back(serial: str | None) -> Image.Image:
    fob = _back_plastic().copy()
    if serial:
        left, top, right, _ = _LABEL
        printed = _layer()
        _text(
            printed,
            ((left + right) / 2, top + 38),
            serial,
            size=29,
            colour=_PRINT,
            room=right - left - 24,
        )
        fob.alpha_composite(printed.reduce(_SUPERSAMPLE))
        _barcode(fob, serial)
    return fob


def _barcode(fob: Image.Image, serial: str) -> None:
    """Print the serial number as bars of whole pixels, which scanners need, if they fit."""
    left, _, right, _ = _LABEL
    spans = barcode.spans(serial)
    modules = spans[-1][1]
    module = (right - left) // (modules + 2 * barcode.QUIET)
    first = (left + right - modules * module) // 2
    top, bottom = _BARS
    pen = ImageDraw.Draw(fob)
    for begin, end in spans if module else ():
        box = (first + begin * module, top, first + end * module - 1, bottom - 1)
        pen.rectangle(box, fill=_PRINT)


@lru_cache(maxsize=1)
def _front_plastic() -> Image.Image:
    """The front without what the LCD shows."""
    fob = _bare_fob()
    _fill(fob, _rounded(_BEZEL, radius=12, grown=1.5), _PLASTIC_EDGE[::-1])
    _fill(fob, _rounded(_BEZEL, radius=11), _DARK)
    x, y, radius = _BUTTON
    _shadow(fob, _disc((x, y + 4, radius + 1)), blur=3, strength=0.5)
    _fill(fob, _disc((x, y, radius + 2.5)), _PLASTIC_EDGE)
    _fill(fob, _disc((x, y, radius)), _WHITE)
    # A shallow dish for the thumb: lit from above, so its upper rim is the darker one.
    _fill(fob, _disc((x, y, radius - 8)), _WHITE[::-1])
    _fill(fob, _disc((x, y, radius - 9)), _DISH)
    return fob.reduce(_SUPERSAMPLE)


@lru_cache(maxsize=1)
def _back_plastic() -> Image.Image:
    """The back with an empty label."""
    fob = ImageOps.mirror(_bare_fob())
    _fill(fob, _rounded(_LABEL, radius=11, grown=1.5), _PLASTIC_EDGE[::-1])
    _fill(fob, _rounded(_LABEL, radius=10), _WHITE[:2])
    left, top, right, _ = _LABEL
    _text(
        fob,
        ((left + right) / 2, top + 15),
        "SERIAL NUMBER",
        size=11,
        colour=_CAPTION,
        room=right - left,
    )
    return fob.reduce(_SUPERSAMPLE)


@lru_cache(maxsize=1)
def _glass() -> tuple[Image.Image, Image.Image]:
    """What lies over the LCD: the shade of the bezel, and the rounded outline as a mask."""
    left, top, right, bottom = _GLASS
    outline = _mask(_rounded(_GLASS, radius=4)).reduce(_SUPERSAMPLE).crop(_GLASS)
    inner = _mask(_rounded((left + 1, top + 4, right - 1, bottom + 9), radius=4))
    light = inner.filter(ImageFilter.GaussianBlur(3 * _SUPERSAMPLE)).reduce(_SUPERSAMPLE)
    shade = Image.new("RGBA", (right - left, bottom - top), _SHADOW)
    shade.putalpha(light.crop(_GLASS).point([round((255 - v) * 0.6) for v in range(256)]))
    return shade, outline


def _bare_fob() -> Image.Image:
    """The ring and the body with its hole on the left; supersampled, like all below."""
    fob = _layer()
    _shadow(fob, _band(grown=-2, down=8), blur=7, strength=0.35)
    _ring(fob)
    body = _layer()
    _fill(body, _band(down=3), _PLASTIC_EDGE)
    _fill(body, _band(), _PLASTIC_EDGE)
    _fill(body, _band(grown=-1.2), _PLASTIC_RIM)
    _fill(body, _band(grown=-4), _PLASTIC)
    x, y, radius = _HOLE
    _fill(body, _disc((x, y, radius + 3)), _PLASTIC_EDGE[::-1])
    body.paste((0, 0, 0, 0), (0, 0), _mask(_disc(_HOLE)))
    fob.alpha_composite(body)
    # The ring goes through the hole: its upper right quarter lies in front.
    wire = _layer()
    _ring(wire)
    corner = (round(_RING[0] * _SUPERSAMPLE), 0)
    box = (*corner, fob.width, round(_RING[1] * _SUPERSAMPLE))
    fob.alpha_composite(wire.crop(box), corner)
    return fob


def _ring(image: Image.Image) -> None:
    """Two turns of wire, side by side."""
    for outer, inner, colours in ((3, -4, _METAL_EDGE), (2.2, 0.0, _METAL), (-1.0, -3.2, _METAL)):
        _fill(image, _annulus(_RING, outer, inner), colours)


def _disc(circle: Circle) -> Shape:
    return lambda pen: pen.ellipse(_around(circle), fill=255)


def _annulus(circle: Circle, outer: float, inner: float) -> Shape:
    x, y, radius = circle

    def shape(pen: ImageDraw.ImageDraw) -> None:
        pen.ellipse(_around((x, y, radius + outer)), fill=255)
        pen.ellipse(_around((x, y, radius + inner)), fill=0)

    return shape


def _rounded(box: tuple[float, float, float, float], *, radius: float, grown: float = 0) -> Shape:
    left, top, right, bottom = box
    edges = (left - grown, top - grown, right + grown, bottom + grown)
    scaled = tuple(edge * _SUPERSAMPLE for edge in edges)
    return lambda pen: pen.rounded_rectangle(scaled, radius * _SUPERSAMPLE, fill=255)


def _band(*, grown: float = 0, down: float = 0) -> Shape:
    """A band stretched round the circles of the body: their convex hull."""
    points = _hull(
        ((x + (r + grown) * math.cos(turn)), (y + down + (r + grown) * math.sin(turn)))
        for x, y, r in _BODY
        for turn in (2 * math.pi * i / 120 for i in range(120))
    )
    return lambda pen: pen.polygon(
        [(x * _SUPERSAMPLE, y * _SUPERSAMPLE) for x, y in points], fill=255
    )


def _hull(points: Iterable[geometry.Point]) -> list[geometry.Point]:
    """Convex hull, by Andrew's monotone chain."""
    ordered = sorted(set(points))
    hull: list[geometry.Point] = []
    for way in (ordered, ordered[::-1]):
        chain: list[geometry.Point] = []
        for x, y in way:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        hull += chain[:-1]
    return hull


def _around(circle: Circle) -> tuple[float, float, float, float]:
    x, y, radius = (length * _SUPERSAMPLE for length in circle)
    return x - radius, y - radius, x + radius, y + radius


def _layer() -> Image.Image:
    return Image.new("RGBA", (SIZE[0] * _SUPERSAMPLE, SIZE[1] * _SUPERSAMPLE))


def _mask(shape: Shape) -> Image.Image:
    mask = Image.new("L", (SIZE[0] * _SUPERSAMPLE, SIZE[1] * _SUPERSAMPLE))
    shape(ImageDraw.Draw(mask))
    return mask


def _fill(image: Image.Image, shape: Shape, colours: Sequence[geometry.Rgb]) -> None:
    """Fill a shape with colours that run into each other, from its top to its bottom."""
    mask = _mask(shape)
    box = mask.getbbox()
    if box is None:
        return
    stops = Image.new("RGBA", (1, len(colours)))
    stops.putdata([(*colour, 255) for colour in colours])
    paint = stops.resize((1, box[3] - box[1]), Image.Resampling.BILINEAR)
    image.paste(paint.resize((box[2] - box[0], box[3] - box[1])), box, mask.crop(box))


def _shadow(image: Image.Image, shape: Shape, *, blur: float, strength: float) -> None:
    soft = _mask(shape).filter(ImageFilter.GaussianBlur(blur * _SUPERSAMPLE))
    shade = Image.new("RGBA", image.size, _SHADOW)
    shade.putalpha(soft.point([round(v * strength) for v in range(256)]))
    image.alpha_composite(shade)


def _text(
    image: Image.Image,
    centre: geometry.Point,
    text: str,
    *,
    size: float,
    colour: geometry.Rgb,
    room: float,
) -> None:
    """Write one line, as large as ``size`` or as the room in width allows."""
    font = _font(size)
    wide = font.getlength(text) / _SUPERSAMPLE
    if wide > room:
        font = _font(size * room / wide)
    x, y = centre
    ImageDraw.Draw(image).text(
        (x * _SUPERSAMPLE, y * _SUPERSAMPLE), text, fill=colour, font=font, anchor="mm"
    )


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size * _SUPERSAMPLE)
    # A Pillow built without FreeType has only a bitmap font, too small to be a serial number.
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise UsageError("this Pillow has no FreeType support; install Pillow from its wheels")
    return font
