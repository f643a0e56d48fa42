"""Looks at every page in every state that somebody reaches, as different people see it."""

import re
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal

from playwright.sync_api import Page, ViewportSize

from tests.page.axe import violations

DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 360, "height": 780}
Scheme = Literal["light", "dark"]
View = tuple[ViewportSize, Scheme]

SOME: Final[tuple[View, ...]] = ((PHONE, "light"),)
"""The narrowest one, in which a page first scrolls sideways; the others take their time."""
ALL: Final[tuple[View, ...]] = tuple(product((DESK, PHONE), ("light", "dark")))

_STATE: Final = """
() => [document.title, ...[...document.querySelectorAll(
  "h1, h2, h3, legend, label, summary, th, button, a, .badge, [role=alert], [role=status]"
)].map((each) => [each.tagName, each.className, each.dataset.tone, each.disabled].join())].join()
"""
"""What a page is made of, without what stands in it."""


@dataclass
class Looker:
    """Looks once at each state of each page.

    Attributes:
        views: how.
        seen: states that were looked at, by what they are made of.
    """

    views: tuple[View, ...] = SOME
    seen: set[str] = field(default_factory=set)

    def look(self, page: Page) -> None:
        """Assert that everybody can use a page, if it was not looked at before."""
        state = re.sub("[0-9]+", "#", page.evaluate(_STATE))
        if state in self.seen:
            return
        self.seen.add(state)
        if page.locator("#problem").count():
            # What went wrong is read first.
            assert "problem" == page.evaluate("document.activeElement.id"), page.url
        before = page.viewport_size
        assert before is not None
        # In a tab behind another, what is asked after a change of size takes seconds.
        page.bring_to_front()
        for size, scheme in self.views:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert size["width"] == width, f"{page.url} scrolls sideways"
            assert [] == violations(page), f"{page.url} in {scheme} at {width}"
        if self.views:
            page.set_viewport_size(before)
            page.emulate_media(color_scheme="light")
