"""A fob in the hand: its page in a tab of its own, pressed and read as people do."""

import re
from datetime import datetime, timedelta
from typing import Final

from playwright.sync_api import Page, expect

_LIT: Final = re.compile("code lit: ([0-9 ]+)")
_POCKET: Final = "hotp-ahead"
"""The recipe of the page that presses a token often, as keys in a pocket do."""
_PRESSING_S: Final = 90.0
"""Backstop: how long hundreds of presses may take on a busy machine, in host seconds."""


class Fob:
    """A fob, and the clock of its page, which is the portal's too.

    Args:
        page: the fobs' page, with this fob on it.
        serial: of the fob.
    """

    def __init__(self, page: Page, serial: str) -> None:
        self.page = page
        self.serial = serial
        self.card = page.get_by_role("article", name=f"Token {serial}")
        self._glass = self.card.locator(".glass")

    def press(self) -> str:
        """Press the button once it is dark, and read what lights."""
        self.wait_dark()
        self.card.get_by_role("button", name=f"Button of {self.serial}").click()
        expect(self._glass).to_have_attribute("aria-label", _LIT)
        found = _LIT.search(self._glass.get_attribute("aria-label") or "")
        assert found is not None
        return found[1].replace(" ", "")

    def wait_dark(self) -> None:
        """Let time pass until nothing is lit."""
        self.page.bring_to_front()
        expect(self._glass).to_have_attribute("aria-label", re.compile("display dark|code lit"))
        if self._glass.get_attribute("aria-label") != "display dark":
            self.page.get_by_role("button", name="Step", exact=True).click()
            expect(self._glass).to_have_attribute("aria-label", "display dark")

    def pair(self) -> tuple[str, str]:
        """Return two codes, one after the other."""
        return self.press(), self.press()

    def pocket(self, times: int) -> None:
        """Press it so often without looking, in a row."""
        self.wait_dark()
        counter = self.card.locator(".counter")
        before = re.sub("[^0-9]", "", counter.inner_text())
        recipes = self.card.get_by_role("group").filter(has_text="Recipes")
        if recipes.get_attribute("open") is None:
            recipes.get_by_text("Recipes", exact=True).click()
        self.card.get_by_label(f"presses of {_POCKET}").fill(str(times))
        self.card.get_by_role("button", name=f": {times} presses").first.click()
        expect(counter).to_have_text(
            f"next counter {int(before) + times}", timeout=_PRESSING_S * 1000
        )
        self.wait_dark()

    def serial_on_the_back(self) -> str:
        """Turn the fob over and read its serial number off the label."""
        flip = self.card.get_by_role("button", name="Flip")
        flip.click()
        label = self.card.get_by_label(re.compile("^Back: serial number")).get_attribute(
            "aria-label"
        )
        assert label is not None
        flip.click()
        spelt = label.removeprefix("Back: serial number ").partition(",")[0]
        return spelt.replace(" ", "")

    def pass_time(self, *, days: int = 0, minutes: int = 0) -> None:
        """Let time pass with the clock of the page: days, or minutes."""
        clock = self.page.locator("#bench-time")
        then = datetime.fromisoformat(clock.inner_text())
        then += timedelta(days=days, minutes=minutes)
        self.page.get_by_label("Advance by").fill(str(days or minutes))
        self.page.get_by_label("Unit").select_option("days" if days else "min")
        self.page.get_by_role("button", name="Advance", exact=True).click()
        expect(clock).to_have_text(str(then))
