"""The portal in a real browser: what only scripts do, and that all works without them.

What people need who see or type less is looked at in the walk through all pages, in
:mod:`tests.hosttools.portal.walk`.
"""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.page.house import EVENT
from tests.page.portalhouse import CODES, PortalHouse

DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
DEVICES: Final = "/admin/epcs/devices"


@pytest.fixture
def portal() -> Iterator[PortalHouse]:
    """A practice, and a fob of dr.adams."""
    with PortalHouse() as house:
        yield house


@pytest.fixture
def page(browser: Browser, portal: PortalHouse) -> Iterator[Page]:
    """Return a tab in which dr.adams is logged in. A script's error fails the test."""
    complaints: list[str] = []
    with browser.new_context(viewport=DESK, reduced_motion="reduce") as context:
        tab = context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda asked: complaints.extend(foreign(asked.url, portal.url)))
        tab.goto(f"{portal.url}/login")
        tab.get_by_label("User name").fill("dr.adams")
        tab.get_by_label("Password", exact=True).fill("practice-doctor")
        tab.get_by_role("button", name="Log in").click()
        expect(tab.get_by_role("heading", name="Patients")).to_be_visible()
        yield tab
    assert [] == complaints


def foreign(url: str, home: str) -> list[str]:
    """Return what is to be said of a request: nothing, if it is to the portal."""
    return [] if url.startswith(home) else [f"asked for {url}"]


def authenticate(page: Page, portal: PortalHouse) -> None:
    """Open device management by a text on the phone in a second tab."""
    page.goto(portal.url + DEVICES)
    page.get_by_role("button", name="Send code").click()
    expect(page.get_by_text("A text message was sent")).to_be_visible()
    phone = page.context.new_page()
    phone.goto(f"{portal.url}/phone")
    text = phone.get_by_text("Your one-time code is").inner_text()
    phone.close()
    page.get_by_label("Code", exact=True).fill(re.findall("[0-9]{6}", text)[0])
    page.get_by_role("button", name="Submit code", exact=True).click()
    expect(page.get_by_role("heading", name="EPCS Device Management")).to_be_visible()


def fill_in(page: Page, code1: str, code2: str) -> None:
    """Fill in a form of a token."""
    page.get_by_label("One-Time Password 1").fill(code1)
    page.get_by_label("One-Time Password 2").fill(code2)


CLICK_TWICE: Final = """() => {
    const button = document.querySelector("form[data-once] button.primary");
    button.click();
    button.click();
    return [button.textContent, button.closest("form").textContent];
}"""


def test_a_second_click_while_it_syncs_is_told(page: Page, portal: PortalHouse) -> None:
    """The page stays, says what goes on, and sends nothing more."""
    authenticate(page, portal)
    page.goto(f"{portal.url}{DEVICES}/add")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.method))
    page.route(f"**{DEVICES}/add", lambda _: None)  # it takes long to sync
    page.get_by_label("Serial Number").fill(EVENT)
    fill_in(page, *CODES[:2])
    with page.expect_request(f"**{DEVICES}/add"):
        name, text = page.evaluate(CLICK_TWICE)
    assert "Syncing…" == name
    assert "Submit only once: the first one is still under way" in text
    assert 1 == sent.count("POST")


def test_the_phone_shows_a_text_by_itself(page: Page, portal: PortalHouse) -> None:
    """Nobody has to reload it."""
    phone = page.context.new_page()
    phone.goto(f"{portal.url}/phone")
    expect(phone.get_by_text("Nothing yet.")).to_be_visible()
    page.goto(f"{portal.url}{DEVICES}/authenticate")
    page.get_by_role("button", name="Send code").click()
    expect(phone.get_by_text("Your one-time code is")).to_be_visible()


def test_what_went_wrong_is_read_first(page: Page, portal: PortalHouse) -> None:
    """It has the focus, and the field that it is about refers to it."""
    page.goto(f"{portal.url}{DEVICES}/authenticate")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Submit code", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    field = page.get_by_label("Code", exact=True)
    expect(field).to_have_accessible_description(re.compile("The code was not accepted"))
    expect(field).to_have_value("")


def test_what_went_wrong_again_is_read_first_again(page: Page, portal: PortalHouse) -> None:
    """Also by somebody who went to the field by its link: the next page does not go there."""
    page.goto(f"{portal.url}/patients/mara-ivers/compose")
    page.get_by_label("Drug").select_option("demozepam-1")
    page.get_by_label("Directions").fill("One at night")
    for quantity in ("0", "-1"):
        page.get_by_label("Quantity").fill(quantity)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_role("link", name="Go to the field").click()
        expect(page.get_by_label("Quantity")).to_be_focused()


def test_it_works_without_scripts(browser: Browser, portal: PortalHouse) -> None:
    """Every form is one of the server's."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(portal.url)
        page.get_by_label("User name").fill("dr.adams")
        page.get_by_label("Password", exact=True).fill("practice-doctor")
        page.get_by_role("button", name="Log in").click()
        authenticate(page, portal)
        page.get_by_role("link", name="Add Token").click()
        page.get_by_label("Serial Number").fill(EVENT)
        fill_in(page, *CODES[:2])
        page.get_by_role("button", name="Submit").click()
        expect(page.get_by_role("heading", name="Token Status: Active")).to_be_visible()
