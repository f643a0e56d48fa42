"""What a token shows: as data, and as pictures."""

import hashlib
from functools import lru_cache
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from emulator.http.hand import InHand
from emulator.http.problems import problem_responses
from emulator.http.schemas.display import Display
from emulator.render.fob import fob_png
from emulator.render.png import MAX_HEIGHT, MIN_HEIGHT, lcd_png
from emulator.results import View
from firmware_model.segments import Lcd

PNG: Final = "image/png"
_DEFAULT_HEIGHT: Final = 160

router = APIRouter(tags=["display"], responses=problem_responses(404))

Height = Annotated[
    int,
    Query(
        ge=MIN_HEIGHT,
        le=MAX_HEIGHT,
        description="Of the picture, in pixels; the width follows.",
        examples=[_DEFAULT_HEIGHT],
    ),
]


def display_of(view: View, sequence: int) -> Display:
    """Return what a look at a token shows.

    Args:
        view: the look.
        sequence: cursor of the journal that belongs to it.
    """
    lcd = view.lcd
    return Display.model_construct(
        text=lcd.text,
        segments=list(lcd.digits),
        bars=lcd.bars,
        bar_count=lcd.bar_count,
        battery=lcd.battery,
        battery_sign=lcd.battery_sign,
        contrast=lcd.contrast,
        lit=lcd.lit,
        remaining_ns=view.remaining_ns,
        sequence=sequence,
    )


@router.get("/tokens/{serial}/display")
async def get_display(hand: InHand) -> Display:
    """Look at the LCD."""
    return display_of(hand.bench.look(hand.serial), hand.visible)


_PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {PNG: {"schema": {"type": "string", "format": "binary"}}},
        "description": "The picture. It may show a code, so nobody keeps it (`no-store`).",
    },
    304: {"description": "It still looks as `If-None-Match` says."},
}


@router.get("/tokens/{serial}/display.png", response_class=Response, responses=_PICTURE)
async def get_lcd_picture(
    request: Request, hand: InHand, height: Height = _DEFAULT_HEIGHT
) -> Response:
    """Draw the LCD."""
    return _picture(request, lcd_png(hand.bench.look(hand.serial).lcd, height=height))


@router.get("/tokens/{serial}/front.png", response_class=Response, responses=_PICTURE)
async def get_front_picture(request: Request, hand: InHand) -> Response:
    """Draw the front of the token: LCD and button."""
    return _picture(request, fob_png(hand.bench.look(hand.serial).lcd))


@router.get("/tokens/{serial}/back.png", response_class=Response, responses=_PICTURE)
async def get_back_picture(request: Request, hand: InHand) -> Response:
    """Draw the back of the token: its label with serial number and barcode."""
    return _picture(request, _back(hand.serial))


@lru_cache(maxsize=64)
def _back(serial: str) -> bytes:
    return fob_png(Lcd(()), serial=serial, side="back")


def _picture(request: Request, png: bytes) -> Response:
    """Answer with a picture, or say that it is the one that the client has already."""
    tag = f'"{hashlib.sha256(png).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-store"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(png, media_type=PNG, headers=headers)
