# A script beside the pages, not a package.
# ruff: noqa: INP001
"""Photograph the practice portal for its guide: ``python docs/portal_shots.py``.

The people of the walk (``tests/hosttools/portal/walk``) go through the procedure on a clock that
stands still, and stop at every page; so the guide shows what the tests have seen. Codes,
spares and signatures are drawn anew each time. Playwright and Chromium come with the tests.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect
from shots import keep, still, whole

from tests.hosttools.portal.walk.fob import Fob
from tests.hosttools.portal.walk.looking import Looker
from tests.hosttools.portal.walk.people import ADAMS, DEVICES, Practice, Server, Visitor
from tests.page.chromium import CHROMIUM, running

TAB: Final[ViewportSize] = {"width": 860, "height": 600}
HAND: Final[ViewportSize] = {"width": 360, "height": 640}
WINDOW: Final[ViewportSize] = {"width": 1500, "height": 900}
OVER_PRESSED: Final = 30
PAST_ALL: Final = 130
"""Presses: more than the re-activation window of the policy after Exostar."""
POLICIES: Final[FloatRect] = {"x": 0, "y": 0, "width": 860, "height": 1800}
"""What is shown of the long page with policies and bugs."""


class Guide:
    """Somebody whose pages are photographed.

    Args:
        practice: whose pages.
        name: account.
        settings: of the browser, as of Playwright.
    """

    def __init__(self, practice: Practice, name: str = "", **settings: object) -> None:
        self.visitor: Visitor = practice.somebody(name, **({"viewport": TAB} | settings))

    def shoot(self, name: str, path: str = "") -> None:
        """Take a picture of where they are, or of a page that they open first."""
        if path:
            self.visitor.open(path)
        keep(f"portal-{name}", whole(self.visitor.page))


def shoot_login(practice: Practice) -> None:
    """Part 1: log in."""
    Guide(practice).shoot("login", "/login")
    Guide(practice, "clark").shoot("staff", "/admin/epcs/devices")
    Guide(practice, color_scheme="dark", viewport=HAND, has_touch=True).shoot("about", "/about")


def shoot_way(doctor: Guide) -> None:
    """Part 2: the way to device management."""
    doctor.shoot("patients", "/patients")
    doctor.shoot("compose", "/patients/mara-ivers/compose")
    doctor.shoot("admin", "/admin")
    doctor.shoot("epcs", "/admin/epcs")


def shoot_authenticate(doctor: Guide) -> None:
    """Part 3: authenticate, and the app."""
    visitor = doctor.visitor
    visitor.open("/admin/epcs/devices")
    visitor.send_code()
    doctor.shoot("authenticate")
    code = visitor.texted_code()
    visitor.fill("Code", "000000")
    visitor.press("Submit code")
    doctor.shoot("code-refused")
    visitor.fill("Code", code)
    visitor.press("Submit code")
    visitor.open("/admin/epcs/devices/app")
    visitor.press("Set up the authenticator app")
    doctor.shoot("app")
    visitor.press("Scan it with the practice phone")
    visitor.fill("Authenticator code", visitor.app_code())
    visitor.press("Confirm")
    doctor.shoot("phone", "/phone")


def shoot_add(doctor: Guide, fob: Fob) -> None:
    """Part 4: add a token."""
    visitor = doctor.visitor
    one, two = fob.pair()
    visitor.open("/admin/epcs/devices/add")
    visitor.fill("Serial Number", "galh 0000-0042")
    visitor.fill_pair((one, two))
    doctor.shoot("add")
    visitor.press("Submit")
    doctor.shoot("added")
    visitor.follow(DEVICES, visitor.main)
    doctor.shoot("devices")


def shoot_sign(doctor: Guide, fob: Fob) -> None:
    """Part 5: sign."""
    visitor = doctor.visitor
    for drug in ("demozepam-1", "samplodone-5"):
        visitor.compose("Mara Ivers", drug)
        visitor.press("Ready to sign")
    doctor.shoot("patient")
    visitor.open("/ready")
    for box in visitor.main.get_by_role("checkbox").all():
        box.check()
    visitor.fill_factors(fob.press())
    doctor.shoot("sign")
    visitor.press("Sign")
    doctor.shoot("signed")
    visitor.follow("Demozepam 1 mg, 20")
    doctor.shoot("record")


def shoot_out_of_sync(doctor: Guide, fob: Fob) -> None:
    """Part 6: out of sync, and back."""
    visitor = doctor.visitor
    visitor.compose("Otto Lund", "pretendol-50")
    visitor.press("Ready to sign")
    fob.pocket(OVER_PRESSED)
    visitor.sign(fob.press())
    doctor.shoot("out-of-sync")
    visitor.authenticate()
    visitor.follow(f"Resync Token {ADAMS}")
    doctor.shoot("resync")
    visitor.fill_pair(fob.pair())
    visitor.press("Submit")
    doctor.shoot("resynced")
    fob.pocket(PAST_ALL)
    visitor.log_in("dr.adams")
    visitor.resync(fob)
    doctor.shoot("outside")


def shoot_spare(doctor: Guide, fob: Fob) -> None:
    """Part 7: order a spare."""
    visitor = doctor.visitor
    doctor.shoot("order", "/admin/order")
    visitor.press("Continue to payment")
    visitor.tick("Declined")
    visitor.fill("Billing e-mail", "office@practice.example")
    visitor.fill("Billing zip code", "62704")
    visitor.press("Pay Now")
    doctor.shoot("pay")
    visitor.tick("Approved")
    visitor.fill("Billing e-mail", "office@practice.example")
    visitor.fill("Billing zip code", "62704")
    visitor.press("Pay Now")
    doctor.shoot("confirmation")
    fob.pass_time(days=10)
    visitor.log_in("dr.adams")
    doctor.shoot("orders", "/admin/orders")
    doctor.shoot("mailbox", "/mailbox")
    visitor.open(f"/admin/epcs/devices/{ADAMS}/deactivate")
    doctor.shoot("deactivate")


def shoot_support(practice: Practice) -> None:
    """Part 8: the support desk."""
    support = Guide(practice, "support")
    page = support.visitor.page
    support.shoot("support", "/support")
    support.visitor.open(f"/support/tokens/{ADAMS}")
    support.visitor.main.get_by_text("Reset", exact=True).click()
    support.shoot("token")
    support.shoot("people", "/support/people")
    support.shoot("person", "/support/people/dr.adams")
    support.visitor.open("/support/policy")
    keep("portal-policy", still(page, lambda: page.screenshot(full_page=True, clip=POLICIES)))
    support.visitor.open("/support/log")
    support.visitor.press("Verify the log")
    keep("portal-log", still(page, page.screenshot))


def use_exostar_like(practice: Practice) -> None:
    """Treat tokens much as Exostar does."""
    support = practice.somebody("support")
    support.open("/support/policy")
    support.tick("exostar-like")
    support.fill("Reason to change the policy", "pictures")
    support.press("Use this policy")


def shoot_window(practice: Practice) -> None:
    """Both in one window: the fob has just been pressed, and its code is to be typed."""
    visitor = practice.somebody("dr.adams", viewport=WINDOW)
    visitor.authenticate()
    page: Page = visitor.page
    page.goto("/side")
    fobs, portal = page.frame_locator("iframe").first, page.frame_locator("iframe").last
    fobs.get_by_role("button", name=f"Button of {ADAMS}").click()
    expect(fobs.locator(".glass").first).to_have_attribute("aria-label", re.compile("code lit"))
    portal.get_by_role("link", name="Admin", exact=True).click()
    portal.get_by_role("link", name="EPCS User Controls").click()
    portal.get_by_role("link", name=DEVICES).click()
    portal.get_by_role("link", name="Add Token").click()
    portal.get_by_label("Serial Number").fill(ADAMS)
    keep("portal-window", still(page, page.screenshot))


@contextlib.contextmanager
def practice_in(browser: Browser, folder: Path, name: str) -> Iterator[Practice]:
    """Serve a new practice."""
    with (
        Server(folder / f"{name}.db") as server,
        Practice(browser, server, Looker(views=())) as practice,
    ):
        yield practice


def shoot(browser: Browser, folder: Path) -> None:
    """Take all pictures."""
    with practice_in(browser, folder, "window") as practice:
        shoot_window(practice)
    with practice_in(browser, folder, "guide") as practice:
        use_exostar_like(practice)
        shoot_login(practice)
        doctor = Guide(practice, "dr.adams")
        fob = doctor.visitor.fob(ADAMS)
        shoot_way(doctor)
        shoot_authenticate(doctor)
        shoot_add(doctor, fob)
        shoot_sign(doctor, fob)
        shoot_out_of_sync(doctor, fob)
        shoot_spare(doctor, fob)
        shoot_support(practice)


def main() -> None:
    """Write every picture, unless there is no browser to take it with."""
    if not CHROMIUM.exists():
        print(f"{CHROMIUM} is not installed; the pictures of the portal stay as they are.")  # noqa: T201  # a script
        return
    with tempfile.TemporaryDirectory() as folder, running() as browser:
        shoot(browser, Path(folder))


if __name__ == "__main__":
    main()
