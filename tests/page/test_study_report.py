"""A study's report in a browser: for everybody, of any width, and asking nobody for anything."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from hosttools.study.report.writing import write
from tests.hosttools.study.report.made_up import EFFECTS, FLEET, study_of
from tests.page.axe import violations

DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 360, "height": 780}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a report with every section that there is."""
    return write(study_of(FLEET), FLEET, tmp_path_factory.mktemp("report"), EFFECTS)[0]


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.full)])
def page(
    browser: Browser, report: Path, request: pytest.FixtureRequest, size: ViewportSize
) -> Iterator[Page]:
    """Open it with all that can be unfolded unfolded; whatever it asks for fails the test."""
    context = browser.new_context(color_scheme=request.param, viewport=size)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(d => (d.open = true))")
    yield page
    context.close()
    assert [report.as_uri()] == asked


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_read_it(page: Page) -> None:
    """Axe finds nothing, light and dark, and the page is no wider than the screen."""
    assert [] == violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_text_of_a_picture_is_cut_off(page: Page) -> None:
    """Every word of a drawing lies inside of it."""
    outside = page.evaluate("""
        [...document.querySelectorAll("figure svg")].flatMap(svg => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].filter(text => {
            const its = text.getBoundingClientRect();
            return box.width && (its.left < box.left - 1 || its.right > box.right + 1
              || its.top < box.top - 1 || its.bottom > box.bottom + 1);
          }).map(text => text.textContent);
        })
    """)
    assert [] == outside
