"""Somebody with a browser that knows no scripts: opens pages, fills in their forms, reads."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import httpx

from hosttools.portal.practice import PEOPLE

BASE: Final = "http://localhost"
SECRET_HEX: Final = b"12345678901234567890".hex()
SERIAL: Final = "GALH00004226"
CODES: Final = (
    "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
    "520489",
)  # fmt: skip
"""Of RFC 4226, appendix D: what a token of that secret shows, press by press."""


@dataclass
class Form:
    """A form of a page: where it goes, and what is in it already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._hidden = 0
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "form" and found.get("method") == "post":
            self.forms.append(Form(found.get("action", self._path)))
        if self.forms and "name" in found:
            self.forms[-1].names.add(found["name"])
            kept = found.get("type") == "hidden" or "checked" in found
            if tag == "input" and kept:
                self.forms[-1].fields[found["name"]] = found.get("value", "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class Seen:
    """A page as it was seen."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.path = answer.url.path
        self.headers = answer.headers
        self.html = answer.text
        reader = _Reader(self.path)
        reader.feed(answer.text)
        self.forms, self.ids, self.links = reader.forms, reader.ids, reader.links
        self.text = re.sub(r"\s+", " ", " ".join(reader.words))

    def form(self, action: str = "") -> Form:
        """Return the form that goes somewhere; without a place, that of the page itself."""
        wanted = action or self.path
        found = [form for form in self.forms if form.action == wanted]
        assert found, f"no form to {wanted}; there are {[form.action for form in self.forms]}"
        return found[0]


class Surfer:
    """Somebody at a browser of their own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def open(self, path: str) -> Seen:
        """Open a page, wherever it leads."""
        return Seen(await self.client.get(path))

    async def send(self, page: Seen, action: str = "", **typed: str | list[str]) -> Seen:
        """Fill in a form of a page and send it."""
        form = page.form(action)
        return Seen(await self.client.post(form.action, data={**form.fields, **typed}))

    async def log_in(self, name: str) -> Seen:
        """Log in as somebody of the practice."""
        password = next(p.password for p in PEOPLE if p.account.name == name)
        return await self.send(await self.open("/login"), name=name, password=password)

    async def texted_code(self) -> str:
        """Return the newest code that the practice phone got."""
        page = await self.open("/phone")
        codes: list[str] = re.findall(r"code is ((?:[0-9] ?){6})", page.text)
        return codes[-1].replace(" ", "")

    async def authenticate(self) -> Seen:
        """Open device management by a text."""
        page = await self.open("/admin/epcs/devices")
        page = await self.send(page, "/admin/epcs/devices/authenticate/send", channel="sms")
        return await self.send(
            page, "/admin/epcs/devices/authenticate", code=await self.texted_code()
        )

    async def add(self, serial: str, code1: str, code2: str) -> Seen:
        """Submit the add form."""
        page = await self.open("/admin/epcs/devices/add")
        return await self.send(page, serial=serial, code1=code1, code2=code2)
