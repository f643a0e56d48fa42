"""The practice with its people at their browsers, a fob's page in another tab.

All of it is the real thing: ``galh portal serve --fobs`` in a process of its own, and Chromium.
The clock stands still unless somebody moves it on the fobs' page, so nothing waits.
"""

import re
from pathlib import Path
from typing import Any, Final, Self

import httpx
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
)

from hosttools.cli.main import run
from hosttools.portal.practice import PEOPLE, PIN
from hosttools.testing import BACKSTOP_S, Serving
from tests.hosttools.portal.walk.fob import Fob
from tests.hosttools.portal.walk.looking import DESK, Looker

START: Final = "manual:2026-01-05T08:00:00Z"
"""A Monday; the year's first holiday is past."""

ADAMS: Final = "GALH00000042"
"""The fob of dr.adams, not added yet."""
ADAMS_TIMED: Final = "GALT00000042"
"""The same, a time token."""
BAKER: Final = "GALH12345678"
"""The fob of dr.baker, active from the start."""
NOVAK: Final = "GALH20140711"

PASSWORDS: Final = {person.account.name: person.password for person in PEOPLE}
DEVICES: Final = "EPCS Device Management"
_CODE: Final = re.compile(r"code is ((?:[0-9] ?)+)")
_TWICE: Final = """() => {
    const button = document.querySelector("form[data-once] button.primary");
    button.click();
    button.click();
    return button.closest("form").textContent;
}"""
_HTTP: Final = "Failed to load resource"
"""How Chromium tells that a page came with an error's status, as it is to."""


class Server:
    """``galh portal serve --fobs``, and how it was in the beginning, for many tests.

    Args:
        db: its database, which is made.
    """

    def __init__(self, db: Path) -> None:
        here = (
            "--http",
            "127.0.0.1:0",
            "--fobs",
            "127.0.0.1:0",
            "--clock",
            START,
            "--sync-time",
            "0",
        )
        self.db = db
        self.served = Serving("--db", db, *here, command="portal")
        self.fobs: str = self.served.ready["fobs"]
        self._bench = httpx.Client(base_url=f"{self.fobs}/api/v1", timeout=BACKSTOP_S)
        tokens = self._bench.get("tokens").json()["tokens"]
        self._counters = {
            token["serial"]: self._bench.get(f"tokens/{token['serial']}").json()["counter"]["next"]
            for token in tokens
            if token["type"] == "event"
        }

    def begin_anew(self) -> None:
        """Have the practice as it was; the fobs are put back to where they were, too."""
        assert 0 == run(["portal", "reset", "--yes", "--db", str(self.db)])
        self._bench.post("clock/advance-until-idle", json={"limit_s": 3600}).raise_for_status()
        for serial, counter in self._counters.items():
            put = self._bench.put(f"tokens/{serial}/counter", json={"next": counter})
            put.raise_for_status()

    def close(self) -> None:
        """End it."""
        self._bench.close()
        self.served.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Practice:
    """A practice in which nobody has done anything yet.

    Args:
        browser: whose windows the people have.
        server: where it is.
        looker: looks at every page that somebody comes to.

    Attributes:
        complaints: what a browser complained of, and requests to anybody else.
    """

    def __init__(self, browser: Browser, server: Server, looker: Looker) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.looker = looker
        self.portal = server.served.http
        self.fobs = server.fobs
        self.complaints: list[str] = []

    def somebody(self, name: str = "", **settings: Any) -> "Visitor":  # noqa: ANN401  # Playwright's own
        """Return somebody at a browser of their own, logged in if there is a name."""
        usual = {"viewport": DESK, "color_scheme": "light", "reduced_motion": "reduce"}
        context = self._browser.new_context(base_url=self.portal, **(usual | settings))
        self._contexts.append(context)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._hear)
        context.on("request", self._follow)
        visitor = Visitor(self, context, looks=settings.get("java_script_enabled", True))
        if name:
            visitor.log_in(name)
        return visitor

    def close(self) -> None:
        """Close the windows."""
        for context in self._contexts:
            context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(_HTTP):
            self.complaints.append(said.text)

    def _follow(self, request: Request) -> None:
        if not request.url.startswith((self.portal, self.fobs)):
            self.complaints.append(f"asked for {request.url}")


class Visitor:
    """Somebody at the portal's pages, who finds what is there by what it is called.

    Args:
        practice: whose.
        context: the browser's.
        looks: whether pages are looked at, which takes scripts.
    """

    def __init__(self, practice: Practice, context: BrowserContext, *, looks: bool = True) -> None:
        self._practice = practice
        self._looks = looks
        self._context = context
        self.page = context.new_page()
        self._phone: Page | None = None

    @property
    def main(self) -> Locator:
        """The page without what is around it."""
        return self.page.get_by_role("main")

    @property
    def path(self) -> str:
        """Where the page is."""
        return self.page.url.removeprefix(self._practice.portal)

    def open(self, path: str) -> None:
        """Go to a page by its address."""
        self.page.goto(path)
        self.look()

    def follow(self, name: str, within: Locator | None = None) -> None:
        """Follow a link of this name."""
        link = (within or self.page).get_by_role("link", name=name, exact=True)
        self.page.bring_to_front()  # a click in a tab behind another takes seconds
        with self.page.expect_navigation():
            link.first.click()
        self.look()

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press the button whose name begins like this, which sends its form."""
        self.page.bring_to_front()
        with self.page.expect_navigation():
            self.button(name, within).click()
        self.look()

    def press_twice(self) -> str:
        """Press the button of a form that goes once twice, as people do; return what is said."""
        with self.page.expect_navigation():
            said: str = self.page.evaluate(_TWICE)
        self.look()
        return said

    def button(self, name: str, within: Locator | None = None) -> Locator:
        """Return the button whose name begins like this."""
        return (within or self.main).get_by_role("button", name=re.compile(f"^{re.escape(name)}"))

    def fill(self, label: str, text: str, within: Locator | None = None) -> None:
        """Type into a field."""
        (within or self.main).get_by_label(label, exact=True).fill(text)

    def pick(self, label: str, choice: str, within: Locator | None = None) -> None:
        """Pick one of a list."""
        (within or self.main).get_by_label(label, exact=True).select_option(choice)

    def tick(self, label: str) -> None:
        """Tick the one of several choices whose label begins like this."""
        self.main.get_by_role("radio", name=re.compile(f"^{re.escape(label)}")).check()

    def look(self, page: Page | None = None) -> None:
        """Look at the page, or one in another tab, as everybody may see it."""
        if self._looks:
            self._practice.looker.look(page or self.page)

    def is_at(self, heading: str) -> None:
        """Assert which page it is."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def reads(self, *texts: str) -> None:
        """Assert that this stands on the page."""
        for text in texts:
            expect(self.main).to_contain_text(text)

    def reads_not(self, *texts: str) -> None:
        """Assert that this does not."""
        for text in texts:
            expect(self.main).not_to_contain_text(text)

    def is_told(self, text: str) -> None:
        """Assert what went wrong, which is read first."""
        alert = self.page.get_by_role("alert")
        expect(alert).to_contain_text(text)
        expect(alert).to_be_focused()

    def log_in(self, name: str, password: str = "") -> None:
        """Log in, with the password that the page shows."""
        self.open("/login")
        self.fill("User name", name)
        self.fill("Password", password or PASSWORDS[name])
        self.press("Log in")

    def log_out(self) -> None:
        """Log out."""
        self.press("Log out", self.page.get_by_role("banner"))

    def go_to_devices(self) -> None:
        """Take the procedure's way from the patients to device management."""
        self.open("/patients")
        self.follow("Mara Ivers")
        self.follow("Compose Rx", self.main)
        self.follow("Admin")
        self.follow("EPCS User Controls")
        self.follow(DEVICES)

    def texted_code(self) -> str:
        """Return the newest code that the practice phone got."""
        said = self.phone().locator("#texts li").last.inner_text()
        found = _CODE.search(said)
        assert found is not None, said
        return found[1].replace(" ", "")

    def app_code(self) -> str:
        """Return what the authenticator app on the practice phone shows."""
        return self.phone().locator(".code-now").inner_text()

    def phone(self) -> Page:
        """Return the practice phone as it is now, in another tab."""
        if self._phone is None:
            self._phone = self._context.new_page()
        self._phone.goto("/phone")
        self.look(self._phone)
        return self._phone

    def send_code(self, channel: str = "Text message (SMS)") -> None:
        """Have a code sent to the phone."""
        self.tick(channel)
        self.press("Send code")

    def authenticate(self) -> None:
        """Open device management by a text, and be there."""
        self.open("/admin/epcs/devices")
        if self.path.endswith("/authenticate"):
            self.send_code()
            self.fill("Code", self.texted_code())
            self.press("Submit code")
        self.is_at(DEVICES)

    def fob(self, serial: str) -> Fob:
        """Return a fob, on its page in another tab."""
        page = self._context.new_page()
        page.goto(f"{self._practice.fobs}/#{serial}")
        expect(page.locator("#connection")).to_have_text("live")
        return Fob(page, serial)

    def fill_pair(self, codes: tuple[str, str]) -> None:
        """Type two codes into the add or the resync form."""
        for number, code in enumerate(codes, 1):
            self.fill(f"One-Time Password {number}", code)

    def add(self, serial: str, codes: tuple[str, str]) -> None:
        """Fill in the add form, and submit it."""
        self.open("/admin/epcs/devices/add")
        self.fill("Serial Number", serial)
        self.fill_pair(codes)
        self.press("Submit")

    def resync(self, fob: Fob) -> None:
        """Authenticate, and resync a token by its next two codes."""
        self.authenticate()
        self.follow(f"Resync Token {fob.serial}")
        self.fill_pair(fob.pair())
        self.press("Submit")

    def compose(self, patient: str, drug: str, **other: str) -> None:
        """Write a prescription, from the list of the patients."""
        self.open("/patients")
        self.follow(f"Compose Rx for {patient}")
        self.fill_draft(drug, **other)
        self.press("Save")

    def fill_draft(
        self,
        drug: str,
        *,
        quantity: str = "20",
        directions: str = "One at night",
        refills: str = "0",
    ) -> None:
        """Fill in what is prescribed."""
        self.pick("Drug", drug)
        self.fill("Quantity", quantity)
        self.fill("Directions", directions)
        self.fill("Refills", refills)

    def fill_factors(
        self,
        code: str,
        secret: str = PIN,
        known: str = "Signing PIN",
        within: Locator | None = None,
    ) -> None:
        """Fill in both factors."""
        self.pick("First factor", known, within)
        self.fill("Password or PIN", secret, within)
        self.fill("One-Time Password", code, within)

    def sign(self, code: str, *drugs: str, secret: str = PIN, known: str = "Signing PIN") -> None:
        """Sign what is ready of one patient: the named drugs, or all."""
        self.open("/ready")
        for box in self.main.get_by_role("checkbox").all():
            label = self.main.locator(f"label[for='{box.get_attribute('id')}']").inner_text()
            if not drugs or any(drug in label for drug in drugs):
                box.check()
        self.fill_factors(code, secret, known)
        self.press("Sign")
