"""QR codes of otpauth URIs."""

import io
import sys

import pytest
import segno
from PIL import Image

from hosttools.errors import UsageError
from hosttools.seedfiles.qr import ERROR_LEVEL, SCALE, qr_png, qr_svg, qr_terminal

URI = "otpauth://hotp/GALH1?secret=AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT&counter=0"
QUIET = 4
"""Modules of the white border that ISO/IEC 18004 asks for."""


def modules() -> list[list[bool]]:
    """Return which modules are dark, border and all."""
    code = segno.make(URI, error=ERROR_LEVEL, micro=False)
    return [[bool(dark) for dark in row] for row in code.matrix_iter(border=QUIET)]


def test_png() -> None:
    """The PNG has a square of pixels for each module, and the border."""
    image = Image.open(io.BytesIO(qr_png(URI))).convert("L")
    centres = range(SCALE // 2, image.width, SCALE)
    assert modules() == [[image.getpixel((x, y)) == 0 for x in centres] for y in centres]


def test_terminal() -> None:
    """The text has a character for two modules, one above the other; light ones are inked."""
    halves = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}
    rows = [[halves[char] for char in line] for line in qr_terminal(URI).splitlines()]
    found = [[pair[half] for pair in row] for row in rows for half in (0, 1)]
    assert modules() == found[: len(modules())]


def test_svg() -> None:
    """The SVG is as large as the PNG, and says nothing but the picture."""
    text = qr_svg(URI)
    side = len(modules()) * SCALE
    assert (True, False, False) == (
        f'width="{side}" height="{side}"' in text,
        "GALH1" in text,
        "AAAQ" in text,
    )


def test_svg_that_fits() -> None:
    """Without a size the picture is as large as a page makes it, and whole."""
    side = len(modules()) * SCALE
    text = qr_svg(URI, sized=False)
    assert (True, False) == (f'viewBox="0 0 {side} {side}"' in text, "width=" in text)


def test_too_long() -> None:
    """What no QR code has room for is refused, and not repeated."""
    with pytest.raises(UsageError, match="a text of 5000 characters; a QR code has room for"):
        qr_png("x" * 5000)


def test_without_segno(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without segno the error says what to install."""
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(UsageError, match=r"pip install 'galh-emulator\[qr\]'"):
        qr_svg(URI)
