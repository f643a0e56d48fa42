"""A bench over HTTP: what ``galh serve --http`` offers, for Python.

Small on purpose: what the terminal view, tests and adapters need, of the API that
``/openapi.json`` describes. Trusts nothing that comes back. A press is sent under an
idempotency key, so that trying again after a lost connection never over-presses.
Needs httpx, which the extra ``web`` brings.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Self

from emulator.results import PressResult
from emulator.serverview import ServerView
from hosttools.benchanswers import (
    Answer,
    BenchState,
    Display,
    Event,
    Page,
    Token,
    Waited,
    as_mapping,
    mappings,
    read_bench_state,
    read_display,
    read_event,
    read_press,
    read_token,
    value,
    value_or_none,
)
from hosttools.benchwire import DEFAULT_TIMEOUT_S, DELAYS_S, Wire

if TYPE_CHECKING:
    import httpx

PRESSES_S: Final = 120.0
"""Host seconds after which the bench refuses to press several times."""


class BenchClient:
    """A bench at a URL. Belongs to one thread.

    Args:
        url: where it is, such as ``http://127.0.0.1:8080``.
        bearer: the bearer token that it asks for beyond loopback.
        timeout_s: how long an answer may take, beyond the time that is asked for.
        delays_s: how long to wait before each new try after a lost connection; only
            what can do no harm twice is tried again.
        transport: what carries the requests; ``None``: the network.
        sleep: waits so many host seconds.

    Raises:
        UsageError: no URL of a bench, or httpx is not installed.
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
    ) -> None:
        self.url = url.rstrip("/")
        self._wire = Wire(
            self.url,
            bearer=bearer,
            timeout_s=timeout_s,
            delays_s=delays_s,
            transport=transport,
            sleep=sleep,
        )

    def __repr__(self) -> str:
        return f"<BenchClient {self.url}>"

    def close(self) -> None:
        """Close its connections."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Each raises UsageError for what the bench says can't be, BusyError for what can't be
    # now, StateError for what it can't keep, and BenchError if nothing sensible comes back.

    def bench(self) -> BenchState:
        """Return how the bench stands."""
        with self._wire.reading("bench"):
            return read_bench_state(self._wire.get("/bench"))

    def tokens(self, *, search: str = "", limit: int = 50, after: str | None = None) -> Page:
        """Return tokens by serial number, a page at a time.

        Args:
            search: what their serial numbers have in them.
            limit: at most so many.
            after: only those after this serial number.
        """
        params: dict[str, str | int] = {"limit": limit}
        params |= {"search": search} if search else {}
        params |= {"after": after} if after is not None else {}
        with self._wire.reading("tokens"):
            data = self._wire.get("/tokens", params)
            return Page(
                tuple(read_token(one) for one in mappings(data, "tokens")),
                value(data, "matched", int),
                value_or_none(data, "next", str),
            )

    def token(self, serial: str) -> Token:
        """Return all that is told of a token."""
        with self._wire.reading("a token"):
            return read_token(self._wire.get(_path(serial)))

    def display(self, serial: str) -> Display:
        """Return what a token shows."""
        with self._wire.reading("a display"):
            return read_display(self._wire.get(_path(serial, "/display")))

    def press(
        self, serial: str, *, times: int = 1, hold_s: float = 0.1, key: str | None = None
    ) -> tuple[PressResult, ...]:
        """Press the button and let go, and again once it is dark.

        Args:
            serial: which token.
            times: how many presses that give a code.
            hold_s: how long each is held, to the millisecond.
            key: idempotency key; ``None``: a new one. After a lost connection the same
                request is sent again with the same key, and presses no more than once.

        Returns:
            What became of each; the last one may be refused.
        """
        body = {"action": "press-and-release", "hold_ms": round(hold_s * 1000), "times": times}
        data = self._wire.send(
            "POST",
            _path(serial, "/button"),
            body,
            headers={"Idempotency-Key": key or uuid.uuid4().hex},
            again=True,
            extra_s=hold_s if times == 1 else PRESSES_S,
        )
        with self._wire.reading("presses"):
            return tuple(read_press(one) for one in mappings(data, "presses"))

    def down(self, serial: str) -> Display:
        """Close the button's contact; it stays so."""
        return self._edge(serial, "press")

    def up(self, serial: str) -> Display:
        """Open it."""
        return self._edge(serial, "release")

    def _edge(self, serial: str, action: str) -> Display:
        # Twice is once: it is down, or up, already.
        data = self._wire.send("POST", _path(serial, "/button"), {"action": action}, again=True)
        with self._wire.reading("a display"):
            return read_display(value(data, "display", dict))

    def set_counter(self, serial: str, counter: int) -> None:
        """Set the next counter of an event token."""
        self._wire.send("PUT", _path(serial, "/counter"), {"next": counter}, again=True)

    def temperature(self, serial: str) -> float:
        """Return how warm it is around a token, °C."""
        with self._wire.reading("an environment"):
            return float(self._wire.get(_path(serial, "/environment"))["temperature_c"])

    def change(
        self,
        serial: str,
        *,
        temperature_c: float | None = None,
        crystal_ppm: float | None = None,
    ) -> None:
        """Change what is round a token and what it is made of; ``None``: as it is."""
        body = {"temperature_c": temperature_c, "crystal_ppm": crystal_ppm}
        self._wire.send("PATCH", _path(serial, "/environment"), body, again=True)

    def inject(self, serial: str, fault: str) -> None:
        """Arm a fault of a token, an inline table as in a fault file."""
        self._wire.send("POST", _path(serial, "/faults"), {"fault": fault})

    def set_rate(self, rate: float) -> None:
        """Let bench time run so many times as fast as the host's; 0: only when told."""
        self._wire.send("PUT", "/clock", {"rate": rate}, again=True)

    def advance(self, seconds: float) -> None:
        """Let bench time pass at once; a real clock refuses."""
        self._wire.send("POST", "/clock/advance", {"seconds": seconds})

    def advance_until_idle(self, limit_s: float = 3600.0) -> None:
        """Let bench time pass until nothing is lit, pressed or waited for."""
        self._wire.send("POST", "/clock/advance-until-idle", {"limit_s": limit_s})

    def wait(
        self,
        serial: str,
        until: str,
        *,
        after: int | None = None,
        timeout_s: float = 30.0,
        patience_s: float = 0.0,
        host_s: float | None = None,
    ) -> Waited:
        """Wait for something to happen to a token.

        Args:
            serial: which token.
            until: ``lit``, ``dark``, or the kind of a record.
            after: count only what is recorded after this number.
            timeout_s: seconds of bench time.
            patience_s: seconds of the host to wait then for somebody else to do it.
            host_s: what ``timeout_s`` takes on the bench's clock, seconds of the host;
                ``None``: as long on both.
        """
        body = {
            "serial": serial,
            "until": until,
            "after": after,
            "timeout_s": timeout_s,
            "patience_s": patience_s,
        }
        extra_s = (timeout_s if host_s is None else host_s) + patience_s
        data = self._wire.send("POST", "/wait", body, extra_s=extra_s)
        with self._wire.reading("a wait"):
            record = data["record"]
            return Waited(
                value(data, "met", bool),
                None if record is None else read_event(as_mapping(record)),
                read_display(value(data, "display", dict)),
                value(data, "sequence", int),
            )

    def journal(
        self,
        after: int = 0,
        *,
        limit: int = 100,
        serials: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> tuple[tuple[Event, ...], int]:
        """Return records of the journal and the cursor behind them.

        Args:
            after: the number of the last record that is known.
            limit: at most so many.
            serials: only of these tokens; empty: of all.
            kinds: only of these kinds; empty: of all.
        """
        params = {"after": after, "limit": limit, "serial": list(serials), "kind": list(kinds)}
        with self._wire.reading("the journal"):
            data = self._wire.get("/journal", params)
            found = tuple(read_event(one) for one in mappings(data, "records"))
            return found, value(data, "next", int)

    def events(self, after: int | None = None, *, serials: Sequence[str] = ()) -> Iterator[Event]:
        """Yield what happens, as it happens, without end.

        A lost connection is made anew from the last record on, so that none is missed
        and none comes twice; what can't be made up for is told as a ``gap``.

        Args:
            after: begin after this record; ``None``: with what happens from now on.
            serials: only of these tokens; empty: of all.

        Raises:
            BenchError: the bench stays away, or does not answer as a bench does.
        """
        return self._wire.events(after, serials)

    def submit(self, serial: str, verb: str, *codes: str) -> Answer:
        """Hand codes to the attached server.

        Args:
            serial: of which token.
            verb: ``verify`` with one code, ``sync`` or ``resync`` with two.
            codes: the codes.
        """
        path = _path(serial, "/submissions")
        data = self._wire.send("POST", path, {"verb": verb, "codes": list(codes)})
        with self._wire.reading("a verdict"):
            return Answer(
                value(data, "accepted", bool), value(data, "kind", str), value(data, "message", str)
            )

    def report(
        self,
        serial: str,
        *,
        server: str,
        verb: str,
        accepted: bool,
        reason: str = "",
        factor: int | None = None,
    ) -> None:
        """Tell the bench what a server of your own said to codes, without the codes.

        Args:
            serial: of which token.
            server: its name.
            verb: what was asked of it.
            accepted: whether it took the codes.
            reason: what it said.
            factor: counter or step of the first code, if it tells.
        """
        body = {"server": server, "verb": verb, "accepted": accepted, "reason": reason}
        self._wire.send("POST", _path(serial, "/submissions/report"), body | {"factor": factor})

    def push_view(self, serial: str, view: ServerView) -> None:
        """Tell the bench what a server of your own believes of a token."""
        self._wire.send("PUT", _path(serial, "/server"), view.to_mapping(), again=True)


def _path(serial: str, rest: str = "") -> str:
    # A serial number has letters and digits only; what else is typed must not change the path.
    return f"/tokens/{re.sub('[^A-Za-z0-9]', '', serial).upper() or '-'}{rest}"
