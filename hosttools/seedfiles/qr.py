"""An otpauth URI as a QR code: PNG, SVG, or text for a terminal.

Whoever sees the picture can copy the token, so none of these writes a file or
names what is in it. segno does the work, and is an extra that only this needs.
"""

import io
from typing import TYPE_CHECKING, Final

from hosttools.errors import UsageError

if TYPE_CHECKING:
    from segno import QRCode

ERROR_LEVEL: Final = "m"
"""15 % of the picture may be damaged; our default, as a screen or a sheet of paper needs."""

SCALE: Final = 8
"""Pixels of a module's side; our default."""


def qr_png(uri: str, *, scale: int = SCALE) -> bytes:
    """Return the QR code as PNG.

    Args:
        uri: what it says; see :func:`~hosttools.seedfiles.otpauth.otpauth_uri`.
        scale: side of a module, pixels, from 1.

    Raises:
        UsageError: segno is not installed, or the URI is too long.
    """
    out = io.BytesIO()
    _make(uri).save(out, kind="png", scale=scale)
    return out.getvalue()


def qr_svg(uri: str, *, scale: int = SCALE, sized: bool = True) -> str:
    """Return the QR code as SVG with a white ground; see :func:`qr_png`.

    Args:
        uri: as there.
        scale: as there.
        sized: whether it says how large it is; a page that makes it fit needs one that
            does not, or sees a corner of it.
    """
    out = io.BytesIO()
    _make(uri).save(out, kind="svg", scale=scale, light="#fff", omitsize=not sized)
    return out.getvalue().decode()


def qr_terminal(uri: str) -> str:
    """Return the QR code as text in half blocks, for light letters on a dark terminal.

    See :func:`qr_png`.
    """
    out = io.StringIO()
    _make(uri).terminal(out, compact=True)
    return out.getvalue()


def _make(uri: str) -> "QRCode":
    try:
        import segno  # noqa: PLC0415  # an extra that only QR codes need
    except ImportError:
        raise UsageError(
            "QR codes need segno: pip install 'galh-emulator[qr]', or write the otpauth URI"
        ) from None
    try:
        return segno.make(uri, error=ERROR_LEVEL, micro=False)
    except segno.DataOverflowError:
        raise UsageError(
            f"a text of {len(uri)} characters; a QR code has room for some 2,300"
        ) from None
