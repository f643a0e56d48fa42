"""The page: files beside this module, and the shapes of the display as data.

They are read once, at the start: so no path of a request ever gets near the disk.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from fastapi import FastAPI, Request
from starlette.responses import Response

from emulator.http.problems import Problem
from emulator.render import geometry
from firmware_model.readings import READABLE_PERCENT

FOLDER: Final = Path(__file__).with_name("page")
INDEX: Final = "index.html"

_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_MAX_BARS: Final = 30
"""Most time bars that a profile may have."""


class PageFile(NamedTuple):
    """A file as it is served."""

    body: bytes
    media_type: str
    etag: str


def install(app: FastAPI) -> None:
    """Have an application serve the page at ``/`` and its files below ``/page/``."""
    shapes = json.dumps(geometry_json(), separators=(",", ":")).encode()
    files = {**files_of(FOLDER), "geometry.json": _file(shapes, _TYPES[".json"])}

    async def index(request: Request) -> Response:
        return _answer(files, INDEX, request)

    app.add_route("/", index, include_in_schema=False)
    serve(app, "/page", files)


def serve(app: FastAPI, prefix: str, files: Mapping[str, PageFile]) -> None:
    """Have an application serve files, by their names below a path."""

    async def file(request: Request) -> Response:
        return _answer(files, request.path_params["name"], request)

    app.add_route(f"{prefix}/{{name:path}}", file, include_in_schema=False)


def files_of(folder: Path) -> dict[str, PageFile]:
    """Read what can be served of a folder, by name in it."""
    return {
        path.relative_to(folder).as_posix(): _file(path.read_bytes(), _TYPES[path.suffix])
        for path in folder.rglob("*")
        if path.suffix in _TYPES and path.is_file()
    }


def geometry_json() -> dict[str, object]:
    """Return where each segment of the display is, see :mod:`emulator.render.geometry`.

    ``bars`` has the outlines for each number of bars that a product may have.
    """
    return {
        "height": geometry.HEIGHT,
        "margin": geometry.MARGIN,
        "pitch": geometry.PITCH,
        "bar_column": geometry.BAR_COLUMN,
        "glass": geometry.GLASS,
        "ghost": geometry.GHOST,
        "ink": geometry.INK,
        "segments": geometry.SEGMENT_SHAPES,
        "battery": geometry.BATTERY_SHAPES,
        "bars": [geometry.bar_shapes(count) for count in range(_MAX_BARS + 1)],
        "readable_percent": READABLE_PERCENT,
    }


def _file(body: bytes, media_type: str) -> PageFile:
    return PageFile(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def _answer(files: Mapping[str, PageFile], name: str, request: Request) -> Response:
    try:
        file = files[name]
    except KeyError:
        raise Problem(404, f"the page has no file {name!r}") from None
    headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, headers=headers, media_type=file.media_type)
