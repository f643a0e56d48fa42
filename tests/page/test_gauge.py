"""The page's divergence gauge: to scale, obvious, and told in words."""

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from emulator.render import gauge
from emulator.serverview import ServerView

EVENT = {
    "type": "event",
    "token": 100,
    "server": 100,
    "look_ahead": 10,
    "resync_window": 1000,
    "locked": False,
    "name": "vpn",
}
TIME = {**EVENT, "type": "time", "look_ahead": 1, "resync_window": 20, "step_s": 30}

MOUNT = """async (reading) => {
  const { Gauge } = await import("/page/js/gauge.js");
  window.gauge ??= new Gauge(document.querySelector("#part"));
  window.gauge.update(reading);
}"""
MODEL = """async (readings) => {
  const model = await import("/page/js/gauge_model.js");
  return readings.map((reading) => {
    const { distance, zoom } = model.geometryOf(reading);
    return [distance, model.zoneAt(distance, reading), zoom.low, zoom.high];
  });
}"""
GEOMETRY = """async (reading) => {
  const { geometryOf } = await import("/page/js/gauge_model.js");
  return geometryOf(reading);
}"""


def show(stage: Page, **changes: object) -> Page:
    """Show an event token's reading, with changes."""
    stage.evaluate(MOUNT, {**EVENT, **changes})
    return stage


def geometry(stage: Page, reading: dict[str, object]) -> Any:  # noqa: ANN401  # plain JSON
    """Return what the model lays out."""
    return stage.evaluate(GEOMETRY, reading)


@pytest.mark.parametrize(
    ("ahead", "state", "title", "number"),
    [
        (0, "in-step", "In step", "0"),
        (10, "inside", "Inside the window", "+10"),
        (11, "resync", "Needs a resync", "+11"),
        (1000, "resync", "Needs a resync", "+1,000"),
        (1001, "lost", "Out of the window", "+1,001"),
        (-5, "behind", "Server is ahead", "\N{MINUS SIGN}5"),
    ],
)
def test_each_zone_has_its_words(
    stage: Page, ahead: int, state: str, title: str, number: str
) -> None:
    """The windows are inclusive, and each zone says its name and the distance in big letters."""
    show(stage, token=100 + ahead)
    assert state == stage.locator(".gauge").get_attribute("data-state")
    assert title == stage.locator(".gauge-title").inner_text()
    assert number == stage.locator(".gauge-number").inner_text()


def test_leaving_the_window_changes_the_whole_gauge(stage: Page) -> None:
    """One press past the edge, ground, icon and words are others: not the marker alone."""
    background = "element => getComputedStyle(element).backgroundColor"
    seen = []
    for token in (1100, 1101):
        show(stage, token=token)
        seen.append(
            (
                stage.locator(".gauge").evaluate(background),
                stage.locator(".gauge-icon path").get_attribute("d"),
                stage.locator(".gauge-title").inner_text(),
            )
        )
    inside, outside = seen
    assert all(one != other for one, other in zip(inside, outside, strict=True))


def test_one_picture_with_a_sentence(stage: Page) -> None:
    """A screen reader gets all of it in a sentence that follows the numbers."""
    show(stage, token=137)
    picture = stage.get_by_role("img")
    assert picture.get_attribute("aria-label") == (
        "Divergence from vpn: Needs a resync, +37 presses. The token is 37 presses ahead: beyond"
        " the look-ahead window of 10, inside the resync window of 1,000: two codes in a row"
        " bring it back."
    )
    show(stage, token=138)
    assert "+38 presses" in (picture.get_attribute("aria-label") or "")


def test_only_a_change_of_zone_is_announced(stage: Page) -> None:
    """Presses inside a zone are silent; entering another one is told."""
    said = show(stage, token=107).get_by_role("status")
    show(stage, token=108)
    assert "" == said.inner_text()
    show(stage, token=111)
    assert "Needs a resync" in said.inner_text()


def test_locked(stage: Page) -> None:
    """A locked server is said and shown before where the token stands."""
    show(stage, token=103, locked=True)
    assert "locked" == stage.locator(".gauge").get_attribute("data-state")
    assert "Locked" == stage.locator(".gauge-title").inner_text()
    assert "accepts no code until it is unlocked" in stage.locator(".gauge-detail").inner_text()


def test_no_server(stage: Page) -> None:
    """Without a server there is a hint in the place of a scale."""
    show(stage, server=None)
    assert "No server attached" == stage.locator(".gauge-title").inner_text()
    expect(stage.locator(".gauge-chart")).to_be_hidden()


def test_token_without_a_counter(stage: Page) -> None:
    """A token that has no counter at present is not one without a server."""
    show(stage, token=None)
    assert "Nothing to compare" == stage.locator(".gauge-title").inner_text()


def test_time_token(stage: Page) -> None:
    """A time token's gauge counts steps and seconds, and tells the drift that is learnt."""
    stage.evaluate(MOUNT, {**TIME, "token": 98, "drift": -3})
    assert "Needs a resync" == stage.locator(".gauge-title").inner_text()
    assert "\N{MINUS SIGN}2" == stage.locator(".gauge-number").inner_text()
    detail = stage.locator(".gauge-detail").inner_text()
    assert "2 steps (60 s) slow" in detail
    assert "learnt a drift of \N{MINUS SIGN}3" in detail


def test_windows_are_to_scale(stage: Page) -> None:
    """Each whole number takes the same room: a look-ahead of 10 takes eleven cells."""
    layout = geometry(stage, {**EVENT, "token": 137})
    assert {"low": -10, "high": 50} == layout["zoom"]
    widths = {zone["zone"]: (zone["to"] - zone["from"]) * 61 for zone in layout["zones"]}
    assert pytest.approx({"behind": 10, "inside": 11, "resync": 40}) == widths
    assert pytest.approx(47.5 / 61) == layout["marker"]


def test_strip_shows_everything(stage: Page) -> None:
    """Zoomed in to ten presses, the strip still shows where the resync window ends."""
    strip = geometry(stage, EVENT)["overview"]
    assert ["behind", "inside", "resync", "lost"] == [zone["zone"] for zone in strip["zones"]]
    assert 0 <= strip["from"] < strip["to"] < 0.1


def test_zones_stand_where_the_model_says(stage: Page) -> None:
    """What is drawn has the model's proportions, under a policy that forbids inline styles."""
    show(stage, token=137)
    scale = stage.locator(".gauge-scale").bounding_box()
    marker = stage.locator(".gauge-marker").bounding_box()
    assert scale is not None
    assert marker is not None
    middle = (marker["x"] + marker["width"] / 2 - scale["x"]) / scale["width"]
    assert pytest.approx(47.5 / 61, abs=0.005) == middle


def test_fits_a_phone(stage: Page) -> None:
    """At 360 pixels nothing sticks out."""
    stage.set_viewport_size({"width": 360, "height": 700})
    show(stage, token=10**9)
    assert stage.evaluate("document.documentElement.scrollWidth <= 360")


def test_page_and_terminal_decide_alike(stage: Page) -> None:
    """Both gauges agree on distance, zone and zoom, for both kinds of token."""
    windows = [(0, 0), (1, 20), (10, 5), (10, 1000), (1000, 5000)]
    aheads = [0, *(s * n for s in (1, -1) for n in (1, 2, 9, 10, 11, 99, 500, 1000, 1001, 98_765))]
    readings, expected = [], []
    for near, far in windows:
        for ahead in aheads:
            windows_of = partial(ServerView, name="s", look_ahead=near, resync_window=far)
            for kind, view in (
                ("event", windows_of(next_counter=200_000)),
                ("time", windows_of(step_offset=200_000)),
            ):
                sizes = {"look_ahead": near, "resync_window": far}
                readings.append({**EVENT, **sizes, "type": kind, "server": 0, "token": ahead})
                distance = gauge.distance(view, 200_000 + ahead)
                zone = gauge.zone(view, distance)
                expected.append([distance, zone.value, *gauge.zoom(view, distance)])
    assert expected == stage.evaluate(MODEL, readings)
