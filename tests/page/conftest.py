"""Chromium for the tests of the page, a bench to open, and a stage for the page's parts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Route,
    expect,
)

from hosttools.testing import BACKSTOP_S
from tests.page.house import House

expect.set_options(timeout=BACKSTOP_S * 1_000)

PAGE: Final = Path(__file__).parents[2] / "emulator" / "http" / "page"

ORIGIN: Final = "http://stage.test"
"""Nothing listens there: every request is answered by the test."""
STAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Stage</title>
<link rel="stylesheet" href="/page/gauge.css">
<link rel="stylesheet" href="/page/timeline.css">
</head>
<body><main><h1>Stage</h1><div id="part"></div></main></body>
</html>
"""
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A bench with an event token and a time token, on a manual clock."""
    with House(snapshots=tmp_path / "snapshots") as house:
        yield house


@pytest.fixture
def page_of(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return what opens a house's page in a browser of its own.

    A script's error fails the test, and so does a request to anybody but the house.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(
        house: House,
        *serials: str,
        live: bool = True,
        **settings: Any,  # noqa: ANN401  # Playwright's own
    ) -> Page:
        usual = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
        context = browser.new_context(**(usual | settings))
        context.set_default_timeout(BACKSTOP_S * 1_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.extend(_foreign(asked.url, house.url)))
        page.goto(f"{house.url}#{','.join(serials)}")
        if live:
            expect(page.locator("#connection")).to_have_text("live")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [] == complaints


def _foreign(url: str, home: str) -> list[str]:
    return [] if url.startswith(home) else [f"asked for {url}"]


@pytest.fixture(scope="module")
def theatre(browser: Browser) -> Iterator[Page]:
    """Return the one page that all of a module's stages are set on: opening one takes long."""
    context = browser.new_context(reduced_motion="reduce", timezone_id="Asia/Tokyo")
    context.set_default_timeout(BACKSTOP_S * 1_000)
    context.route(f"{ORIGIN}/**", _answer)
    yield context.new_page()
    context.close()


@pytest.fixture
def stage(theatre: Page) -> Iterator[Page]:
    """Return an empty page under the page's content security policy, with its files at hand.

    Whatever the browser complains of (a script's error, a style that the policy forbids)
    fails the test.
    """
    complaints: list[str] = []

    def on_error(error: Error) -> None:
        complaints.append(str(error))

    def on_console(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    theatre.on("pageerror", on_error)
    theatre.on("console", on_console)
    theatre.set_viewport_size({"width": 900, "height": 700})
    theatre.goto(ORIGIN)
    yield theatre
    theatre.remove_listener("pageerror", on_error)
    theatre.remove_listener("console", on_console)
    assert [] == complaints


def _answer(route: Route) -> None:
    path = urlsplit(route.request.url).path
    policy = {"Content-Security-Policy": "default-src 'self'"}
    if path == "/":
        route.fulfill(body=STAGE, content_type="text/html", headers=policy)
        return
    file = PAGE / path.removeprefix("/page/")
    if file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=_TYPES[file.suffix])
    else:
        route.fulfill(status=404)
