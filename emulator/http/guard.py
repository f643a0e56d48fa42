"""Who gets in, and with how much: every request passes here before anything else.

A page of another origin must not get in through a browser on this machine.
``Host`` has to be one of our names, which stops DNS rebinding; ``Origin``, where a browser
sends one, has to be our own, for reading too; there are no CORS headers, ever.

Written as bare ASGI, as it is on the way of every press.
"""

import asyncio
import functools
import hashlib
import hmac
import logging
from collections.abc import Iterable
from typing import Final, Protocol

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.http.house import House
from emulator.http.limits import SHUT_DOWN, Rate
from emulator.http.problems import Problem, problem_response
from emulator.loopback import is_loopback

HEADERS: Final = (
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
"""Of every answer."""

# The page has no inline script or style, and asks nobody else for anything.
_POLICY: Final = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "


@functools.cache
def document_headers(framers: frozenset[str]) -> tuple[tuple[bytes, bytes], ...]:
    """Return headers of what a browser could show or run, unless it says otherwise itself.

    JSON is neither, and is asked for most.

    Args:
        framers: origins whose pages may show it in a frame, besides its own if there are any.
    """
    around = " ".join(["'self'", *sorted(framers)]) if framers else "'none'"
    headers = (
        (b"content-security-policy", f"{_POLICY}{around}".encode()),
        (b"referrer-policy", b"no-referrer"),
    )
    return headers if framers else (*headers, (b"x-frame-options", b"DENY"))


ONCE: Final = (b"host", b"origin", b"authorization", b"content-length", b"idempotency-key")
"""Headers of which two would leave open which one counts."""

JSON_TYPES: Final = (b"application/json", b"application/problem+json")

NO_STORE: Final = (b"cache-control", b"no-store")
"""Of every answer that doesn't say something else: a code may be in it."""

OPEN_PATHS: Final = frozenset({"/", "/healthz", "/favicon.ico"})
OPEN_FOLDER: Final = "/page/"
"""What needs no bearer token: that the process lives, and the page, which asks for it."""

_log = logging.getLogger(__name__)


class Counts(Protocol):
    """What is told of every request that was answered."""

    def answered(self, scope: Scope, status: int) -> None:
        """Count one."""


class Guard:
    """Lets in what may come in.

    Args:
        app: what is behind it.
        house: whose names, bearer token and limits count.
        metrics: told of every answer; ``None``: nobody is.
        rate: how fast clients may come; ``None``: as the limits say.
    """

    def __init__(
        self, app: ASGIApp, *, house: House, metrics: Counts | None = None, rate: Rate | None = None
    ) -> None:
        self._app = app
        self._house = house
        self._metrics = metrics
        self._bearer = None if house.bearer is None else _digest(house.bearer.encode())
        self._rate = rate if rate is not None else Rate(house.limits)
        self._limits = house.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return  # nothing else is served: no websockets, and no lifespan of its own
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _careful(message.get("headers", ()), self._house.framers)
            await send(message)

        try:
            length = self._admit(scope)
            bounded = receive if length is not None else self._bound(receive)
            await self._app(scope, bounded, answer)
        except Problem as e:
            await _refuse(e, scope, receive, answer)
        except ClientDisconnect:
            pass  # it left in the middle of its request: nobody is there to be answered
        except asyncio.CancelledError:
            if not self._house.seats.closed:
                raise
            # It takes longer than the end waits.
            if not status:
                await _refuse(Problem(503, SHUT_DOWN), scope, receive, answer)
        except Exception:
            # What was asked may be in it, but no body and no code ever is.
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if status:
                raise  # too late for another answer: the server cuts the connection
            failed = Problem(500, "this request failed in here; the log says how")
            await _refuse(failed, scope, receive, answer)
        finally:
            if self._metrics is not None:
                self._metrics.answered(scope, status)

    def _admit(self, scope: Scope) -> int | None:
        """Check a request's head.

        Returns:
            The length of its body; ``None`` if it doesn't say.

        Raises:
            Problem: it may not come in.
        """
        head: dict[bytes, bytes | None] = dict.fromkeys(ONCE)
        chunked = False
        for name, value in scope["headers"]:
            if name in head:
                if head[name] is not None:
                    raise Problem(400, f"two {name.decode()} headers; one is allowed")
                head[name] = value
            elif name == b"transfer-encoding":
                chunked = True
        self._check_rate(scope)
        host = _text(head[b"host"])
        self._check_host(host)
        if head[b"origin"] is not None:
            _check_origin(_text(head[b"origin"]), host)
        if self._bearer is not None and not _is_open(scope["path"]):
            self._check_bearer(head[b"authorization"])
        return self._check_length(head[b"content-length"], chunked=chunked)

    def _check_rate(self, scope: Scope) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        if not self._limits.rate_on_loopback and is_loopback(address):
            return
        wait_s = self._rate.spend(address)
        if wait_s:
            raise Problem(
                429,
                f"more than {self._limits.burst} requests at once and"
                f" {self._limits.rate_per_s:g} in a second from {address}; wait {wait_s:.3g} s",
                headers={"Retry-After": str(int(wait_s) + 1)},
            )

    def _check_host(self, host: str) -> None:
        name = host_name(host)
        if name not in self._house.hosts and not is_loopback(name):
            allowed = ", ".join(["localhost", *sorted(self._house.hosts)])
            raise Problem(
                421,
                f"nothing here is called {name!r}; it answers to {allowed}. Use one of these,"
                " or serve with this host allowed",
                kind="host",
            )

    def _check_bearer(self, authorization: bytes | None) -> None:
        scheme, _, given = (authorization or b"").partition(b" ")
        if scheme.lower() != b"bearer" or not given:
            challenge, detail = "Bearer", "a bearer token is needed: Authorization: Bearer …"
        elif not hmac.compare_digest(_digest(given.strip()), self._bearer or b""):
            challenge, detail = 'Bearer error="invalid_token"', "this is not the bearer token"
        else:
            return
        raise Problem(401, detail, kind="bearer", headers={"WWW-Authenticate": challenge})

    def _check_length(self, given: bytes | None, *, chunked: bool) -> int | None:
        if given is None:
            return None if chunked else 0
        if not given.isdigit() or len(given) > 18:  # noqa: PLR2004  # digits of a 64-bit number
            raise Problem(400, "Content-Length is not a whole number")
        length = int(given)
        if length > self._limits.body_bytes:
            raise self._too_large()
        # A server of HTTP holds clients to it; whoever calls the application directly
        # may say less than comes.
        return None

    def _bound(self, receive: Receive) -> Receive:
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limits.body_bytes:
                raise self._too_large()
            return message

        return bounded

    def _too_large(self) -> Problem:
        return Problem(
            413,
            f"a body of more than {self._limits.body_bytes} bytes; send less",
            headers={"Connection": "close"},  # nobody reads the rest
        )


def host_name(host: str) -> str:
    """Return the name in a ``Host`` header: without port, brackets and upper case.

    >>> host_name("LocalHost:8080"), host_name("[::1]:8080"), host_name("::1")
    ('localhost', '::1', '::1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    name, _, port = host.rpartition(":")
    return (name if name and ":" not in name and port.isdigit() else host).lower()


def _check_origin(origin: str, host: str) -> None:
    scheme, _, place = origin.partition("://")
    # The scheme may differ from ours behind a proxy that adds TLS; the port may not.
    if scheme not in {"http", "https"} or place.lower() != host.lower():
        raise Problem(
            403,
            "a page of another origin may not come in; open the one of this address itself",
            kind="origin",
        )


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER)


def _digest(secret: bytes) -> bytes:
    # Of one length, so that comparing takes the same time whatever was given.
    return hashlib.sha256(secret).digest()


def _text(value: bytes | None) -> str:
    return (value or b"").decode("latin-1")


def _careful(
    headers: Iterable[tuple[bytes, bytes]], framers: frozenset[str]
) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers, and those that keep browsers from mistakes."""
    careful = [*headers, *HEADERS]
    names = dict(careful)
    if names.get(b"content-type") not in JSON_TYPES:
        careful += [(name, value) for name, value in document_headers(framers) if name not in names]
    if b"cache-control" not in names:
        careful.append(NO_STORE)
    return careful


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    response = problem_response(
        problem.status_code,
        problem.detail,
        scope["path"],
        kind=problem.kind,
        headers=problem.headers,
    )
    await response(scope, receive, send)
