"""The page as a whole: which tokens are on it, its clock, and what can be done to a token."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from emulator.serverview import ServerView
from tests.page.house import EVENT, TIMED, House

Opener = Callable[..., Page]


def card(page: Page, serial: str = EVENT) -> Locator:
    """Return the card of a token."""
    return page.get_by_role("article", name=f"Token {serial}")


def press(page: Page, serial: str = EVENT) -> None:
    """Press the button, and wait for what comes of it."""
    with page.expect_response(lambda answer: answer.url.endswith("/button")):
        page.get_by_role("button", name=f"Button of {serial}").click()


def opened(page: Page, title: str, serial: str = EVENT) -> Locator:
    """Open a section of a token's card."""
    panel = card(page, serial).locator("details", has=page.get_by_text(title, exact=True))
    panel.locator("summary").click()
    return panel


def test_without_an_address_the_first_tokens_are_shown(house: House, page_of: Opener) -> None:
    """A page that is opened for the first time is not empty, and its address says so."""
    page = page_of(house)
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page).to_have_url(f"{house.url}#{EVENT},{TIMED}")


def test_search_finds_one_among_thousands(page_of: Opener) -> None:
    """The list comes in pages; a part of the serial number finds a token, a click shows it."""
    with House(more=1_000) as house:
        page = page_of(house, EVENT)
        rows = page.locator("#search li")
        expect(page.locator("#search")).to_contain_text("1002 tokens")
        expect(rows).to_have_count(25)
        page.get_by_role("button", name="More").click()
        expect(rows).to_have_count(50)
        page.get_by_role("searchbox").fill("galh-9000 0777")
        expect(rows).to_have_count(1)
        page.get_by_role("button", name="GALH90000777").click()
        expect(page.get_by_role("article")).to_have_count(2)
        expect(page).to_have_url(f"{house.url}#{EVENT},GALH90000777")
        page.get_by_role("button", name="Take GALH90000777 off the page").click()
        expect(page).to_have_url(f"{house.url}#{EVENT}")


def test_it_reconnects_and_misses_nothing(house: House, page_of: Opener) -> None:
    """What happened while the server was away is on the page once it is back."""
    page = page_of(house, EVENT)
    house.stop()
    expect(page.locator("#connection")).to_have_text("reconnecting…")
    house.call(lambda bench: bench.press(EVENT))
    house.start()
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator(".glass")).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    expect(page.locator("#timeline")).to_contain_text("press accepted, for #0")


def test_a_bench_begun_anew_is_read_anew(house: House, page_of: Opener) -> None:
    """Nothing of a bench that is gone stays on the page."""
    page = page_of(house, EVENT)
    press(page)
    expect(card(page).locator(".counter")).to_have_text("next counter 1")
    expect(page.locator("#timeline")).to_contain_text("press accepted")
    house.stop()
    house.begin_anew()
    expect(page.locator("#connection")).to_have_text("live")
    expect(card(page).locator(".counter")).to_have_text("next counter 0")
    expect(page.locator("#timeline")).not_to_contain_text("press accepted")


def test_a_bench_that_is_gone_is_told_in_words(house: House, page_of: Opener) -> None:
    """A press that nobody answers says so."""
    page = page_of(house, EVENT)
    house.stop()
    page.get_by_role("button", name=f"Button of {EVENT}").click()
    expect(page.get_by_role("alert")).to_contain_text("The bench does not answer")
    house.start()


def test_the_clock_goes_as_told(house: House, page_of: Opener) -> None:
    """The keys in the title bar set the rate and let time pass."""
    page = page_of(house, EVENT)
    expect(page.locator("#clock-mode")).to_have_text("clock paused")
    page.get_by_role("button", name="+1 day").click()
    expect(page.locator("#bench-time")).to_have_text("2026-01-02 00:00:00")
    page.get_by_label("Advance by").fill("90")
    page.get_by_role("button", name="Advance", exact=True).click()
    expect(page.locator("#bench-time")).to_have_text("2026-01-02 01:30:00")
    page.get_by_role("button", name="×60").click()  # noqa: RUF001  # the page's own sign
    expect(page.locator("#clock-mode")).to_have_text("×60")  # noqa: RUF001  # the same
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#clock-mode")).to_have_text("clock paused")
    assert 0 == house.call(lambda bench: bench.rate)


def test_a_step_runs_to_rest(house: House, page_of: Opener) -> None:
    """Step goes on until nothing is lit."""
    page = page_of(house, EVENT)
    press(page)
    page.get_by_role("button", name="Step").click()
    expect(page.locator(".glass")).to_have_attribute("aria-label", "display dark")
    expect(page.locator("#bench-time")).to_have_text("2026-01-01 00:00:30")


def test_the_environment_can_be_changed(house: House, page_of: Opener) -> None:
    """Temperature and battery are the token's at once; without a battery it has no counter."""
    page = page_of(house, EVENT)
    panel = opened(page, "Environment")
    expect(panel).to_contain_text(re.compile(r"Battery \d+ %"))
    panel.get_by_label("Temperature").fill("-20")
    expect(panel.get_by_text("-20 °C")).to_be_visible()
    panel.get_by_role("button", name="Pull the battery").click()
    expect(panel).to_contain_text("Battery out")
    expect(card(page).locator(".counter")).to_have_text("next counter –")  # noqa: RUF001  # the page's own sign
    panel.get_by_role("button", name="Put a battery in").click()
    expect(card(page).locator(".counter")).to_have_text("next counter 0")


def test_a_fault_is_chosen_armed_and_seen(house: House, page_of: Opener) -> None:
    """A dead segment of the first digit turns the 7 into what is left of it."""
    page = page_of(house, EVENT)
    panel = opened(page, "Faults")
    panel.get_by_label("Fault").select_option("Segment dies: the 8 reads as 6")
    panel.get_by_role("button", name="Arm").click()
    press(page)
    expect(page.locator(".glass")).to_have_attribute("aria-label", "display shows: ? 5 5 2 2 4")
    first = page.locator(".glass .segment").nth(1)
    expect(first).not_to_have_attribute("fill", "rgb(31 37 32)")


def test_a_fault_that_is_none_is_refused_in_words(house: House, page_of: Opener) -> None:
    """What the bench can't make out is told as the bench tells it."""
    page = page_of(house, EVENT)
    panel = opened(page, "Faults")
    panel.get_by_label("As text").fill("{press = 1, melt = {}}")
    panel.get_by_role("button", name="Arm").click()
    expect(page.get_by_role("alert")).to_contain_text("melt")


def test_a_recipe_is_a_button_with_its_number(house: House, page_of: Opener) -> None:
    """The pocket presses as often as its number says, and tells what came of it."""
    page = page_of(house, EVENT)
    panel = opened(page, "Recipes")
    panel.get_by_label("presses of hotp-inside").fill("7")
    panel.get_by_role("button", name="pocket, inside the window: 7 presses").click()
    expect(panel.locator(".history li").first).to_be_visible()
    expect(panel.locator(".history")).to_contain_text("7")


def test_recipes_opened_before_the_token_is_known_come_with_it(
    house: House, page_of: Opener
) -> None:
    """A section that is opened faster than the bench answers is filled when it has."""
    page, held = page_of(house, TIMED), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/tokens/{EVENT}", hold)
    with page.expect_request(f"**/tokens/{EVENT}"):
        page.get_by_role("button", name=f"{EVENT} event").click()
    panel = opened(page, "Recipes")
    expect(panel).to_have_attribute("open", "")
    held[0].continue_()
    expect(panel.locator(".recipe").first).to_be_visible()


def test_codes_are_submitted_and_the_verdict_is_shown(house: House, page_of: Opener) -> None:
    """The code is taken off the display; the server takes it once."""
    page = page_of(house, EVENT)
    panel = opened(page, "Server")
    press(page)
    panel.get_by_role("button", name="Take from display").click()
    expect(panel.get_by_label("Code 1")).to_have_value("755224")
    panel.get_by_role("button", name="Submit").click()
    expect(panel.locator(".verdict")).to_have_attribute("data-accepted", "true")
    expect(panel).to_contain_text("expects counter 1")
    panel.get_by_label("Code 1").fill("755224")
    panel.get_by_role("button", name="Submit").click()
    expect(panel.locator(".verdict")).to_have_attribute("data-accepted", "false")


def test_without_a_server_it_says_how_to_attach_one(page_of: Opener) -> None:
    """There is nothing to submit to; what another server tells of the token is shown."""
    with House(attached=False) as house:
        page = page_of(house, EVENT)
        panel = opened(page, "Server")
        expect(panel).to_contain_text("No server knows this token")
        expect(panel).to_contain_text("galh serve --server reference")
        expect(panel).to_contain_text(f"PUT /api/v1/tokens/{EVENT}/server")
        expect(panel.get_by_role("button")).to_have_count(0)
        view = ServerView(name="staging", next_counter=3, look_ahead=10, resync_window=100)
        house.call(lambda bench: bench.set_server_view(EVENT, view))
        expect(panel).to_contain_text("staging: expects counter 3")


def test_the_gauge_follows(house: House, page_of: Opener) -> None:
    """Pressed past the look-ahead by another hand, the gauge leaves the window."""
    page = page_of(house, EVENT)
    gauge = card(page).locator(".gauge")
    expect(gauge).to_have_attribute("data-state", "in-step")
    house.call(lambda bench: bench.press_many(EVENT, 11))
    expect(gauge).to_have_attribute("data-state", "resync")


def test_presses_take_bench_time_from_all(house: House, page_of: Opener) -> None:
    """The presses of one token move the clock of the bench, and with it the other token's step."""
    page = page_of(house, TIMED)
    house.call(lambda bench: bench.press_many(EVENT, 11))
    expect(page.locator("#bench-time")).to_have_text("2026-01-01 00:05:00")
    expect(card(page, TIMED).locator(".counter")).to_have_text("step 58907530")
    expect(card(page, TIMED).locator(".gauge")).to_have_attribute("data-state", "in-step")


def test_a_racing_clock_shows_no_drift_that_is_none(page_of: Opener) -> None:
    """At a day in a second the gauge still compares what is of one moment."""
    with House(rate=86_400, attached=False) as house:
        view = ServerView(name="staging", step_offset=0, look_ahead=1, resync_window=20)
        house.call(lambda bench: bench.set_server_view(TIMED, view))
        page = page_of(house, TIMED)
        gauge = card(page, TIMED).locator(".gauge")
        expect(gauge).to_have_attribute("data-state", "in-step")
        seen = gauge.evaluate("""gauge => new Promise((resolve) => {
          const states = [];
          const timer = setInterval(() => {
            states.push(gauge.dataset.state);
            if (states.length === 40) { clearInterval(timer); resolve(states); }
          }, 25);
        })""")
        assert {"in-step"} == set(seen)


def test_a_snapshot_brings_the_bench_back(house: House, page_of: Opener) -> None:
    """What was saved can be restored, and is gone once it is deleted."""
    page = page_of(house, EVENT)
    page.get_by_text("Snapshots", exact=True).click()
    page.get_by_label("Name").fill("before")
    page.get_by_role("button", name="Save").click()
    restore = page.get_by_role("button", name="Restore before")
    expect(restore).to_be_visible()
    press(page)
    expect(card(page).locator(".counter")).to_have_text("next counter 1")
    restore.click()
    expect(card(page).locator(".counter")).to_have_text("next counter 0")
    page.get_by_role("button", name="Delete before").click()
    expect(restore).to_have_count(0)


def test_a_snapshot_keeps_secrets_under_a_passphrase(house: House, page_of: Opener) -> None:
    """With it the token is itself again; it is in its field until used, and never kept."""
    page = page_of(house, EVENT)
    page.get_by_text("Snapshots", exact=True).click()
    passphrase = page.get_by_label("Passphrase")
    expect(passphrase).to_have_attribute("type", "password")

    def restore(typed: str) -> None:
        passphrase.fill(typed)
        page.get_by_role("button", name="Restore sealed").click()

    page.get_by_label("Name").fill("sealed")
    passphrase.fill("correct horse")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#snapshots output")).to_have_text(
        "sealed saved, secrets under a passphrase"
    )
    expect(passphrase).to_have_value("")
    house.call(lambda bench: bench.remove(EVENT, forget=True))
    restore("wrong horse")
    expect(page.get_by_role("alert")).to_contain_text("passphrase")
    restore("correct horse")
    expect(page.locator("#snapshots output")).to_have_text("sealed restored")
    expect(passphrase).to_have_value("")
    press(page)
    expect(page.locator(".glass")).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    assert 0 == page.evaluate("localStorage.length + sessionStorage.length")


def test_a_token_that_gets_a_new_secret_is_named(house: House, page_of: Opener) -> None:
    """Without a passphrase a token that is gone comes back with another secret."""
    page = page_of(house, EVENT)
    page.get_by_text("Snapshots", exact=True).click()
    page.get_by_label("Name").fill("plain")
    page.get_by_role("button", name="Save").click()
    told = page.locator("#snapshots output")
    expect(told).to_have_text("plain saved, secrets left out")
    house.call(lambda bench: bench.remove(EVENT, forget=True))
    page.get_by_role("button", name="Restore plain").click()
    expect(told).to_have_text(f"plain restored; with a new secret: {EVENT}")


def test_time_travel(house: House, page_of: Opener) -> None:
    """An event shows the token as it was then; a fork from there stands beside it."""
    page = page_of(house, EVENT)
    press(page)
    page.get_by_role("button", name="+1 h").click()
    expect(page.locator(".glass")).to_have_attribute("aria-label", "display dark")
    page.get_by_role("option").filter(has_text="code #0 shown").click()
    page.get_by_role("button", name="State here").click()
    moment = page.get_by_role("region", name="At an event")
    expect(moment.locator(".past-lcd")).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")
    moment.get_by_role("button", name="Fork here").click()
    expect(card(page, f"{EVENT}F1").locator(".counter")).to_have_text("next counter 1")


def test_what_if_a_press_had_not_been(house: House, page_of: Opener) -> None:
    """Both futures stand side by side."""
    page = page_of(house, EVENT)
    press(page)
    page.get_by_role("option").filter(has_text="press accepted, for #0").click()
    page.get_by_role("button", name="What if").click()
    moment = page.get_by_role("region", name="At an event")
    expect(moment.get_by_role("row", name="Next counter 1 0")).to_be_visible()
    expect(moment).to_contain_text("It would be otherwise from 2026-01-01 00:00:00 on.")


def test_the_bearer_token_is_asked_for(page_of: Opener, tmp_path: Path) -> None:
    """A bench with a bearer token asks for it once, and the stream works with it too."""
    with House(bearer="made-up", snapshots=tmp_path) as house:
        page = page_of(house, EVENT, live=False)
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_role("textbox", name="Bearer token").fill("made-up")
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("#connection")).to_have_text("live")
        press(page)
        expect(page.locator(".glass")).to_have_attribute("aria-label", "code lit: 7 5 5 2 2 4")


@pytest.mark.parametrize("serial", ["GALH00000001", "%3Cimg src=x onerror=alert(1)%3E"])
def test_a_stranger_in_the_address_is_told(house: House, page_of: Opener, serial: str) -> None:
    """A serial number that is not on the bench is said to be none, whatever it is."""
    page = page_of(house, serial)
    expect(page.locator(".failure")).to_be_visible()
