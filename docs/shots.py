# A script beside the pages, not a package; asserts tell the type checker what is so.
# ruff: noqa: INP001, S101
"""Photograph the page for the documentation: ``python docs/shots.py``, after a change of look.

A bench of the sample tokens is served on a manual clock and opened in Chromium, so that every
run shows the same. Playwright and Chromium come with the tests.
"""

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect

from hosttools.benchclient import BenchClient
from hosttools.prober.html import as_html
from hosttools.prober.plan import make_plan
from hosttools.prober.registry import choose
from hosttools.prober.run import Settings, run
from hosttools.seedfiles import sample
from hosttools.servers.django_otp import DjangoOtp
from hosttools.study.answers import answers
from hosttools.study.part import run_part
from hosttools.study.reader import read_study
from hosttools.study.report.page import page as as_page
from hosttools.study.report.plots import pictures
from hosttools.testing import Serving
from tests.page.chromium import CHROMIUM, running

DOCS: Final = Path(__file__).resolve().parent
IMAGES: Final = DOCS / "images"
EVENT, TIMED = "GALH12345678", "GALT00000042"
POCKET: Final = 37
PAST_ALL: Final = 1_001
"""Presses: one more than the reference server's resync window."""
QUARTER_S: Final = 900

DESK: Final[ViewportSize] = {"width": 1280, "height": 1000}
PHONE: Final[ViewportSize] = {"width": 360, "height": 1400}
REPORT: Final[ViewportSize] = {"width": 900, "height": 1540}
_COLOURS: Final = 256
_PATIENCE: Final = 50


def sign(bench: BenchClient, serial: str) -> None:
    """Press a token, hand its code to the server, and let a quarter of an hour pass."""
    bench.advance_until_idle()
    (pressed,) = bench.press(serial)
    assert pressed.code is not None
    bench.submit(serial, "verify", pressed.code)
    bench.advance(QUARTER_S)


@contextlib.contextmanager
def served() -> Iterator[BenchClient]:
    """Serve the sample tokens with the reference server attached."""
    tokens = (EVENT, TIMED, "--seeds", sample("ward.csv"))
    attached = ("--http", "127.0.0.1:0", "--server", "reference")
    with (
        Serving(*tokens, *attached, "--clock", "manual:2026-01-01T08:00:00Z") as served,
        BenchClient(served.http) as bench,
    ):
        yield bench


@contextlib.contextmanager
def opened(browser: Browser, bench: BenchClient, *serials: str, **settings: Any) -> Iterator[Page]:  # noqa: ANN401  # Playwright's own
    """Open the page on tokens, with nothing moving."""
    usual = {"viewport": DESK, "color_scheme": "light", "reduced_motion": "reduce"}
    context = browser.new_context(**(usual | settings))
    page = context.new_page()
    page.goto(f"{bench.url}/#{','.join(serials)}")
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator(".gauge:not([data-state=unknown])")).to_have_count(len(serials))
    yield page
    context.close()


def keep(name: str, png: bytes) -> None:
    """Write a picture, with no more colours than a palette has."""
    with Image.open(io.BytesIO(png)) as shot:
        few = shot.convert("RGB").quantize(
            _COLOURS,
            Image.Quantize.MAXCOVERAGE,  # marks of few pixels keep their colour,
            kmeans=1,  # and large surfaces are not in bands
            dither=Image.Dither.NONE,
        )
    few.save(IMAGES / f"{name}.png", optimize=True)


def still(page: Page, take: Callable[[], bytes]) -> bytes:
    """Return a picture once nothing changes any more: the second of two that are the same."""
    before = take()
    for _ in range(_PATIENCE):
        page.wait_for_timeout(100)
        now = take()
        if now == before:
            return now
        before = now
    raise RuntimeError("the page does not come to rest on a manual clock")


def card(page: Page, serial: str) -> bytes:
    """Return a picture of a token's card."""
    return still(page, page.get_by_role("article", name=f"Token {serial}").screenshot)


def whole(page: Page) -> bytes:
    """Return a picture of the page from top to bottom."""
    page.evaluate("scrollTo(0, 0)")
    return still(page, lambda: page.screenshot(full_page=True))


def top(page: Page, serial: str) -> bytes:
    """Return a picture of the page down to where a token's card ends."""
    box = page.get_by_role("article", name=f"Token {serial}").bounding_box()
    assert box is not None
    height = min(round(box["y"] + box["height"] + box["x"]), PHONE["height"])
    clip: FloatRect = {"x": 0, "y": 0, "width": PHONE["width"], "height": height}
    return still(page, lambda: page.screenshot(clip=clip))


def shoot(browser: Browser) -> None:
    """Take all pictures."""
    with served() as bench:
        for _ in range(2):
            sign(bench, EVENT)
        sign(bench, TIMED)
        bench.press(EVENT, times=3)
        with opened(browser, bench, EVENT, TIMED) as page:
            keep("page-inside", whole(page))
            keep("page-front", card(page, EVENT))
            page.get_by_role("button", name="Flip").first.click()
            keep("page-back", card(page, EVENT))
        bench.advance(QUARTER_S)
        bench.press(EVENT, times=POCKET)
        sign(bench, EVENT)
        bench.press(TIMED)
        with opened(browser, bench, EVENT, TIMED, color_scheme="dark") as page:
            page.get_by_role("option").filter(has_text="out of sync").click()
            keep("page-dark", whole(page))
        with opened(browser, bench, EVENT, viewport=PHONE) as page:
            keep("page-phone", top(page, EVENT))
        bench.press(EVENT, times=PAST_ALL - POCKET)
        sign(bench, EVENT)
        with opened(browser, bench, EVENT, TIMED) as page:
            keep("page-outside", whole(page))


def shoot_report(browser: Browser) -> None:
    """Take a picture of what ``galh probe --html`` writes, about a server that others wrote."""
    with DjangoOtp() as server:
        plan = make_plan(choose(["hotp.look_ahead", "malformed"]), server, fresh=True)
        report = run(server, plan, Settings())
    page = browser.new_page(viewport=DESK, color_scheme="light")
    page.set_content(as_html(report))
    page.locator("summary").first.click()
    keep("probe-report", still(page, lambda: page.screenshot(full_page=True)))
    page.close()


def shoot_study(browser: Browser) -> None:
    """Take a picture of the top of what ``galh study`` writes about a question of the docs."""
    study = read_study(DOCS / "examples" / "look-ahead.toml")
    said = answers(study, run_part(study, range(study.count)))
    page = browser.new_page(viewport=REPORT, color_scheme="light")
    page.set_content(as_page(study, said, [], pictures(said, [], study.target)))
    keep("study-report", still(page, page.screenshot))
    page.close()


def main() -> None:
    """Write every picture, unless there is no browser to take it with."""
    if not CHROMIUM.exists():
        print(f"{CHROMIUM} is not installed; the pictures of the page stay as they are.")  # noqa: T201  # a script
        return
    IMAGES.mkdir(exist_ok=True)
    with running() as browser:
        shoot(browser)
        shoot_report(browser)
        shoot_study(browser)


if __name__ == "__main__":
    main()
