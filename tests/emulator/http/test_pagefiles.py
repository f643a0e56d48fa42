"""The page's files."""

import httpx
import pytest

from emulator.http import pagefiles
from emulator.render.geometry import SEGMENT_SHAPES, bar_shapes

pytestmark = pytest.mark.anyio


async def test_the_display_has_the_shapes_of_the_pictures(client: httpx.AsyncClient) -> None:
    """So page, PNG and SVG show the same segments."""
    shapes = (await client.get("/page/geometry.json")).json()
    assert [[list(point) for point in shape] for shape in SEGMENT_SHAPES] == shapes["segments"]
    assert [[list(point) for point in shape] for shape in bar_shapes(6)] == shapes["bars"][6]


async def test_every_file_is_served_as_what_it_is(client: httpx.AsyncClient) -> None:
    """With `nosniff`, a browser takes nothing else."""
    answer = await client.get("/page/js/api.js")
    assert (200, "text/javascript; charset=utf-8") == (
        answer.status_code,
        answer.headers["content-type"],
    )


async def test_a_file_that_did_not_change_is_not_sent_again(client: httpx.AsyncClient) -> None:
    """By its ETag."""
    first = await client.get("/page/geometry.json")
    headers = {"If-None-Match": first.headers["etag"]}
    again = await client.get("/page/geometry.json", headers=headers)
    assert (304, b"") == (again.status_code, again.content)


@pytest.mark.parametrize(
    "path", ["/page/", "/page/none.js", "/page/%2e%2e/app.py", "/page/..%2fapp.py", "/page//etc/x"]
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    """Names are looked up among those that were read; the disk is never asked."""
    assert (await client.get(path)).status_code == 404


def test_no_file_asks_for_anything_from_elsewhere() -> None:
    """The page works without the network."""
    for file in pagefiles.FOLDER.rglob("*"):
        if file.suffix in {".html", ".js", ".css"}:
            text = file.read_text()
            assert not [word for word in ("//cdn", "https://", "@import url(") if word in text]
