"""Everybody can use the page: by keyboard alone, with a screen reader, on a phone, in the dark."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from emulator.render import barcode
from tests.page.axe import violations
from tests.page.house import EVENT, TIMED, House

Opener = Callable[..., Page]
PHONE: Final = {"width": 360, "height": 780}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    house: House, page_of: Opener, scheme: str, size: dict[str, int]
) -> None:
    """With all sections open, a code lit, a refusal, a toast and a verdict: no violations."""
    page = page_of(house, EVENT, TIMED, color_scheme=scheme, viewport=size)
    button = page.get_by_role("button", name=f"Button of {EVENT}")
    button.click()
    expect(page.locator(".glass").first).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    button.click()
    expect(page.locator(".note").first).to_contain_text("refused")
    page.locator("details:not([hidden])").evaluate_all("all => all.forEach(d => (d.open = true))")
    expect(page.locator(".recipe").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"Battery \d+ %")).first).to_be_visible()
    page.get_by_label("As text").first.fill("nonsense")
    page.get_by_role("button", name="Arm").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("#timeline").get_by_role("option").first.click()
    assert [] == violations(page)


def test_axe_finds_nothing_on_the_back(house: House, page_of: Opener) -> None:
    """The same for the back and the state at an event."""
    page = page_of(house, EVENT)
    page.get_by_role("button", name="Flip").click()
    page.locator("#timeline").get_by_role("option").first.click()
    page.get_by_role("button", name="State here").click()
    expect(page.get_by_role("region", name="At an event")).to_be_visible()
    assert [] == violations(page)


def test_all_of_it_by_keyboard(house: House, page_of: Opener) -> None:
    """From the address bar to a lit code, its back and a passed hour, without a mouse."""
    page = page_of(house, EVENT)

    def go_to(name: str) -> None:
        for _ in range(100):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "document.activeElement.ariaLabel || document.activeElement.textContent"
            )
            if focused == name:
                return
        pytest.fail(f"no way to {name!r} with the tabulator")

    go_to(f"Button of {EVENT}")
    outline = page.locator(".press").evaluate("button => getComputedStyle(button).outlineStyle")
    assert "solid" == outline
    page.keyboard.press("Space")
    glass = page.locator(".glass")
    expect(glass).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    go_to("Flip")
    page.keyboard.press("Enter")
    expect(page.locator(".turner")).to_have_class("turner flipped")
    go_to("+1 h")
    page.keyboard.press("Space")
    expect(glass).to_have_attribute("aria-label", "display dark")


def test_a_phone_needs_no_scrolling_sideways(house: House, page_of: Opener) -> None:
    """At 360 pixels everything is within, sections open and all."""
    page = page_of(house, EVENT, TIMED, viewport=PHONE, has_touch=True, is_mobile=True)
    page.locator("details:not([hidden])").evaluate_all("all => all.forEach(d => (d.open = true))")
    expect(page.locator(".recipe").first).to_be_visible()
    assert 360 == page.evaluate("document.documentElement.scrollWidth")


def test_a_finger_presses(house: House, page_of: Opener) -> None:
    """A tap is a press."""
    page = page_of(house, EVENT, viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name=f"Button of {EVENT}").tap()
    expect(page.locator(".glass")).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")


def test_the_theme_can_be_chosen(house: House, page_of: Opener) -> None:
    """The system's theme is the first; one that was chosen outlives a reload."""
    page = page_of(house, EVENT, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Theme: as the system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    dark = page.evaluate(ground)
    assert light != dark
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_motion_is_left_out_for_who_wants_none(house: House, page_of: Opener) -> None:
    """The fob turns at once where less motion is asked for."""
    page = page_of(house, EVENT)
    duration = page.locator(".turner").evaluate("fob => getComputedStyle(fob).transitionDuration")
    assert "0s" == duration


@pytest.mark.parametrize("serial", ["GALH12345678", "GALH123", "A1", "GALH1234567F1"])
def test_the_bar_code_is_the_emulators_own(stage: Page, serial: str) -> None:
    """Page and picture have the same bars."""
    script = "s => import('/page/js/barcode.js').then(m => m.barcode(s).bars)"
    bars = [(start, start + wide) for start, wide in stage.evaluate(script, serial)]
    assert list(barcode.spans(serial)) == bars
