"""Three HTTP servers that the project has no adapter for, on loopback, made for these tests.

They check codes with the token model's own HOTP: what is under test is the adapter.
"""

import base64
import html
import json
import re
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import pytest

from firmware_model.oath import Key, Secret, hotp
from hosttools.servers import Server
from hosttools.servers.http import open_server

LOCK_AFTER = 3
PASSWORD = "s3cret&more"


@dataclass
class Account:
    """An event token on one of the servers."""

    key: Key
    digits: int = 6
    counter: int = 0
    failures: int = 0
    last: str | None = None

    def check(self, *codes: str, window: int = 10) -> str:
        """Return ok, wrong, used or locked."""
        if self.failures >= LOCK_AFTER:
            return "locked"
        if codes == (self.last,):
            return "used"
        for start in range(self.counter, self.counter + window + 1):
            if list(codes) == [hotp(self.key, start + n, self.digits) for n in range(len(codes))]:
                self.counter, self.failures, self.last = start + len(codes), 0, codes[-1]
                return "ok"
        self.failures += 1
        return "wrong"


@dataclass
class Site:
    """What a server knows, and what it was asked."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    clock: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    """What the three have in common."""

    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer every method by ``respond``, one at a time."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        url = urlsplit(self.path)
        with self.site.lock:
            self.site.asked.append((self.command, self.path))
            self.respond(url.path, body)

    do_POST = do_GET  # noqa: N815  # the handler's names
    do_PUT = do_GET  # noqa: N815  # likewise
    do_PATCH = do_GET  # noqa: N815  # likewise
    do_DELETE = do_GET  # noqa: N815  # likewise

    def respond(self, path: str, body: str) -> None:
        """Answer one request."""
        raise NotImplementedError

    def say(self, status: int, text: str, kind: str = "text/plain", **headers: str) -> None:
        """Send an answer."""
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)


class JsonApi(Handler):
    """Says everything in JSON; tokens have numbers of its own."""

    def respond(self, path: str, body: str) -> None:
        """Answer one request."""
        if self.headers["Authorization"] != "Bearer let-me-in":
            self.tell(403, message="who are you?")
            return
        data = json.loads(body) if body else {}
        match self.command, path.removeprefix("/api").strip("/").split("/"):
            case "POST", ["tokens"]:
                number = str(len(self.site.accounts) + 17)
                raw = base64.b32decode(data["secret"] + "=" * (-len(data["secret"]) % 8))
                account = Account(Key(Secret(raw)), data["digits"], data["counter"])
                self.site.accounts[number] = account
                self.tell(201, token={"id": int(number), "serial": data["serial"]})
            case "PUT", ["clock"]:
                self.site.clock = data["now"]
                self.tell(204)
            case method, ["tokens", number, *rest] if number in self.site.accounts:
                self.of_token(method, number, rest, data)
            case _:
                self.tell(404, message="not found")

    def of_token(self, method: str, number: str, rest: list[str], data: dict[str, Any]) -> None:
        """Answer what is about one token."""
        account = self.site.accounts[number]
        match method, rest:
            case "POST", ["verify"]:
                result = account.check(data["code"])
                status = {"locked": 423}.get(result, 200)
                self.tell(status, result=result, message=f"{result}: {data['code']}")
            case "POST", ["resync"]:
                self.tell(200 if account.check(*data["codes"], window=100) == "ok" else 400)
            case "PATCH", []:
                account.failures = 0
                self.tell(200)
            case "DELETE", []:
                del self.site.accounts[number]
                self.tell(204)

    def tell(self, status: int, **content: object) -> None:
        """Send JSON; nothing with a status that has no content."""
        self.say(status, "" if status == 204 else json.dumps(content), "application/json")


class LoginForm(Handler):
    """Pages for people: password first, a session cookie, a CSRF field in every form."""

    def respond(self, path: str, body: str) -> None:
        """Answer one request."""
        cookie = SimpleCookie(self.headers.get("Cookie", ""))
        name = cookie["sid"].value if "sid" in cookie else secrets.token_hex(8)
        session = self.site.sessions.setdefault(name, {})
        form = {key: values[0] for key, values in parse_qs(body).items()}
        if self.command == "POST" and form.get("csrf_token") != session.pop("csrf", None):
            self.say(403, "forged")
            return
        answers: dict[tuple[str, str], Callable[[], None]] = {
            ("GET", "/login"): lambda: self.form(session, name, "user password"),
            ("POST", "/login"): lambda: self.password(session, name, form),
            ("GET", "/otp"): lambda: self.form(session, name, "otp"),
            ("POST", "/otp"): lambda: self.otp(session, name, form),
        }
        answers.get((self.command, path), lambda: self.say(404, "no such page"))()

    def form(self, session: dict[str, str], name: str, inputs: str, error: str = "") -> None:
        """Send a page with a form."""
        session["csrf"] = secrets.token_urlsafe(24) + '"&<'
        fields = "".join(f'<input name="{each}">' for each in inputs.split())
        page = (
            f'<p class="error">{error}</p><form method="post"><input type="hidden"'
            f' name="csrf_token" value="{html.escape(session["csrf"])}">{fields}</form>'
        )
        self.say(200, page, "text/html; charset=utf-8", Set_Cookie=f"sid={name}; Path=/; HttpOnly")

    def password(self, session: dict[str, str], name: str, form: dict[str, str]) -> None:
        """Take a user's name and password."""
        if form.get("user") not in self.site.accounts or form.get("password") != PASSWORD:
            self.form(session, name, "user password", "wrong password")
            return
        session["user"] = form["user"]
        self.say(302, "", Location="/otp")

    def otp(self, session: dict[str, str], name: str, form: dict[str, str]) -> None:
        """Take a code."""
        match self.site.accounts[session["user"]].check(form.get("otp", "")):
            case "ok":
                self.say(302, "", Location="/home")
            case "locked":
                self.say(200, "<p>Your account is locked</p>", "text/html")
            case _:
                self.form(session, name, "otp", f"Wrong code {html.escape(form['otp'])}")


class Realm(Handler):
    """An identity provider's token endpoint."""

    def respond(self, path: str, body: str) -> None:
        """Answer one request."""
        client = base64.b64encode(b"otp-test:client secret").decode()
        if self.headers["Authorization"] != f"Basic {client}":
            self.say(401, "unauthorized_client")
            return
        form = {key: values[0] for key, values in parse_qs(body).items()}
        if path != "/realms/test/protocol/openid-connect/token" or form["password"] != PASSWORD:
            self.say(404, "no such realm")
            return
        account = self.site.accounts.get(form["username"])
        match "wrong" if account is None else account.check(form.get("totp", "")):
            case "ok":
                self.say(200, '{"access_token": "abc"}')
            case "locked":
                self.say(400, "Account TEMPORARILY disabled")
            case _:
                self.say(401, "Invalid user credentials")


class Listener(ThreadingHTTPServer):
    """A server whose clients may leave in the middle of an answer."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


class Serve(Protocol):
    """Serves one of the three."""

    def __call__(self, handler: type[Handler], tls: ssl.SSLContext | None = None) -> Site:
        """Serve it on a free port, over TLS if there is a context."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that serves one of the three on a free port."""
    with ExitStack() as stack:

        def make(handler: type[Handler], tls: ssl.SSLContext | None = None) -> Site:
            site = Site()
            own = type(handler.__name__, (handler,), {"site": site})
            server = Listener(("127.0.0.1", 0), own)
            if tls is not None:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            site.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
            return site

        yield make


@pytest.fixture
def documented(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes an example of docs/servers.md, for a server's own URL."""
    page = (Path(__file__).parents[4] / "docs" / "servers.md").read_text(encoding="utf-8")

    def write(name: str, url: str) -> Path:
        found = re.search(rf"`{name}`:\n\n```toml\n(.*?)```", page, re.DOTALL)
        assert found is not None
        assert "http://127.0.0.1:8000" in found[1]
        file = tmp_path / name
        file.write_text(found[1].replace("http://127.0.0.1:8000", url), encoding="utf-8")
        return file

    return write


@pytest.fixture
def sites() -> dict[str, type[Handler]]:
    """Return the three by the name of the example that drives them."""
    return {"acme": JsonApi, "portal": LoginForm, "realm": Realm}


@pytest.fixture
def drive(
    serve: Serve,
    documented: Callable[[str, str], Path],
    sites: dict[str, type[Handler]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Callable[[str], tuple[Site, Server]]]:
    """Return a function that serves one of the three and opens it by its example.

    Alice has a token there, with the secret of RFC 4226, but in the first, which enrols.
    """
    monkeypatch.setenv("ACME_TOKEN", "let-me-in")
    monkeypatch.setenv("ALICE_PASSWORD", PASSWORD)
    (tmp_path / "client-secret.txt").write_text("client secret\n", encoding="utf-8")
    with ExitStack() as stack:

        def make(name: str) -> tuple[Site, Server]:
            site = serve(sites[name])
            if name != "acme":
                site.accounts["alice"] = Account(Key(Secret(b"12345678901234567890")))
            file = documented(f"{name}.toml", site.url)
            return site, stack.enter_context(open_server(str(file)))

        yield make
