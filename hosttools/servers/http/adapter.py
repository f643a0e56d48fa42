"""Drives an HTTP server by its description. Needs httpx, which the extra ``web`` brings.

Each time that a verb is asked for, cookies begin as the session left them, so that one
holder's log-in is not the next one's. Nothing is sent anywhere but to the server's own
URL; no proxy is used. No error repeats what was sent.
"""

import contextlib
import html
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx

from hosttools.servers.described.placeholders import Value
from hosttools.servers.described.replies import Reply
from hosttools.servers.described.server import DescribedServer, Send
from hosttools.servers.described.tables import DescriptionError
from hosttools.servers.described.verbs import SESSION
from hosttools.servers.http.description import (
    Basic,
    Bearer,
    Description,
    Pairs,
    Request,
    Tls,
    fill_tree,
)
from hosttools.servers.seam import ServerError, clean

LARGEST: Final = 1 << 20
"""Bytes of an answer that are looked at; one with more is an error."""

_MOST_REDIRECTS: Final = 10
_FAULT: Final = 500  # from here on the server says that it is at fault itself


class HttpServer(DescribedServer[Request]):
    """An HTTP server.

    Args:
        description: how to drive it.
        clocks: as of :class:`DescribedServer`.

    Raises:
        DescriptionError: an address, a secret or a certificate that can't be.
    """

    def __init__(self, description: Description, **clocks: Any) -> None:  # noqa: ANN401  # passed on
        super().__init__(description.common, description.verbs, **clocks)
        self._url = _url(description)
        self.host = self._url.host
        self._timeout_s = description.common.timeout_s
        self._auth = _auth(description)
        self._cookies = httpx.Cookies()
        self._transport = httpx.HTTPTransport(verify=_tls(description.tls), trust_env=False)

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()

    @contextlib.contextmanager
    def _sending(self, verb: str) -> Iterator[Send[Request]]:
        begin = httpx.Cookies() if verb == SESSION else self._cookies
        # Never closed: that would close the transport, which is everybody's.
        client = httpx.Client(
            transport=self._transport,
            base_url=self._url,
            cookies=begin,
            timeout=self._timeout_s,
            trust_env=False,
        )

        def send(step: Request, values: Mapping[str, Value]) -> Reply:
            return self._send(client, step, values)

        yield send
        if verb == SESSION:
            self._cookies = client.cookies

    def _send(self, client: httpx.Client, step: Request, values: Mapping[str, Value]) -> Reply:
        try:
            request = _request(client, step, values)
        except (UnicodeError, httpx.InvalidURL):
            raise self._error(step, "a value in it can't be sent there") from None
        auth = self._auth if step.auth else None
        try:
            for _ in range(_MOST_REDIRECTS):
                if not _same_server(request.url, self._url):
                    raise self._error(step, f"a redirect to another server, {request.url.host}")
                response = client.send(request, auth=auth, stream=True)
                with contextlib.closing(response):
                    text = self._text(step, response)
                follow = response.next_request if step.redirects else None
                if follow is None:
                    return _reply(response, text, client.cookies)
                request = follow
        except httpx.TimeoutException:
            raise self._error(step, f"no answer within {self._timeout_s:g} s") from None
        except httpx.ConnectError as e:
            raise self._error(step, f"{self._url} can't be reached: {clean(str(e))}") from None
        except httpx.RequestError as e:
            # Its words may repeat a header with a code in it.
            raise self._error(step, f"no exchange of HTTP came about: {type(e).__name__}") from None
        raise self._error(step, f"more than {_MOST_REDIRECTS} redirects")

    def _text(self, step: Request, response: httpx.Response) -> str:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LARGEST:
                raise self._error(step, f"an answer of more than {LARGEST} bytes")
        try:
            return body.decode(response.charset_encoding or "utf-8", errors="replace")
        except LookupError:
            return body.decode(errors="replace")

    def _error(self, step: Request, what: str) -> ServerError:
        return ServerError(f"{self.name}: {step.where}: {what}")


def _request(client: httpx.Client, step: Request, values: Mapping[str, Value]) -> httpx.Request:
    headers = _filled(step.headers, values)
    body: dict[str, Any] = {}
    kind = ""
    if step.json is not None:
        body["json"] = fill_tree(step.json, values)
    elif step.form is not None:
        body["content"] = urlencode(_filled(step.form, values))
        kind = "application/x-www-form-urlencoded"
    elif step.xml is not None:
        body["content"] = step.xml.fill(values, html.escape)
        kind = "text/xml; charset=utf-8"
    if "content" in body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    return client.build_request(
        step.method,
        step.path.fill(values, _in_path) + _query(step, values),
        headers=headers,
        **body,
    )


def _filled(pairs: Pairs, values: Mapping[str, Value]) -> list[tuple[str, str]]:
    return [(name, template.fill(values)) for name, template in pairs]


def _query(step: Request, values: Mapping[str, Value]) -> str:
    return f"?{urlencode(_filled(step.query, values))}" if step.query else ""


def _in_path(value: str) -> str:
    return quote(value, safe="").replace(".", "%2E")  # two dots would be the folder above


def _reply(response: httpx.Response, text: str, cookies: httpx.Cookies) -> Reply:
    return Reply(
        status=response.status_code,
        text=text,
        headers={name.lower(): value for name, value in response.headers.items()},
        cookies={cookie.name: cookie.value or "" for cookie in cookies.jar},
        broken=response.status_code >= _FAULT,
    )


def _same_server(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _url(description: Description) -> httpx.URL:
    text = description.url.read()
    try:
        urlsplit(text)  # looks closer at brackets
        url = httpx.URL(text)
    except (ValueError, httpx.InvalidURL):
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query:
        raise DescriptionError(
            f"server {description.common.name}: server.url is no URL of a server; one looks like"
            " https://otp.example.org/app, without user, password, ? and #"
        )
    return url


def _auth(description: Description) -> httpx.Auth | None:
    match description.auth:
        case Basic(user, password):
            return httpx.BasicAuth(user.read(), password.read())
        case Bearer(token):
            return _BearerAuth(token.read())
        case _:
            return None


class _BearerAuth(httpx.Auth):
    """Shows a token with every request."""

    def __init__(self, token: str) -> None:
        if not (token.isascii() and token.isprintable()):
            raise DescriptionError(
                "a bearer token that no header can carry; check where it is from"
            )
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]  # nothing is sent back
        request.headers["Authorization"] = self._header
        yield request


def _tls(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.certificate:
            context.load_cert_chain(tls.certificate, tls.key)
    except (OSError, ValueError) as e:  # SSLError is an OSError
        files = " or ".join(str(p) for p in (tls.ca_file, tls.certificate, tls.key) if p)
        reason = getattr(e, "strerror", None) or getattr(e, "reason", None) or "no PEM"
        raise DescriptionError(f"tls: {files} can't be used: {reason}") from None
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
