"""Paper for drawings, as SVG or as PNG: the few shapes that a timeline needs.

Either gives the same picture. The SVG has no ids, styles or scripts, so that any number
of them may stand in one page.
"""

import io
from collections.abc import Sequence
from typing import Final, Protocol
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
PAPER: Final = "#ffffff"
_ANCHORS: Final = {"l": "start", "m": "middle", "r": "end"}


class Sheet(Protocol):
    """Something to draw on; (0, 0) is the upper left corner, units are pixels."""

    def box(self, corner: Point, other: Point, fill: str) -> None:
        """Fill a rectangle."""

    def line(self, points: Sequence[Point], colour: str, width: int = 1) -> None:
        """Draw a line through points."""

    def dot(self, centre: Point, radius: float, colour: str) -> None:
        """Fill a circle."""

    def text(self, at: Point, text: str, size: int, colour: str, anchor: str = "l") -> None:
        """Write a line; ``at`` is its middle height, and its left, middle or right (l, m, r)."""

    def data(self) -> bytes:
        """Return the file."""


class SvgSheet:
    """Paper that becomes SVG."""

    def __init__(self, width: int, height: int, title: str) -> None:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" font-family="sans-serif">'
        )
        self._parts = [head, f"<title>{escape(title)}</title>"]
        self.box((0, 0), (width, height), PAPER)

    def box(self, corner: Point, other: Point, fill: str) -> None:
        """Fill a rectangle."""
        (x, y), (x1, y1) = corner, other
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{x1 - x:g}" height="{y1 - y:g}" fill="{fill}"/>'
        )

    def line(self, points: Sequence[Point], colour: str, width: int = 1) -> None:
        """Draw a line."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        )

    def dot(self, centre: Point, radius: float, colour: str) -> None:
        """Fill a circle."""
        self._parts.append(
            f'<circle cx="{centre[0]:g}" cy="{centre[1]:g}" r="{radius:g}" fill="{colour}"/>'
        )

    def text(self, at: Point, text: str, size: int, colour: str, anchor: str = "l") -> None:
        """Write a line."""
        self._parts.append(
            f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{size}" fill={quoteattr(colour)}'
            f' text-anchor="{_ANCHORS[anchor]}" dominant-baseline="central">{escape(text)}</text>'
        )

    def data(self) -> bytes:
        """Return the file."""
        return "".join([*self._parts, "</svg>\n"]).encode()


class PngSheet:
    """Paper that becomes PNG."""

    def __init__(self, width: int, height: int, title: str) -> None:
        del title  # a PNG has no place for it that anybody reads
        self._image = Image.new("RGB", (width, height), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, corner: Point, other: Point, fill: str) -> None:
        """Fill a rectangle."""
        self._draw.rectangle((*corner, *other), fill)

    def line(self, points: Sequence[Point], colour: str, width: int = 1) -> None:
        """Draw a line."""
        self._draw.line(list(points), colour, width)

    def dot(self, centre: Point, radius: float, colour: str) -> None:
        """Fill a circle."""
        x, y = centre
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def text(self, at: Point, text: str, size: int, colour: str, anchor: str = "l") -> None:
        """Write a line."""
        font = ImageFont.load_default(size)
        self._draw.text(at, text, colour, font, anchor=f"{anchor}m")

    def data(self) -> bytes:
        """Return the file."""
        out = io.BytesIO()
        self._image.save(out, "png")
        return out.getvalue()
