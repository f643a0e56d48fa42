"""The LCD over HTTP: as data, and as pictures."""

import io

import httpx
import pytest
from PIL import Image

from emulator.bench import Bench
from emulator.render.fob import SIZE, fob_png
from emulator.render.png import lcd_png
from firmware_model.segments import encode

pytestmark = pytest.mark.anyio

EVENT, TIME = "/api/v1/tokens/GALH00004226", "/api/v1/tokens/GALT00006238"


async def test_lit_display(client: httpx.AsyncClient, bench: Bench) -> None:
    """A display has its text, its segments, and the time that it stays lit."""
    bench.press("GALH00004226")
    told = (await client.get(f"{EVENT}/display")).json()
    assert told == {
        "text": "755224",
        "segments": list(encode("755224")),
        "bars": 0,
        "bar_count": 0,
        "battery": False,
        "battery_sign": True,
        "contrast": 100,
        "lit": True,
        "remaining_ns": bench.look("GALH00004226").remaining_ns,
        "sequence": bench.journal.visible,
    }


async def test_time_bars(client: httpx.AsyncClient, bench: Bench) -> None:
    """A time token's bars are told, and how many it has."""
    bench.press("GALT00006238")
    told = (await client.get(f"{TIME}/display")).json()
    assert (6, 6) == (told["bars"], told["bar_count"])


async def test_lcd_picture(client: httpx.AsyncClient, bench: Bench) -> None:
    """The picture is that of the LCD, of the height asked for; nobody keeps it."""
    bench.press("GALH00004226")
    lcd = bench.look("GALH00004226").lcd
    answer = await client.get(f"{EVENT}/display.png", params={"height": 64})
    assert lcd_png(lcd, height=64) == answer.content
    assert ("image/png", "no-store") == (
        answer.headers["content-type"],
        answer.headers["cache-control"],
    )
    assert lcd_png(lcd, height=160) == (await client.get(f"{EVENT}/display.png")).content


@pytest.mark.parametrize("height", ["15", "641", "-1", "tall", "1e2"])
async def test_height_out_of_range(client: httpx.AsyncClient, height: str) -> None:
    """A height that is too small, too large or no number is 422."""
    answer = await client.get(f"{EVENT}/display.png", params={"height": height})
    assert answer.status_code == 422


async def test_front_and_back(client: httpx.AsyncClient, bench: Bench) -> None:
    """The front shows the LCD, the back the serial number and its barcode."""
    bench.press("GALH00004226")
    lcd = bench.look("GALH00004226").lcd
    front = (await client.get(f"{EVENT}/front.png")).content
    back = (await client.get(f"{EVENT}/back.png")).content
    assert fob_png(lcd) == front
    assert fob_png(lcd, serial="GALH00004226", side="back") == back
    with Image.open(io.BytesIO(back)) as image:
        assert image.size == SIZE


@pytest.mark.parametrize("name", ["display.png", "front.png", "back.png"])
async def test_etag(client: httpx.AsyncClient, bench: Bench, name: str) -> None:
    """Who has the picture already is told so, until it looks otherwise."""
    first = await client.get(f"{EVENT}/{name}")
    known = {"If-None-Match": first.headers["etag"]}
    again = await client.get(f"{EVENT}/{name}", headers=known)
    assert (304, b"", first.headers["etag"]) == (
        again.status_code,
        again.content,
        again.headers["etag"],
    )
    bench.press("GALH00004226")
    lit = await client.get(f"{EVENT}/{name}", headers=known)
    assert (304 if name == "back.png" else 200) == lit.status_code


@pytest.mark.parametrize("name", ["display", "display.png", "front.png", "back.png"])
async def test_unknown_token(client: httpx.AsyncClient, name: str) -> None:
    """Nothing is shown of a token that is not there: 404."""
    answer = await client.get(f"/api/v1/tokens/GALH00000001/{name}")
    assert (404, "application/problem+json") == (
        answer.status_code,
        answer.headers["content-type"],
    )
