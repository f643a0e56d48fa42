"""The timeline: lanes, two axes, zoom, a selection that can be forked from, bounded memory."""

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from emulator import journalform

SECOND = 10**9
START_NS = 1_780_000_000 * SECOND

MOUNT = """async ([records, options]) => {
  const { Timeline } = await import("/page/js/timeline.js");
  window.calls = [];
  const call = (name) => (sequence, record) => window.calls.push([name, sequence, record.kind]);
  const handlers = { onSelect: call("state"), onFork: call("fork"), onWhatIf: call("what if") };
  window.timeline = new Timeline(document.querySelector("#part"), { ...handlers, ...options });
  window.timeline.add(records);
}"""
ITEMS = """async ([records, mode]) => {
  const { Records } = await import("/page/js/timeline_model.js");
  const all = new Records();
  all.add(records);
  const view = { mode, ...all.extent(mode) };
  return all.lanes.flatMap(({ id }) => [...all.visible(id, view)].map((item) => ({
    lane: id, sequence: item.record.sequence, shape: item.shape, label: item.label,
    from: all.from(item, mode), to: all.to(item, mode),
  })));
}"""
MANY = """async (count) => {
  const records = Array.from({ length: count }, (_, index) => ({
    sequence: index + 1, serial: "A", kind: index % 2 ? "dark" : "lit", factor: index,
    at_ns: 1.78e18 + index * 7e9,
  }));
  window.timeline.add(records);
}"""


def record(sequence: int, kind: str, second: float, **fields: object) -> dict[str, Any]:
    """Return a record as the journal's mappings are."""
    at_ns = START_NS + int(second * SECOND)
    return {"sequence": sequence, "serial": "A", "kind": kind, "at_ns": at_ns, **fields}


def press(sequence: int, second: float, factor: int) -> list[dict[str, Any]]:
    """Return the five records of a press whose code stays for ten seconds."""
    return [
        record(sequence, "edge", second, closed=True, by="pty"),
        record(sequence + 1, "accepted", second + 0.02, factor=factor),
        record(sequence + 2, "lit", second + 0.05, factor=factor),
        record(sequence + 3, "edge", second + 0.1, closed=False, by="pty"),
        record(sequence + 4, "dark", second + 10, by=""),
    ]


DAY = [
    *press(1, 0, 41),
    record(6, "submitted", 20, server="vpn", verb="verify", accepted=True, reason="", factor=41),
    *press(7, 7200, 42),
    record(12, "refused", 7215, reason="lit"),
    record(13, "fired", 7220, name="pull", what="battery-out", cause="after 2 presses", text="x"),
    record(14, "traffic", 7221, port="pty", line="BUTT:PRES?", answer=False),
]


def mount(stage: Page, records: Sequence[dict[str, Any]] = DAY, **options: object) -> Page:
    """Show records."""
    stage.evaluate(MOUNT, [list(records), options])
    return stage


def options(stage: Page) -> Locator:
    """Return the list's events."""
    return stage.get_by_role("option")


def items(stage: Page, records: Sequence[dict[str, Any]], mode: str = "time") -> Any:  # noqa: ANN401  # plain JSON
    """Return what the model lays out."""
    return stage.evaluate(ITEMS, [list(records), mode])


def view(stage: Page) -> Any:  # noqa: ANN401  # plain JSON
    """Return what is in view."""
    return stage.evaluate("window.timeline.view")


def test_bars_last_from_lit_to_dark(stage: Page) -> None:
    """A code's bar has its counter for a label and ends where the LCD went dark."""
    [bar] = [item for item in items(stage, press(1, 0, 41)) if item["lane"] == "code"][:1]
    assert "#41" == bar["label"]
    assert pytest.approx(9950) == bar["to"] - bar["from"]


def test_a_code_that_is_lit_lasts_until_now(stage: Page) -> None:
    """What has not ended yet reaches to the newest moment known."""
    records = [record(1, "lit", 0, factor=7), record(2, "note", 4, text="still here")]
    [bar] = [item for item in items(stage, records) if item["lane"] == "code"]
    assert pytest.approx(4000) == bar["to"] - bar["from"]


def test_a_code_that_follows_another_ends_it(stage: Page) -> None:
    """A time token's refreshed code begins where the last one ends."""
    records = [record(1, "lit", 0, factor=7), record(2, "lit", 30, factor=8)]
    first, second = (item for item in items(stage, records) if item["lane"] == "code")
    assert first["to"] == second["from"]


def test_tokens_are_told_apart(stage: Page) -> None:
    """Another token's darkness does not end a code."""
    other = {**record(2, "dark", 1), "serial": "B"}
    records = [record(1, "lit", 0, factor=7), other, record(3, "dark", 5)]
    bar = next(item for item in items(stage, records) if item["sequence"] == 1)
    assert pytest.approx(5000) == bar["to"] - bar["from"]


def test_by_event_hours_take_one_slot(stage: Page) -> None:
    """Presses two hours apart stand as close as those a second apart."""
    marks = {item["sequence"]: item["from"] for item in items(stage, DAY, "event")}
    assert 1 == marks[7] - marks[6]


def test_a_clock_set_back_keeps_both_axes_in_order(stage: Page) -> None:
    """After the bench's clock is set back every event is still found on either axis."""
    records = [record(n, "note", second, text="x") for n, second in ((1, 0), (2, 9), (3, 4))]
    assert [1, 3, 2] == [item["sequence"] for item in items(stage, records)]
    assert [1, 2, 3] == [item["sequence"] for item in items(stage, records, "event")]


def test_unknown_kinds_are_shown(stage: Page) -> None:
    """A record of a kind that this page does not know stands under its own name."""
    mount(stage, [record(1, "new_thing", 0)])
    expect(options(stage)).to_contain_text(["new thing"])


def test_every_kind_of_the_journal_has_its_words(stage: Page) -> None:
    """The timeline knows what the journal records, and nothing that it doesn't."""
    words = 'import("/page/js/timeline_words.js").then(({ KINDS }) => Object.keys(KINDS))'
    assert journalform.KINDS == set(stage.evaluate(words))


def test_list_tells_the_events_in_view(stage: Page) -> None:
    """The list says what the canvas shows; folded lanes are left out until opened."""
    mount(stage)
    expect(options(stage)).to_have_count(13)
    expect(options(stage).last).to_contain_text("x")
    stage.get_by_role("button", name="Ports").click()
    expect(options(stage)).to_have_count(14)
    expect(options(stage).last).to_contain_text("pty asks: BUTT:PRES?")


def test_click_on_the_canvas_selects(stage: Page) -> None:
    """A click on a mark shows its details."""
    mount(stage, [record(1, "submitted", 0, server="vpn", verb="resync", accepted=False)])
    plot = stage.get_by_role("application")
    expect(options(stage)).to_have_count(1)
    box = plot.bounding_box()
    assert box is not None
    at = view(stage)
    share = (START_NS / 1e6 - at["low"]) / (at["high"] - at["low"])
    gutter, lane = 148, 34
    x = gutter + share * (box["width"] - 2 - gutter)
    plot.click(position={"x": x, "y": 2 * lane + lane / 2})
    expect(stage.get_by_role("region")).to_contain_text("resync at vpn: refused")


@pytest.mark.parametrize(
    ("button", "call"),
    [("State here", "state"), ("Fork here", "fork"), ("What if not…", "what if")],
)
def test_acts_on_the_selected_event(stage: Page, button: str, call: str) -> None:
    """The buttons hand over the number and the record of what is selected."""
    mount(stage).evaluate("window.timeline.select(8)")
    stage.get_by_role("button", name=button).click()
    assert [[call, 8, "accepted"]] == stage.evaluate("window.calls")


def test_only_presses_can_be_left_out(stage: Page) -> None:
    """A fault has a state and can be forked at, but offers no "what if not"."""
    mount(stage).evaluate("window.timeline.select(13)")
    expect(stage.get_by_role("button", name="Fork here")).to_be_visible()
    expect(stage.get_by_role("button", name="What if not…")).to_have_count(0)


def test_the_benchs_own_events_offer_nothing(stage: Page) -> None:
    """What happens to the whole bench is no token's state, and nothing to fork."""
    mount(stage, [{**record(1, "rate_set", 0, rate="60"), "serial": ""}])
    stage.evaluate("window.timeline.select(1)")
    details = stage.get_by_role("region")
    expect(details).to_contain_text("clock's rate set to 60")
    expect(details.get_by_role("button")).to_have_count(0)


def test_details_say_who_and_when(stage: Page) -> None:
    """Time, number and doer are there, in UTC wherever the browser is."""
    mount(stage).evaluate("window.timeline.select(7)")
    details = stage.get_by_role("region")
    for text in ("button down", "2026-05-28 22:26:40.000 UTC", "pty", "7"):
        expect(details).to_contain_text(text)


def test_select_says_whether_it_is_kept(stage: Page) -> None:
    """An event that is not there can't be selected."""
    mount(stage)
    assert stage.evaluate("window.timeline.select(3)") is True
    assert stage.evaluate("window.timeline.select(99)") is False


def test_keyboard_walks_the_list(stage: Page) -> None:
    """One stop for Tab; arrows move inside; Enter selects; the focus stays put."""
    mount(stage)
    expect(options(stage)).to_have_count(13)
    assert 1 == stage.locator('[role="option"][tabindex="0"]').count()
    stage.get_by_role("application").focus()
    stage.keyboard.press("ArrowDown")
    stage.keyboard.press("ArrowUp")
    stage.keyboard.press("Enter")
    expect(stage.locator('[aria-selected="true"]')).to_be_focused()
    expect(stage.get_by_role("region")).to_contain_text("press refused: lit")
    stage.keyboard.press("Home")
    expect(options(stage).first).to_be_focused()


def test_focus_survives_what_comes(stage: Page) -> None:
    """Who reads an event keeps it while fifty newer ones push it out of the list."""
    mount(stage)
    expect(options(stage)).to_have_count(13)
    options(stage).first.focus()
    stage.keyboard.press("Home")
    newer = [record(15 + n, "note", 7230 + n, text="later") for n in range(60)]
    stage.evaluate("records => window.timeline.add(records)", newer)
    expect(options(stage)).to_have_count(51)
    expect(options(stage).first).to_be_focused()


def test_zoom_and_pan_by_keys(stage: Page) -> None:
    """Plus halves what is in view, arrows move it, zero shows all again."""
    mount(stage)
    all_of_it = view(stage)
    stage.get_by_role("application").focus()
    stage.keyboard.press("+")
    zoomed = view(stage)
    assert all_of_it["low"] < zoomed["low"] < zoomed["high"] < all_of_it["high"]
    stage.keyboard.press("ArrowRight")
    assert view(stage)["low"] > zoomed["low"]
    stage.keyboard.press("0")
    assert all_of_it == view(stage)


def test_wheel_zooms_about_the_pointer_and_drag_pans(stage: Page) -> None:
    """What is under the pointer stays there."""
    mount(stage)
    expect(options(stage)).to_have_count(13)
    box = stage.get_by_role("application").bounding_box()
    assert box is not None
    stage.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20)
    before = view(stage)
    stage.mouse.wheel(0, -400)
    stage.wait_for_function("low => window.timeline.view.low > low", arg=before["low"])
    zoomed = view(stage)
    assert pytest.approx(before["high"], rel=1e-9) == zoomed["high"]
    stage.mouse.down()
    stage.mouse.move(box["x"] + box["width"] - 101, box["y"] + 20, steps=4)
    stage.mouse.up()
    assert view(stage)["low"] > zoomed["low"]


def test_follow_keeps_the_newest_in_view(stage: Page) -> None:
    """Zoomed in and following, the view moves with what comes and keeps its size."""
    mount(stage)
    follow = stage.get_by_role("button", name="Follow")
    follow.click()
    stage.get_by_role("button", name="Zoom in").click()
    before = view(stage)
    stage.evaluate("r => window.timeline.add([r])", record(15, "note", 9000, text="later"))
    after = view(stage)
    assert after["low"] > before["low"]
    assert pytest.approx(before["high"] - before["low"]) == after["high"] - after["low"]
    expect(follow).to_have_attribute("aria-pressed", "true")


def test_a_stream_that_came_back_adds_nothing_twice(stage: Page) -> None:
    """Records that are here already are passed over."""
    mount(stage)
    stage.evaluate("records => window.timeline.add(records)", DAY)
    expect(options(stage)).to_have_count(13)


def test_reset_forgets(stage: Page) -> None:
    """After a reset the same numbers may come again."""
    mount(stage).evaluate("window.timeline.reset()")
    expect(options(stage)).to_have_count(0)
    expect(stage.get_by_text("No events in view.")).to_be_visible()
    stage.evaluate("records => window.timeline.add(records)", DAY[:2])
    expect(options(stage)).to_have_count(2)


def test_codes_are_never_told(stage: Page) -> None:
    """Even from a record that had one, no digits of a code get on the page."""
    mount(stage, [record(1, "lit", 0, factor=7, code="755224")])
    stage.evaluate("window.timeline.select(1)")
    expect(stage.get_by_role("region")).to_contain_text("code #7 shown")
    assert "755224" not in stage.content()


def test_memory_and_painting_are_bounded(stage: Page) -> None:
    """Of 100,000 records half are kept, and no more marks are painted than there is room for."""
    mount(stage, [])
    stage.evaluate(MANY, 100_000)
    expect(options(stage)).to_have_count(50)
    assert stage.evaluate("window.timeline.select(50001)") is True
    assert stage.evaluate("window.timeline.select(50000)") is False
    assert 0 < stage.evaluate("window.timeline.drawn") < 900


def test_fits_a_phone(stage: Page) -> None:
    """At 360 pixels nothing sticks out."""
    stage.set_viewport_size({"width": 360, "height": 700})
    mount(stage).evaluate("window.timeline.select(13)")
    expect(options(stage)).to_have_count(13)
    assert stage.evaluate("document.documentElement.scrollWidth <= 360")
