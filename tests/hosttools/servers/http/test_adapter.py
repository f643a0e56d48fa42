"""The HTTP adapter drives servers that nobody wrote one for, from TOML alone."""

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

import pytest

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import SECOND, TokenType
from hosttools.servers import Enrolment, Outcome, Server, ServerError
from hosttools.servers.described.tables import DescriptionError, Table
from hosttools.servers.http import open_server
from hosttools.servers.http.adapter import HttpServer
from hosttools.servers.http.description import read_description

SERIAL = "GALH12345678"
SECRET = Secret(b"12345678901234567890")
KEY = Key(SECRET)
TOKEN = Enrolment(serial=SERIAL, token_type=TokenType.EVENT, secret=SECRET)

VERIFY = """
[verify]
path = "/"
accepted = {status = 200}
otherwise = "refused"
"""


class Sited(Protocol):
    """Where a server is."""

    url: str


class Sayer(Protocol):
    """What answers one request."""

    def say(self, status: int, text: str, kind: str = ..., **headers: str) -> None:
        """Send an answer."""


Serve = Callable[[type[Any]], Any]
Drive = Callable[[str], tuple[Any, Server]]


def code(counter: int) -> str:
    """Return a code of the token."""
    return hotp(KEY, counter)


def described(site: Sited, text: str, folder: Path = Path(), **clocks: Callable[[], int]) -> Server:
    """Open a server at a site's URL by what more a description says."""
    toml = f'server.url = "{site.url}"\n{text}'.encode()
    return HttpServer(read_description(Table.of_text(toml, "test.toml"), folder, "test"), **clocks)


@pytest.fixture
def acme(drive: Drive) -> tuple[Any, Server]:
    """Return the JSON API, and the server that its example opens."""
    return drive("acme")


@pytest.fixture
def portal(drive: Drive) -> tuple[Any, Server]:
    """Return the login form, and the server that its example opens."""
    return drive("portal")


@pytest.fixture
def realm(drive: Drive) -> tuple[Any, Server]:
    """Return the identity provider, and the server that its example opens."""
    return drive("realm")


def outcomes(server: Server, *codes: str) -> list[Outcome]:
    """Return what a server makes of codes, one after the other."""
    return [server.verify(SERIAL, each).outcome for each in codes]


@pytest.mark.parametrize(
    "typed", ["1&admin=1", "../../x", "12\r\nX: y", "ä ۱۲", "%00", "", "{code}"]
)
def test_values_are_no_syntax(acme: tuple[Any, Server], typed: str) -> None:
    """Whatever is typed arrives as it was, in JSON as in a form or a path."""
    site, server = acme
    server.enrol(TOKEN)
    assert Outcome.REFUSED is server.verify(SERIAL, typed).outcome
    echo = """
        [verify]
        path = "/api/x/{code}/y"
        query = {a = "{code}"}
        form = {b = "{code}"}
        accepted = {status = 403}
        otherwise = "refused"
    """
    with described(site, echo) as other:
        assert other.verify(SERIAL, typed).accepted
    path, _, query = site.asked[-1][1].partition("?")
    first, second, third, shown, last = path.split("/")
    assert ("", "api", "x", "y") == (first, second, third, last)
    assert (typed, [("a", typed)]) == (unquote(shown), parse_qsl(query, keep_blank_values=True))


def test_value_that_no_header_can_carry(realm: tuple[Any, Server]) -> None:
    """A line end in a header is never sent, and the error doesn't repeat it."""
    site, _ = realm
    asked = len(site.asked)
    text = """
        [verify]
        path = "/"
        headers = {X-Code = "{code}"}
        accepted = {status = 200}
        otherwise = "refused"
    """
    with described(site, text) as server:
        for typed in ("123456\r\nX: y", "ä123456", "\ud800123456"):
            with pytest.raises(ServerError) as caught:
                server.verify(SERIAL, typed)
            assert "123456" not in str(caught.value)
    assert asked == len(site.asked)


def test_session(realm: tuple[Any, Server]) -> None:
    """A session is begun before all else, shared, and begun anew when its time is over."""
    site, _ = realm
    now = [0]
    text = """
        server.session_s = 60
        [session]
        path = "/log-in"
        expect = {status = 401}
        extract = {word = {regex = "(unauth[a-z]*)"}}
        [verify]
        path = "/{word}"
        accepted = {status = 401}
        otherwise = "refused"
    """
    asked = len(site.asked)
    with described(site, text, running_ns=lambda: now[0]) as server:
        outcomes(server, "1", "2")
        now[0] = 60 * SECOND
        outcomes(server, "3")
    paths = [path for _, path in site.asked[asked:]]
    assert ["/log-in", "/unauthorized", "/unauthorized", "/log-in", "/unauthorized"] == paths


def test_times_and_nonce(realm: tuple[Any, Server]) -> None:
    """Placeholders tell the host's time, in several forms, and never the same nonce."""
    site, _ = realm
    text = """
        [verify]
        path = "/{now_s}/{now_ms}/{now_iso}/{nonce}"
        accepted = {status = 401}
        otherwise = "refused"
    """
    with described(site, text, host_ns=lambda: 1_700_000_000_123_000_000) as server:
        outcomes(server, "1", "2")
    (one, other) = ([*map(unquote, path.split("/"))] for _, path in site.asked[-2:])
    assert ["1700000000", "1700000000123", "2023-11-14T22:13:20Z"] == one[1:4]
    assert one[4] != other[4]


@pytest.mark.parametrize("said", ["next 7 locked true", "next 7 locked maybe", "next -1", "none"])
def test_view(serve: Serve, sites: dict[str, type], said: str) -> None:
    """What a server believes is read from text too, and is an error if it can't be."""

    def respond(handler: Sayer, _path: str, _body: str) -> None:
        handler.say(200, said)

    text = """
        [view]
        path = "/"
        extract = {next_counter = {regex = "next ([0-9-]+)"}, locked = {regex = "locked (.*)"}}
    """
    site = serve(type("Telling", (sites["realm"],), {"respond": respond}))
    with described(site, VERIFY + text) as server:
        if said == "next 7 locked true":
            view = server.view(SERIAL)
            assert (7, True) == (view.next_counter, view.locked)
        else:
            with pytest.raises(ServerError, match="test: view: "):
                server.view(SERIAL)


def test_xml(serve: Serve, sites: dict[str, type]) -> None:
    """What is typed is no markup in XML."""
    bodies = []

    def respond(handler: Sayer, _path: str, body: str) -> None:
        bodies.append(body)
        handler.say(200, "")

    text = """
        [verify]
        path = "/"
        xml = "<c v='{code}'>{code}</c>"
        accepted = {status = 200}
        otherwise = "refused"
    """
    site = serve(type("Soap", (sites["realm"],), {"respond": respond}))
    with described(site, text) as server:
        assert server.verify(SERIAL, "<a>&'").accepted
    assert ["<c v='&lt;a&gt;&amp;&#x27;'>&lt;a&gt;&amp;&#x27;</c>"] == bodies


def test_unknown_answer_is_told(realm: tuple[Any, Server]) -> None:
    """An answer that no rule knows is an error which shows it, without codes."""
    site, _ = realm
    text = """
        [verify]
        path = "/"
        accepted = {status = 200}
        refused = {status = 400}
    """
    with (
        described(site, text) as server,
        pytest.raises(ServerError, match="with 401: unauthorized_client"),
    ):
        server.verify(SERIAL, code(0))


def test_accepted_and_refused_at_once(realm: tuple[Any, Server]) -> None:
    """A description by which an answer is both yes and no takes neither."""
    site, _ = realm
    text = """
        [verify]
        path = "/"
        accepted = {status = 401}
        refused = {contains = "unauthorized"}
    """
    with (
        described(site, text) as server,
        pytest.raises(ServerError, match="both accepted and refused"),
    ):
        server.verify(SERIAL, code(0))


@pytest.mark.parametrize(("follow", "expected"), [("true", 404), ("false", 302)])
def test_redirects(portal: tuple[Any, Server], follow: str, expected: int) -> None:
    """Redirects are followed only if the description says so."""
    site, _ = portal
    text = f"""
        [tokens.{SERIAL}]
        user = "alice"
        [[verify]]
        path = "/login"
        extract = {{csrf = {{field = "csrf_token"}}}}
        [[verify]]
        path = "/login"
        form = {{csrf_token = "{{csrf}}", user = "{{user}}", password = "s3cret&more"}}
        [[verify]]
        path = "/otp"
        extract = {{csrf = {{field = "csrf_token"}}}}
        [[verify]]
        path = "/otp"
        form = {{csrf_token = "{{csrf}}", otp = "{{code}}"}}
        redirects = {follow}
        accepted = {{status = {expected}}}
        otherwise = "refused"
    """
    with described(site, text) as server:
        assert server.verify(SERIAL, code(0)).accepted


def test_redirect_elsewhere(serve: Serve, sites: dict[str, type]) -> None:
    """A redirect to another server is an error: nobody authorised that one."""

    def respond(handler: Sayer, _path: str, _body: str) -> None:
        handler.say(302, "", Location="http://elsewhere.example/steal")

    site = serve(type("Sly", (sites["realm"],), {"respond": respond}))
    text = """
        [verify]
        path = "/"
        redirects = true
        accepted = {status = 200}
        otherwise = "refused"
    """
    with (
        described(site, text) as server,
        pytest.raises(ServerError, match=r"redirect to another server, elsewhere\.example"),
    ):
        server.verify(SERIAL, code(0))


def test_fault_of_the_server_is_no_refusal(serve: Serve, sites: dict[str, type]) -> None:
    """A status of 500 is an error, whatever all other answers are taken for."""

    def respond(handler: Sayer, _path: str, _body: str) -> None:
        handler.say(500, "oops")

    site = serve(type("Broken", (sites["realm"],), {"respond": respond}))
    with described(site, VERIFY) as server, pytest.raises(ServerError, match="with 500: oops"):
        server.verify(SERIAL, code(0))


def test_huge_answer(serve: Serve, sites: dict[str, type]) -> None:
    """An answer without an end is given up."""

    def respond(handler: Sayer, _path: str, _body: str) -> None:
        with suppress(OSError):
            handler.say(200, "x" * (2 << 20))

    site = serve(type("Huge", (sites["realm"],), {"respond": respond}))
    with (
        described(site, VERIFY) as server,
        pytest.raises(ServerError, match="more than 1048576 bytes"),
    ):
        server.verify(SERIAL, code(0))


def test_nobody_there() -> None:
    """A server that isn't there is an error that says where it was looked for."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        site = SimpleNamespace(url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with (
            described(site, VERIFY) as server,
            pytest.raises(ServerError, match="can't be reached"),
        ):
            server.verify(SERIAL, code(0))


@pytest.mark.parametrize(
    "url", ["ftp://x", "x", "http://", "http://a:b@c", "http://a?b", "http://[", ""]
)
def test_urls_that_are_none(url: str) -> None:
    """An address that can't be is refused when the server is opened, and not repeated."""
    with pytest.raises(DescriptionError, match=r"server\.url") as caught:
        described(SimpleNamespace(url=url), VERIFY)
    assert "a:b" not in str(caught.value)


def test_secret_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password whose variable is not set is missed before anything is sent."""
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(DescriptionError, match="NOT_SET is not set"):
        described(SimpleNamespace(url="http://x"), 'auth.bearer = {env = "NOT_SET"}\n' + VERIFY)


def test_bearer_that_no_header_can_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bearer token with a line end in it is refused, unseen."""
    monkeypatch.setenv("BEARER", "two\nlines")
    with pytest.raises(DescriptionError, match="no header can carry"):
        described(SimpleNamespace(url="http://x"), 'auth.bearer = {env = "BEARER"}\n' + VERIFY)


def test_certificate_that_is_none(tmp_path: Path) -> None:
    """A file that holds no certificate is told by name."""
    (tmp_path / "ca.pem").write_text("no PEM", encoding="utf-8")
    with pytest.raises(DescriptionError, match=r"ca\.pem can't be used"):
        described(SimpleNamespace(url="https://x"), 'tls.ca_file = "ca.pem"\n' + VERIFY, tmp_path)


def test_no_file() -> None:
    """Without a file the error says how it is given."""
    with pytest.raises(DescriptionError, match=r"give http:FILE\.toml"):
        open_server("")
