"""The browser that opens the page: in tests, and for the pictures of the documentation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect, sync_playwright

from hosttools.testing import BACKSTOP_S

CHROMIUM: Final = Path("/usr/bin/chromium-headless-shell")
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def running() -> Iterator[Browser]:
    """Run Chromium; it asks nobody for anything by itself."""
    expect.set_options(timeout=BACKSTOP_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_ARGUMENTS])
        yield browser
        browser.close()
