"""Requests to a bench, or to a reference server, and what becomes of them: tries, errors, streams.

What the answers mean is not known here. Needs httpx, which the extra ``web`` brings.
"""

import functools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emulator.errors import UsageError as ViewError
from emulator.loopback import is_loopback
from hosttools.benchanswers import BenchError, Event, as_mapping, value
from hosttools.errors import BusyError, HostError, StateError, UsageError
from hosttools.eventstream import Cursor, parse_sse

if TYPE_CHECKING:
    import httpx

DEFAULT_TIMEOUT_S: Final = 10.0
DELAYS_S: Final = (0.1, 0.3, 1.0, 3.0)
"""How long to wait before each new try after a lost connection; our default."""

SILENCE_S: Final = 60.0
"""Host seconds after which a stream of events that says nothing is given up: four heartbeats."""

NO_BENCH: Final = (ValueError, KeyError, TypeError, OverflowError, RecursionError, ViewError)
"""What reading raises of what no bench answers."""

_API: Final = "/api/v1"
_LONGEST_DETAIL: Final = 600
_KEY_BUSY: Final = "urn:galh:key-busy"
_STATE: Final = "urn:galh:state"
_USAGE: Final = frozenset({400, 401, 403, 404, 409, 413, 415, 421, 422})
_BUSY: Final = frozenset({"urn:galh:busy", _KEY_BUSY})
_COME_BACK: Final = frozenset({429, 503})


class Peer(NamedTuple):
    """Who is at the other end, in words for people.

    Attributes:
        what: what it is.
        command: what starts one and prints its address.
    """

    what: str
    command: str


BENCH: Final = Peer("a bench", "galh serve --http")


class Wire:
    """The way to a bench, or to something that answers like one.

    Requests may be sent by several threads at a time. Arguments as of ``BenchClient``, and
    ``peer``, who is at the other end.
    """

    def __init__(
        self,
        url: str,
        *,
        bearer: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        delays_s: Sequence[float] = DELAYS_S,
        transport: "httpx.BaseTransport | None" = None,
        sleep: Callable[[float], None] = time.sleep,
        peer: Peer = BENCH,
    ) -> None:
        self._peer = peer
        self._httpx = import_httpx(f"{peer.what} over HTTP")
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._delays_s = tuple(delays_s)
        self._sleep = sleep
        try:
            place = self._httpx.URL(self.url)
        except self._httpx.InvalidURL as e:
            raise _no_url(url, peer) from e
        if place.scheme not in {"http", "https"} or not place.host or place.userinfo:
            raise _no_url(url, peer)
        self._client = self._httpx.Client(
            base_url=place,
            headers={} if bearer is None else {"Authorization": f"Bearer {bearer}"},
            timeout=timeout_s,
            transport=transport,
            trust_env=not is_loopback(place.host),  # a proxy has other loopbacks than we
        )

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Ask for something, see :meth:`send`."""
        return self.send("GET", path, params=params, again=True)

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
        extra_s: float = 0.0,
    ) -> Mapping[str, Any]:
        """Send a request and return its answer, which is an object; see :meth:`fetch`."""
        answer = self.fetch(
            method, path, body, params=params, headers=headers, again=again, extra_s=extra_s
        )
        with self.reading("an answer"):
            return as_mapping(answer)

    def fetch(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
        extra_s: float = 0.0,
    ) -> Any:  # noqa: ANN401  # JSON may be anything
        """Send a request and return its answer, whatever JSON it is.

        Args:
            method: HTTP's.
            path: below the API's.
            body: to be sent as JSON.
            params: of the query.
            headers: more of them.
            again: whether sending it twice does no harm.
            extra_s: how much longer than usual the answer may take.

        Raises:
            UsageError: the bench says that it can't be.
            BusyError: it can't be now.
            StateError: it can't be kept.
            BenchError: nothing sensible comes back.
        """
        if self._client.is_closed:
            raise BenchError(f"the connection to {self.url} was closed; open a new one")
        send = functools.partial(
            self._client.request,
            method,
            f"{_API}{path}",
            json=body,
            params=params,
            headers=headers,
            timeout=self._timeout_s + extra_s,
        )
        delays = iter(self._delays_s if again else ())
        lost = False
        while True:
            try:
                response = send()
            except ValueError as e:
                raise UsageError(f"JSON can't carry that: {e}") from e
            except self._httpx.TransportError as e:
                delay = next(delays, None)
                if delay is None:
                    raise BenchError(f"no answer from {self.url}: {_said(e)}") from e
                lost = True
            except self._httpx.RequestError as e:  # such as a body that can't be decoded
                raise BenchError(f"{self._odd()}: {_said(e)}") from e
            else:
                if response.is_success:
                    with self.reading("an answer"):
                        return response.json() if response.content else {}
                error = self.refusal(response)
                # The first of our own requests may still be at work after its connection is lost.
                mine = lost and isinstance(error, BusyError)
                delay = next(delays, None) if mine else None
                if delay is None:
                    raise error
            self._sleep(delay)

    def refusal(self, response: "httpx.Response") -> HostError:
        """Return the error that a response is; a subclass may know more of them."""
        try:
            problem = as_mapping(json.loads(response.content))
            detail, kind = value(problem, "detail", str), value(problem, "type", str)
        except NO_BENCH:
            return BenchError(
                f"{self.url} answers {response.status_code} and not as {self._peer.what} does;"
                f" is it the address that {self._peer.command} printed?"
            )
        # What a server says may be anything: no control characters, and no code.
        told = re.sub(
            r"[^ -~\u00a0-\uffff]", "?", re.sub(r"(?<!\w)\d{6,8}(?!\w)", "######", detail)
        )
        told = told[:_LONGEST_DETAIL]
        if kind in _BUSY or response.status_code in _COME_BACK:
            return BusyError(told)
        if kind == _STATE:
            return StateError(told)
        if response.status_code in _USAGE:
            return UsageError(told)
        return BenchError(f"{self.url} failed: {told}")

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Turn what reading an answer raises into an error that says what is wrong."""
        try:
            yield
        except NO_BENCH as e:
            # What came may hold a code: it is not quoted.
            raise BenchError(f"{self._odd()}: {what} that can't be ({type(e).__name__})") from None

    def _odd(self) -> str:
        return f"{self.url} doesn't answer as {self._peer.what} does"

    def events(self, after: int | None, serials: Sequence[str]) -> Iterator[Event]:
        """Yield what happens, without end, over lost connections, see ``BenchClient.events``."""
        cursor = Cursor(after)
        tries = 0
        while True:
            lost: Exception | None = None
            try:
                for event in self._connected(cursor, serials):
                    tries = 0
                    if event is not None:
                        yield event
            except self._httpx.TransportError as e:
                lost = e
            if tries >= len(self._delays_s):
                raise BenchError(f"the events of {self.url} have ended: {_said(lost)}") from lost
            self._sleep(self._delays_s[tries])
            tries += 1

    def _connected(self, cursor: Cursor, serials: Sequence[str]) -> Iterator[Event | None]:
        """Yield the events of one connection; ``None``: a sign of life."""
        known = {} if cursor.sequence is None else {"Last-Event-ID": str(cursor.sequence)}
        with self._client.stream(
            "GET",
            f"{_API}/events",
            params={"serial": list(serials)},
            headers=known,
            timeout=self._httpx.Timeout(self._timeout_s, read=SILENCE_S),
        ) as response:
            if response.status_code in _COME_BACK:
                return
            if not response.is_success:
                response.read()
                raise self.refusal(response)
            with self.reading("events"):
                for message in parse_sse(response.iter_bytes()):
                    event = cursor.take(message)
                    if cursor.restarted and not self._kept():
                        yield cursor.gap(0)  # its numbers begin anew
                        return
                    yield event

    def _kept(self) -> bool:
        """Whether the bench's journal goes on over its restarts."""
        with self.reading("capabilities"):
            return value(self.get("/capabilities"), "state", bool)


def import_httpx(what: str) -> Any:  # noqa: ANN401  # a module has no type of its own
    """Return httpx.

    Raises:
        UsageError: it is not installed; ``what`` needs it.
    """
    try:
        import httpx  # noqa: PLC0415  # of the extra web, and slow
    except ImportError:
        raise UsageError(f"{what} needs httpx; pip install 'galh-emulator[web]'") from None
    return httpx


def _no_url(url: str, peer: Peer) -> UsageError:
    shown = re.sub(r"//[^/@]*@", "//…@", url)[:200]
    return UsageError(
        f"{shown!r} is no URL of {peer.what}; one looks like http://127.0.0.1:8080, as"
        f" {peer.command} prints it; a bearer token is given apart from it"
    )


def _said(error: Exception | None) -> str:
    return "it closed the connection" if error is None else str(error) or type(error).__name__
