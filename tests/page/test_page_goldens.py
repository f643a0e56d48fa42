"""The parts that must look right do; golden.py says how to write the golden pictures anew."""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from emulator.annotations import Submitted
from emulator.bench import Bench
from emulator.serverview import ServerView
from tests.page.golden import alike, golden, picture, picture_of, same
from tests.page.house import EVENT, SECOND_NS, TIMED, House

Opener = Callable[..., Page]

SCHEMES: Final = ("light", "dark")
"""What a page is put into one after the other: to open one takes long."""
PLACE: Final = 24
"""Where a part is put for its picture: on whole pixels, whatever stands above it."""
FOB: Final = (440, 220)
GAUGE_WIDTH: Final = 440
SCALE_HEIGHT: Final = 190
TIMELINE_WIDTH: Final = 900
LCD: Final = (145, 79, 317, 141)
"""The glass in the picture of a fob."""

PIN: Final = """(part, [place, width]) => Object.assign(part.style, {
  position: "fixed", left: `${place}px`, top: `${place}px`, width: `${width}px`, margin: 0,
  zIndex: 100, boxShadow: "0 0 0 2000px var(--panel)",
  background: part.matches(".fob") ? "#fff" : part.matches(".gauge") ? "" : "var(--panel)",
})"""
"""Put a part alone before a plain ground."""
NO_LETTERS: Final = """CanvasRenderingContext2D.prototype.fillText = () => {};"""
COLD: Final = "{after_s = 0, temperature = {celsius = -18}}"


def pinned(part: Locator, width: int) -> Locator:
    """Put a part at its place, and return it."""
    part.evaluate(PIN, [PLACE, width])
    return part


def hidden(part: Locator, selector: str, *, gone: bool = False) -> None:
    """Hide what is of letters in a part; with its room, if that depends on them."""
    style = 'display = "none"' if gone else 'visibility = "hidden"'
    script = f"all => all.forEach(one => (one.style.{style}))"
    part.locator(selector).evaluate_all(script)


def card(page: Page, serial: str = EVENT) -> Locator:
    """Return the card of a token."""
    return page.get_by_role("article", name=f"Token {serial}")


def untouched(_: Bench) -> None:
    """Leave a token as it is."""


def pressed(bench: Bench, serial: str = EVENT) -> None:
    """Press a token."""
    bench.press(serial)


def worn(bench: Bench) -> None:
    """Press a token with a dead segment in the cold."""
    bench.inject(EVENT, '{after_s = 0, dead_segment = {digit = 0, segment = "b"}}')
    bench.inject(EVENT, COLD)
    bench.advance(SECOND_NS)
    bench.press(EVENT)


def weak(bench: Bench) -> None:
    """Press a token whose battery is nearly flat."""
    bench.inject(EVENT, "{after_s = 0, battery_level = {percent = 6}}")
    bench.advance(SECOND_NS)
    bench.press(EVENT)


def late(bench: Bench) -> None:
    """Press a time token when half of its step is over."""
    bench.advance(15 * SECOND_NS)
    bench.press(TIMED)


FRONTS: Final[dict[str, tuple[str, Callable[[Bench], None]]]] = {
    "dark": (EVENT, untouched),
    "lit": (EVENT, pressed),
    "worn": (EVENT, worn),
    "battery": (EVENT, weak),
    "bars": (TIMED, late),
}


@pytest.mark.parametrize("name", FRONTS)
def test_front(house: House, page_of: Opener, name: str) -> None:
    """Body, glass and every segment are where they were, the same in light and dark."""
    serial, act = FRONTS[name]
    house.call(act)
    page = page_of(house, serial)
    fob = pinned(card(page, serial).locator(".fob"), FOB[0])
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        expected, actual = golden(f"front-{name}", fob.screenshot())
        assert same(expected, actual), scheme
        assert same(expected.crop(LCD), actual.crop(LCD)), scheme


@pytest.mark.parametrize("scheme", SCHEMES)
def test_back(house: House, page_of: Opener, scheme: str) -> None:
    """The label, its bars and its words are where they were."""
    page = page_of(house, EVENT, color_scheme=scheme)
    card(page).get_by_role("button", name="Flip").click()
    fob = pinned(card(page).locator(".fob"), FOB[0])
    assert alike(*golden("back", fob.screenshot()))
    hidden(fob, "text")
    assert same(*golden("back-shapes", fob.screenshot()))


GAUGES: Final = {
    "in-step": (100, 100, False),
    "resync": (141, 100, False),
    "lost": (201, 100, False),
    "behind": (100, 103, False),
    "locked": (104, 100, True),
}
"""Next counters of token and server, and whether it is locked; the windows are 10 and 100."""


def gauge_of(page_of: Opener, house: House, name: str) -> Locator:
    """Bring a gauge into a state, and return it at its place."""
    token, server, locked = GAUGES[name]

    def act(bench: Bench) -> None:
        bench.set_counter(EVENT, token)
        view = ServerView(
            name="vpn", next_counter=server, look_ahead=10, resync_window=100, locked=locked
        )
        bench.set_server_view(EVENT, view)

    house.call(act)
    page = page_of(house, EVENT, color_scheme="light")
    gauge = card(page).locator(".gauge")
    expect(gauge).to_have_attribute("data-state", name)
    return pinned(gauge, GAUGE_WIDTH)


@pytest.fixture
def elsewhere() -> Iterator[House]:
    """A house whose tokens another server tells of."""
    with House(attached=False) as house:
        yield house


def head_of(gauge: Locator) -> bytes:
    """Return a picture of icon, words and number: where the scale begins is up to the fonts."""
    chart = gauge.locator(".gauge-chart")
    chart.evaluate("chart => (chart.style.display = 'none')")
    shot = gauge.screenshot()
    chart.evaluate("chart => (chart.style.display = '')")
    return shot


def scale_of(gauge: Locator) -> bytes:
    """Return a picture of scale, zones and markers without a letter."""
    hidden(gauge, ".gauge-head, .gauge-legend", gone=True)
    hidden(gauge, ".gauge-ticks")
    gauge.evaluate("(gauge, high) => (gauge.style.height = `${high}px`)", SCALE_HEIGHT)
    return gauge.screenshot()


@pytest.mark.parametrize("name", GAUGES)
def test_gauge(elsewhere: House, page_of: Opener, name: str) -> None:
    """Ground, edge, icon and words of each state are as they were, and so are its zones."""
    gauge = gauge_of(page_of, elsewhere, name)
    for kind, take, agree in (("gauge", head_of, alike), ("scale", scale_of, same)):
        for scheme in SCHEMES:
            gauge.page.emulate_media(color_scheme=scheme)
            assert agree(*golden(f"{kind}-{name}-{scheme}", take(gauge))), (kind, scheme)


def history(bench: Bench) -> None:
    """Codes that are taken, a pocket, one that is not, a battery that slips, another code."""

    def tell(*, accepted: bool, factor: int) -> None:
        reason = "" if accepted else "out of sync"
        bench.annotate(EVENT, Submitted(bench.now_ns(), "vpn", "verify", accepted, reason, factor))

    for factor in range(2):
        bench.press(EVENT)
        tell(accepted=True, factor=factor)
        bench.press(EVENT)  # refused: it is lit
        bench.advance(120 * SECOND_NS)
    bench.press_many(EVENT, 12)
    tell(accepted=False, factor=13)
    bench.inject(EVENT, "{after_s = 0, battery_out = {for_s = 2}}")
    bench.advance(90 * SECOND_NS)
    bench.press(EVENT)


def timeline_of(page: Page) -> Locator:
    """Return the timeline at its place, once all of its past is there."""
    timeline = page.locator("#timeline")
    expect(timeline.get_by_role("option").last).to_contain_text("button up")
    pinned(timeline, TIMELINE_WIDTH)
    painted = TIMELINE_WIDTH - 2  # without the border
    expect(timeline.locator("canvas")).to_have_js_property("width", painted)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return timeline


@pytest.mark.parametrize("scheme", SCHEMES)
def test_timeline(elsewhere: House, page_of: Opener, scheme: str) -> None:
    """A known history has its marks and bars where they were."""
    elsewhere.call(history)
    page = page_of(elsewhere, EVENT, color_scheme=scheme)
    assert alike(*golden(f"timeline-{scheme}", timeline_of(page).screenshot()))
    page.reload()
    page.evaluate(NO_LETTERS)
    timeline = timeline_of(page)
    hidden(timeline, ".timeline-bar, .timeline-below", gone=True)
    assert same(*golden(f"marks-{scheme}", timeline.locator(".timeline-plot").screenshot()))


def test_a_segment_is_seen(house: House, page_of: Opener) -> None:
    """One segment that is off where it was on is another picture."""
    house.call(pressed)
    page = page_of(house, EVENT)
    fob = pinned(card(page).locator(".fob"), FOB[0])
    fob.locator(".segment").first.evaluate("one => one.setAttribute('fill', 'none')")
    expected, actual = picture_of("front-lit"), picture(fob.screenshot())
    assert not same(expected.crop(LCD), actual.crop(LCD))


@pytest.mark.parametrize("family", ["serif", "monospace"])
def test_other_fonts_are_the_same_page(elsewhere: House, page_of: Opener, family: str) -> None:
    """Letters of another shape and width make no other picture, so that any machine passes."""
    gauge = gauge_of(page_of, elsewhere, "lost")
    gauge.evaluate(f"() => (document.body.style.fontFamily = '{family}')")
    assert alike(picture_of("gauge-lost-light"), picture(head_of(gauge)))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_state_passes_for_another(scheme: str) -> None:
    """Each state's pictures are refused in the place of any other's."""
    kept = {
        name: (picture_of(f"gauge-{name}-{scheme}"), picture_of(f"scale-{name}-{scheme}"))
        for name in GAUGES
    }
    for one, other in permutations(kept.values(), 2):
        assert not (alike(one[0], other[0]) and same(one[1], other[1]))
