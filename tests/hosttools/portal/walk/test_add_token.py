"""Part 4 of the procedure: Add Token.

One straight way of it is walked in every run, all others with ``--full``.
"""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.hosttools.portal.walk.fob import Fob
from tests.hosttools.portal.walk.people import (
    ADAMS,
    ADAMS_TIMED,
    BAKER,
    DEVICES,
    Practice,
    Visitor,
)

ADD = "/admin/epcs/devices/add"
ACTIVE = "Token Status: Active"
CODES_REFUSED = "The codes were not accepted. Press the button, enter the code, wait until"
SERIAL_REFUSED = "This serial number can't be used."


@pytest.fixture
def fob(doctor: Visitor) -> Fob:
    """Return the doctor's fob, in the hand."""
    return doctor.fob(ADAMS)


def test_a_token_is_added(doctor: Visitor, fob: Fob) -> None:
    """The serial as people type it; on the list it is Active, and adding it again is nothing."""
    doctor.authenticate()
    doctor.reads("No token has been added yet.")
    doctor.follow("Add Token")
    doctor.reads("Submit only once")
    serial = fob.serial_on_the_back()
    doctor.fill("Serial Number", f" {serial[:4].lower()} {serial[4:8]}-{serial[8:]} ")
    doctor.fill_pair(fob.pair())
    doctor.press("Submit")
    doctor.is_at("Token synced")
    doctor.reads(ACTIVE, ADAMS)
    doctor.page.reload()
    doctor.reads(ACTIVE)
    doctor.follow(DEVICES, doctor.main)
    doctor.reads(f"{ADAMS} Active")
    doctor.add(ADAMS, fob.pair())
    doctor.is_told("This token has been added already.")


@pytest.mark.full
def test_a_time_token_is_added(doctor: Visitor) -> None:
    """By its codes of two time steps."""
    fob = doctor.fob(ADAMS_TIMED)
    doctor.authenticate()
    doctor.add(ADAMS_TIMED, fob.pair())
    doctor.reads(ACTIVE)


@pytest.mark.full
def test_what_can_be_wrong_with_it(doctor: Visitor, fob: Fob) -> None:
    """Each is told with what to do, and none harms: the next two codes are as good."""
    doctor.authenticate()
    one, two = fob.pair()
    doctor.add(ADAMS, (one, one))
    doctor.is_told("Both codes are the same. Wait until the token is dark")
    doctor.add(ADAMS, (two, one))
    doctor.is_told(CODES_REFUSED)
    doctor.add(ADAMS, ("123456", two))
    doctor.is_told(CODES_REFUSED)
    doctor.add(ADAMS, (one[:3], two))
    doctor.is_told("Enter the digits as the token shows them")
    told = []
    for serial in (BAKER, "GALH99999999", "nonsense!"):
        doctor.add(serial, (one, two))
        doctor.is_told(SERIAL_REFUSED)
        told.append(doctor.main.inner_text())
    assert {told[0]} == set(told)
    doctor.follow("Try again")
    doctor.is_at("Add Token")
    doctor.fill("Serial Number", ADAMS)
    doctor.follow("Cancel")
    doctor.is_at("Admin")
    doctor.add(ADAMS, fob.pair())
    doctor.reads(ACTIVE)


@pytest.mark.full
def test_a_second_click_while_it_syncs_does_no_harm(doctor: Visitor, fob: Fob) -> None:
    """The page says so and sends nothing more; the first submission goes on."""
    doctor.authenticate()
    doctor.open(ADD)
    doctor.fill("Serial Number", ADAMS)
    doctor.fill_pair(fob.pair())
    said = doctor.press_twice()
    assert "Submit only once: the first one is still under way, and goes on." in said
    doctor.reads(ACTIVE)


@pytest.mark.full
def test_a_second_submit_is_the_documented_error_and_does_no_harm(
    practice: Practice, doctor: Visitor, fob: Fob
) -> None:
    """Without scripts nobody stops a second click, and the server does."""
    plain = practice.somebody("dr.adams", java_script_enabled=False)
    plain.authenticate()
    held: list[Route] = []
    plain.page.route(
        f"**{ADD}",
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    plain.open(ADD)
    plain.fill("Serial Number", ADAMS)
    plain.fill_pair(fob.pair())
    button = plain.button("Submit")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None

    def submit(time: int) -> None:
        # By the mouse: Playwright's own click waits for what the first one is waiting for.
        plain.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        while len(held) < time:
            plain.page.wait_for_timeout(10)

    submit(1)
    held[0].fetch(max_redirects=0)  # it syncs, and the answer is on its way
    submit(2)
    with plain.page.expect_navigation():
        held[1].continue_()
    plain.is_at("Submitted twice")
    plain.reads("This form was submitted already. Submit it only once")
    plain.follow("See what came of it")
    plain.reads(ACTIVE)
    doctor.authenticate()
    doctor.reads(f"{ADAMS} Active")


@pytest.mark.full
def test_all_of_it_by_keyboard(doctor: Visitor, fob: Fob) -> None:
    """Add a token and sign with it, without a mouse, and the focus is seen at each stop."""
    doctor.compose("Mara Ivers", "demozepam-1")
    doctor.press("Ready to sign")
    doctor.authenticate()
    keys = doctor.page.keyboard

    def go_to(name: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            label, outline = doctor.page.evaluate(
                """() => { const on = document.activeElement;
                   return [on.labels?.[0]?.innerText || on.innerText,
                           getComputedStyle(on).outlineStyle]; }"""
            )
            if re.sub(r"\\s+", " ", label).strip().startswith(name):
                assert "solid" == outline, name
                return
        pytest.fail(f"no way to {name!r} with the tabulator")

    def enter() -> None:
        with doctor.page.expect_navigation():
            keys.press("Enter")

    go_to("Add Token")
    enter()
    one, two = fob.pair()
    for field, typed in [
        ("Serial Number", ADAMS),
        ("One-Time Password 1", one),
        ("One-Time Password 2", two),
    ]:
        go_to(field)
        keys.type(typed)
    enter()
    expect(doctor.page.locator("#problem")).to_be_focused()
    doctor.reads(ACTIVE)
    doctor.open("/ready")
    go_to("Demozepam")
    keys.press("Space")
    for field, typed in [("First factor", "S"), ("Password or PIN", "2468")]:
        go_to(field)
        keys.type(typed)
    go_to("One-Time Password")
    keys.type(fob.press())
    enter()
    doctor.is_at("Signed")
