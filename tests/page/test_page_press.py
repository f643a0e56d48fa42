"""Pressing the token in the browser: by mouse and by keys, held, refused, and what is told."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.page.house import EVENT, SECOND_NS, TIMED, House

Opener = Callable[..., Page]


def button(page: Page, serial: str = EVENT) -> Locator:
    """Return the white button of a token."""
    return page.get_by_role("button", name=f"Button of {serial}")


def lcd(page: Page, serial: str = EVENT) -> Locator:
    """Return the display of a token."""
    return page.locator(f'.card[data-serial="{serial}"] .glass')


def card(page: Page, serial: str = EVENT) -> Locator:
    """Return the card of a token."""
    return page.get_by_role("article", name=f"Token {serial}")


@pytest.fixture
def running() -> House:
    """A house whose clock runs as the host's does."""
    return House(rate=1)


def test_a_click_lights_a_code(house: House, page_of: Opener) -> None:
    """A click gives the next code on the display, and says it to those who don't see it."""
    page = page_of(house, EVENT)
    expect(lcd(page)).to_have_attribute("aria-label", "display dark")
    button(page).click()
    expect(lcd(page)).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    expect(card(page).locator("p[role=status]").first).to_have_text("code lit: 7 5 5 2 2 4")
    expect(card(page).locator(".counter")).to_have_text("next counter 1")


def test_the_segments_are_those_of_the_code(house: House, page_of: Opener) -> None:
    """A 7 has three dark segments; all that is off is there, but only just."""
    page = page_of(house, EVENT)
    button(page).click()
    expect(lcd(page)).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    fills = (
        lcd(page).locator(".segment").evaluate_all("all => all.map(s => s.getAttribute('fill'))")
    )
    ink = "rgb(31 37 32)"
    assert [ink, ink, ink] == fills[0:3]
    assert ink not in fills[3:7]


def test_a_press_while_lit_is_refused_in_words(house: House, page_of: Opener) -> None:
    """An over-press changes nothing and says why."""
    page = page_of(house, EVENT)
    button(page).click()
    expect(lcd(page)).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    button(page).click()
    expect(card(page).locator(".note")).to_have_text(
        "Press refused: a code is on the display already"
    )
    expect(card(page).locator(".counter")).to_have_text("next counter 1")


def test_it_goes_dark_when_its_time_is_over(house: House, page_of: Opener) -> None:
    """Advancing past the lit time turns the display dark; the paused clock is named."""
    page = page_of(house, EVENT)
    button(page).click()
    expect(card(page).locator(".state")).to_contain_text("30 s left · clock paused")
    page.get_by_role("button", name="+1 h").click()
    expect(lcd(page)).to_have_attribute("aria-label", "display dark")
    expect(card(page).locator("p[role=status]").first).to_have_text("display dark")
    expect(page.locator("#bench-time")).to_have_text("2026-01-01 01:00:00")


def test_a_held_button_stays_down(running: House, page_of: Opener) -> None:
    """Key down and key up are two events: between them the token's contact is closed."""
    with running:
        page = page_of(running, EVENT)
        other = page_of(running, EVENT)
        button(page).hover()
        page.mouse.down()
        expect(button(page)).to_have_class("press down")
        expect(button(other)).to_have_class("press held")  # by a hand elsewhere
        assert running.call(lambda bench: bench.look(EVENT).pressed)
        page.mouse.up()
        expect(button(other)).to_have_class("press")
        assert not running.call(lambda bench: bench.look(EVENT).pressed)


def test_a_lost_pointer_lets_the_button_up(running: House, page_of: Opener) -> None:
    """A hand that slips off the button lets it up."""
    with running:
        page = page_of(running, EVENT)
        button(page).hover()
        with page.expect_response(lambda answer: answer.url.endswith("/button")):
            page.mouse.down()
        with page.expect_response(lambda answer: answer.url.endswith("/button")):
            page.mouse.move(5, 5)
        assert not running.call(lambda bench: bench.look(EVENT).pressed)


def test_how_long_it_was_held_counts_on_a_paused_clock(house: House, page_of: Opener) -> None:
    """Where time stands still, a press is sent as a whole, a short one as 100 ms."""
    page = page_of(house, EVENT)
    begun_s = time.monotonic()
    with page.expect_request(lambda asked: asked.url.endswith("/button")) as sent:
        button(page).click()
    took_ms = 1_000 * (time.monotonic() - begun_s)  # on a busy machine a click is no short one
    body = sent.value.post_data_json or {}
    assert "press-and-release" == body["action"]
    assert 100 <= body["hold_ms"] <= max(100, took_ms)


@pytest.mark.parametrize("key", [" ", "Enter"])
def test_the_keyboard_presses(house: House, page_of: Opener, key: str) -> None:
    """Space bar and Enter press the button that has the focus, and nothing scrolls."""
    page = page_of(house, EVENT)
    button(page).focus()
    page.keyboard.press(key)
    expect(lcd(page)).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    assert 0 == page.evaluate("scrollY")


def test_a_held_key_is_one_press(running: House, page_of: Opener) -> None:
    """A key that repeats is a button that stays down."""
    with running:
        page = page_of(running, EVENT)
        sent: list[str] = []

        def note(asked: Request) -> None:
            if asked.url.endswith("/button"):
                sent.append((asked.post_data_json or {})["action"])

        page.on("request", note)
        button(page).focus()
        with page.expect_response(lambda answer: answer.url.endswith("/button")):
            page.keyboard.down(" ")
        page.keyboard.down(" ")
        page.keyboard.down(" ")
        with page.expect_response(lambda answer: answer.url.endswith("/button")):
            page.keyboard.up(" ")
        assert ["press", "release"] == sent


def test_a_click_without_a_pointer_presses(house: House, page_of: Opener) -> None:
    """A screen reader's click has no pointer and no key; it presses all the same."""
    page = page_of(house, EVENT)
    button(page).evaluate("button => button.click()")
    expect(lcd(page)).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")


def test_a_racing_clock_tells_the_code_that_was(page_of: Opener) -> None:
    """When the code is dark again before anybody could read it, the page says which it was."""
    with House(rate=86_400) as house:
        page = page_of(house, EVENT)
        button(page).click()
        expect(card(page).locator(".note")).to_contain_text("It was 755224, for counter 0")


def test_a_time_token_shows_bars_and_step(house: House, page_of: Opener) -> None:
    """A time token's display has time bars, and its card the step of its clock."""
    page = page_of(house, TIMED)
    button(page, TIMED).click()
    expect(lcd(page, TIMED)).to_have_attribute("aria-label", "code lit: 7 4 5 6 9 0")
    expect(card(page, TIMED).locator(".counter")).to_have_text("step 58907520")
    assert 6 + 6 * 7 + 1 == lcd(page, TIMED).locator(".segment").count()


def test_it_flips(house: House, page_of: Opener) -> None:
    """The back has the serial number; the button is out of reach then."""
    page = page_of(house, EVENT)
    flip = card(page).get_by_role("button", name="Flip")
    flip.click()
    expect(flip).to_have_attribute("aria-pressed", "true")
    back = page.get_by_role("img", name="Back: serial number G A L H 0 0 0 0 4 2 2 6")
    expect(back).to_be_visible()
    expect(page.locator(".side.front")).to_have_attribute("inert", "")
    flip.click()
    expect(page.locator(".side.back")).to_have_attribute("inert", "")


def test_two_browsers_see_the_same_token(house: House, page_of: Opener) -> None:
    """What one person presses, another one sees."""
    one, other = page_of(house, EVENT), page_of(house, EVENT)
    button(one).click()
    expect(lcd(other)).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    house.call(lambda bench: bench.advance(60 * SECOND_NS))
    expect(lcd(one)).to_have_attribute("aria-label", "display dark")
    button(other).click()
    expect(lcd(one)).to_have_attribute("aria-label", "code lit: 2 8 7 0 8 2")
