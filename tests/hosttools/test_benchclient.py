"""The client of a bench over HTTP: against a real one, and against what no bench should do."""

import contextlib
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import RealClock
from emulator.serverview import ServerView
from firmware_model.profile import TokenType
from hosttools.benchanswers import (
    BenchError,
    Event,
    read_bench_state,
    read_display,
    read_event,
    read_press,
    read_token,
)
from hosttools.benchclient import BenchClient
from hosttools.benchwire import DELAYS_S, NO_BENCH
from hosttools.cases import replay
from hosttools.errors import BusyError, HostError, StateError, UsageError
from hosttools.eventstream import Cursor, Message, parse_sse

EVENT, TIME = "GALH12345678", "GALT00000042"
Serve = Callable[..., Any]
Handler = Callable[[httpx.Request], httpx.Response]


class Lossy(httpx.HTTPTransport):
    """A network that carries requests and loses the first answers."""

    def __init__(self, lost: int) -> None:
        super().__init__()
        self.lost = lost

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request, and perhaps lose its answer."""
        response = super().handle_request(request)
        if self.lost:
            self.lost -= 1
            response.read()
            response.close()
            raise httpx.ReadError("lost", request=request)
        return response


@pytest.fixture
def client(serve: Serve) -> Iterator[BenchClient]:
    """Return a client of a bench with an event token and a time token."""
    with BenchClient(serve(EVENT, TIME).url) as made:
        yield made


def _double(handler: Handler, **settings: Any) -> BenchClient:  # noqa: ANN401  # BenchClient's
    settings.setdefault("sleep", lambda _: None)
    return BenchClient("http://127.0.0.1:1", transport=httpx.MockTransport(handler), **settings)


# Against a bench.


def test_bench(client: BenchClient) -> None:
    """The bench says how it stands."""
    bench = client.bench()

    assert (2, "manual", 0.0, True) == (bench.tokens, bench.mode, bench.rate, bench.virtual)


def test_token(client: BenchClient) -> None:
    """A token is told with its LCD, its counter and what the server believes; typed in any way."""
    token = client.token("galh 1234-5678")

    assert (EVENT, "GALH", TokenType.EVENT, 0) == (
        token.serial,
        token.profile,
        token.token_type,
        token.position(0),
    )
    assert isinstance(token.view, ServerView)
    assert (6, False) == (len(token.display.lcd.digits), token.display.lcd.lit)


def test_time_token_position(client: BenchClient) -> None:
    """A time token's side of the gauge is what its clock is ahead of the bench's, in steps."""
    assert 0 == client.token(TIME).position(client.bench().now_ns)


def test_pages(client: BenchClient) -> None:
    """Tokens come a page at a time, and can be searched for."""
    first = client.tokens(limit=1)
    second = client.tokens(limit=1, after=first.next)

    assert ([EVENT], 2) == ([token.serial for token in first.tokens], first.matched)
    assert ([TIME], None) == ([token.serial for token in second.tokens], second.next)
    assert [TIME] == [token.serial for token in client.tokens(search="galt").tokens]


def test_press_while_lit(client: BenchClient) -> None:
    """A press answers with its code, one while lit with the reason; neither shows in a repr."""
    (lit,), (refused,) = client.press(EVENT), client.press(EVENT)

    assert (None, "lit") == (lit.refused, refused.refused)
    assert lit.code == client.display(EVENT).lcd.text
    assert lit.code not in repr([lit, refused, client.token(EVENT), client.display(EVENT)])


def test_press_many(client: BenchClient) -> None:
    """Several presses wait until it is dark in between."""
    assert [0, 1, 2] == [result.factor for result in client.press(EVENT, times=3)]


def test_lost_answer_does_not_over_press(serve: Serve) -> None:
    """A press whose answers get lost is asked for again, and was made once."""
    served = serve(EVENT)
    with BenchClient(served.url, transport=Lossy(2), sleep=lambda _: None) as client:
        (result,) = client.press(EVENT)
        token = client.token(EVENT)

    assert (0, 1) == (result.factor, token.next_counter)


def test_hold(client: BenchClient) -> None:
    """The button goes down and stays down until it is let go."""
    client.down(EVENT)
    held = client.token(EVENT).pressed
    client.up(EVENT)

    assert (True, False) == (held, client.token(EVENT).pressed)


def test_clock(client: BenchClient) -> None:
    """Time is advanced, and its rate set."""
    before = client.bench().now_ns
    client.advance(30)
    client.press(EVENT)
    client.advance_until_idle()
    after = client.bench().now_ns
    client.set_rate(60)

    assert after - before > 60_000_000_000
    assert ("scaled", 60.0) == (client.bench().mode, client.bench().rate)


def test_wait(client: BenchClient) -> None:
    """A wait returns when it is so, and says if it won't be."""
    client.press(EVENT)
    dark = client.wait(EVENT, "dark")
    never = client.wait(EVENT, "lit", timeout_s=1)

    assert (True, False) == (dark.met, dark.display.lcd.lit)
    assert (False, None) == (never.met, never.event)


def test_wait_from_cursor(client: BenchClient) -> None:
    """A wait with a cursor finds what happened before it was asked for."""
    cursor = client.bench().sequence
    client.press(EVENT)
    found = client.wait(EVENT, "lit", after=cursor, timeout_s=0)

    assert found.event is not None
    assert ("lit", EVENT) == (found.event.kind, found.event.serial)


def test_journal(client: BenchClient) -> None:
    """The journal is read in pages from a cursor, chosen by token and kind."""
    client.press(EVENT)
    client.press(TIME)
    found, cursor = client.journal(serials=[TIME], kinds=["lit"])

    assert [(TIME, "lit")] == [(event.serial, event.kind) for event in found]
    assert ((), cursor) == client.journal(cursor)


def test_events(client: BenchClient) -> None:
    """Events come in order, without a gap, from the record that was named."""
    client.press(EVENT)
    visible = client.bench().sequence
    events = list(itertools.islice(client.events(0), visible))

    assert list(range(1, visible + 1)) == [event.sequence for event in events]
    assert any(event.kind == "lit" for event in events)


def test_submit(client: BenchClient) -> None:
    """A code goes to the attached server, which says what it thinks of it."""
    (result,) = client.press(EVENT)
    assert result.code is not None
    first, again = (client.submit(EVENT, "verify", result.code) for _ in range(2))

    assert (True, "accepted") == (first.accepted, first.kind)
    assert (False, "replayed") == (again.accepted, again.kind)


def test_own_server(client: BenchClient) -> None:
    """An adapter pushes what its server believes, and reports what it said."""
    view = ServerView(name="vpn", next_counter=3, look_ahead=5, resync_window=50)
    client.push_view(EVENT, view)
    client.report(EVENT, server="vpn", verb="verify", accepted=False, reason="too far", factor=9)
    (event,) = client.journal(kinds=["submitted"])[0]

    assert view == client.token(EVENT).view
    assert ("vpn", "too far", 9) == tuple(
        event.data[name] for name in ("server", "reason", "factor")
    )


@pytest.mark.parametrize(
    ("serial", "told"),
    [("GALH99999999", "no token"), ("../clock", "no token"), ("/", "no token"), ("", "no token")],
)
def test_unknown_token(client: BenchClient, serial: str, told: str) -> None:
    """The bench's own words come back; nothing typed as a serial number leads elsewhere."""
    with pytest.raises(UsageError, match=told):
        client.token(serial)


def test_real_clock(serve: Serve) -> None:
    """What this clock can't do is an error that says so."""
    with (
        BenchClient(serve(EVENT, clock=RealClock()).url) as client,
        pytest.raises(UsageError, match="real"),
    ):
        client.advance(30)


def test_case(serve: Serve) -> None:
    """What happened comes as a case that replays; of one token, or of all."""
    served = serve(EVENT, TIME)
    with BenchClient(served.url) as client:
        code = client.press(EVENT)[0].code
        client.submit(EVENT, "verify", str(code))
        one, all_of_them = client.case([EVENT], title=f"refused {code}"), client.case()

    assert ((EVENT,), "refused ******") == (one.serials, one.title)
    assert {EVENT, TIME} == set(all_of_them.serials)
    assert (True, 1) == (replay(one).same, replay(one).verdicts)
    assert ["reference server"] == [end.server for end in one.servers]
    assert not one.own_secrets


def test_no_case_comes_back() -> None:
    """An answer that is no case is told as such."""
    with (
        _double(
            lambda _: httpx.Response(200, json={"format": "galh-case", "version": 1})
        ) as client,
        pytest.raises(BenchError, match="doesn't answer with a case"),
    ):
        client.case()


def test_bearer(serve: Serve) -> None:
    """The bearer token is shown to the bench, and to nobody else."""
    url = serve(EVENT, bearer="a-long-secret").url
    with BenchClient(url, bearer="a-long-secret") as client:
        assert 1 == client.bench().tokens
        assert "a-long-secret" not in repr(client) + repr(vars(client))
    with BenchClient(url) as client, pytest.raises(UsageError, match="bearer token is needed"):
        client.bench()


# Against trouble.


def test_gone_bench_is_tried_again() -> None:
    """What can do no harm twice is tried again, each time later, and then given up."""
    slept: list[float] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    with _double(refuse, sleep=slept.append) as client, pytest.raises(BenchError, match="nobody"):
        client.bench()

    assert list(DELAYS_S) == slept


def test_press_is_sent_with_one_key() -> None:
    """Every try of one press has the same key, the next press another."""
    keys: list[str] = []

    def lose(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        raise httpx.ReadTimeout("slow", request=request)

    with _double(lose) as client:
        for _ in range(2):
            with pytest.raises(BenchError):
                client.press(EVENT)

    assert [len(DELAYS_S) + 1] * 2 == [keys.count(key) for key in dict.fromkeys(keys)]


def test_advance_is_sent_once() -> None:
    """What would do harm twice is not tried again."""
    tries: list[int] = []

    def lose(request: httpx.Request) -> httpx.Response:
        tries.append(1)
        raise httpx.ReadError("lost", request=request)

    with _double(lose) as client:
        for ask in (lambda: client.advance(1), lambda: client.submit(EVENT, "verify", "123456")):
            with pytest.raises(BenchError):
                ask()

    assert 2 == len(tries)


def _problem(status: int, kind: str, detail: str = "why") -> httpx.Response:
    content = {"type": kind, "title": "t", "status": status, "detail": detail, "instance": "/"}
    return httpx.Response(status, json=content)


def test_press_still_under_way() -> None:
    """After a lost connection, an answer that the press is under way is waited out."""
    answers: list[Any] = [
        httpx.ReadError("lost"),
        _problem(409, "urn:galh:key-busy"),
        httpx.Response(
            200,
            json={"presses": [{"code": None, "refused": "lit", "factor": None, "at_ns": 1}]},
        ),
    ]

    def answer(_: httpx.Request) -> httpx.Response:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, httpx.Response)
        return found

    with _double(answer) as client:
        assert ["lit"] == [result.refused for result in client.press(EVENT)]


@pytest.mark.parametrize(
    ("status", "kind", "wanted"),
    [
        (404, "urn:galh:unknown-token", UsageError),
        (409, "urn:galh:clock", UsageError),
        (422, "urn:galh:key-reused", UsageError),
        (409, "urn:galh:key-busy", BusyError),
        (409, "urn:galh:busy", BusyError),
        (429, "about:blank", BusyError),
        (503, "about:blank", BusyError),
        (507, "urn:galh:state", StateError),
        (500, "about:blank", BenchError),
    ],
)
def test_problems(status: int, kind: str, wanted: type[HostError]) -> None:
    """Each problem is an error with its exit code and the bench's own words."""
    with (
        _double(lambda _: _problem(status, kind)) as client,
        pytest.raises(wanted, match="why") as refused,
    ):
        client.advance(1)

    assert wanted is type(refused.value)


def test_problem_of_a_stranger() -> None:
    """What a server says comes without control characters and without codes."""
    detail = "\x1b[2J 755224 is not for GALH12345678\n"
    with (
        _double(lambda _: _problem(422, "x", detail)) as client,
        pytest.raises(UsageError) as refused,
    ):
        client.advance(1)

    assert "?[2J ###### is not for GALH12345678?" == str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"tokens": True}),
        httpx.Response(200, content=b"\xff\xfe{"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(404, text="not found"),
        httpx.Response(302, headers={"Location": "http://elsewhere/"}),
        httpx.Response(200, content=b"x", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_no_bench(answer: httpx.Response) -> None:
    """Whatever else listens there is told from a bench."""
    with _double(lambda _: answer) as client, pytest.raises(BenchError, match="as a bench does"):
        client.bench()


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "http://a:b@127.0.0.1/", "http://\x00"],
)
def test_no_url(url: str) -> None:
    """An address that can't be a bench's is refused, and a password in it not shown."""
    with pytest.raises(UsageError, match="is no URL of a bench") as refused:
        BenchClient(url)

    assert "a:b@" not in str(refused.value)


def test_without_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(UsageError, match=r"pip install 'galh-emulator\[web\]'"):
        BenchClient("http://127.0.0.1:1")


# Event streams.


def _sse(name: str, number: int | None = None, **data: Any) -> bytes:  # noqa: ANN401  # JSON
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _record(number: int) -> bytes:
    return _sse("record", number, sequence=number, serial=EVENT, kind="lit", at_ns=number)


def _hello(visible: int, run: str = "a") -> bytes:
    return _sse("hello", visible=visible, oldest=1, now_ns=0, run=run)


class Broken(httpx.SyncByteStream):
    """A stream that is cut after some bytes."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self.parts
        raise httpx.ReadError("cut")


def _streams(*streams: Any, state: bool = True) -> tuple[BenchClient, list[str | None]]:  # noqa: ANN401  # streams or responses
    """Return a client of a bench that answers so, and the cursors that it is asked with."""
    cursors: list[str | None] = []
    left = list(streams)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/capabilities"):
            return httpx.Response(200, json={"state": state})
        cursors.append(request.headers.get("Last-Event-ID"))
        if not left:
            raise httpx.ConnectError("gone", request=request)
        found = left.pop(0)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, stream=found)

    return _double(answer), cursors


def _all(client: BenchClient, after: int | None = None) -> list[Event]:
    """Return what a client tells until the bench stays away."""
    events: list[Event] = []
    with client, pytest.raises(BenchError, match="have ended"):
        events.extend(client.events(after))
    return events


def test_reconnects_without_a_gap() -> None:
    """A stream that is cut inside a record goes on with that very record."""
    client, cursors = _streams(
        Broken(_hello(7), _record(8), _record(9)[:20]), Broken(_hello(9), _record(9), _record(10))
    )

    assert [8, 9, 10] == [event.sequence for event in _all(client)]
    assert [None, "8", "10"] == cursors[:3]


def test_known_records_come_once() -> None:
    """A record that is sent again is not told again."""
    client, _ = _streams(Broken(_hello(3), _record(2), _record(3)), Broken(_hello(4), _record(3)))

    assert [3] == [event.sequence for event in _all(client, after=2)]


def test_heartbeat_moves_the_cursor() -> None:
    """A stream that had nothing for us is joined where it had come to."""
    client, cursors = _streams(Broken(_hello(3), b": still here\nid: 50\n\n"), Broken(_hello(60)))
    _all(client, after=3)

    assert ["3", "50"] == cursors[:2]


def test_gap_is_told() -> None:
    """Records that are no longer kept are a gap."""
    gap = _sse("gap", after=2, oldest=90, visible=99)
    client, _ = _streams(Broken(_hello(99), gap, _record(90)))

    assert [("gap", 89), ("lit", 90)] == [(e.kind, e.sequence) for e in _all(client, after=2)]


@pytest.mark.parametrize("state", [True, False])
def test_bench_started_anew(*, state: bool) -> None:
    """One that kept its journal goes on; of one that did not, all is new, after a gap."""
    client, cursors = _streams(
        Broken(_hello(5), _record(6)),
        Broken(_hello(9, "b"), *([_record(7)] if state else [])),
        Broken(_hello(9, "b"), _record(7 if state else 1)),
        state=state,
    )
    told = [(event.kind, event.sequence) for event in _all(client)]

    assert (
        [("lit", 6), ("lit", 7)] == told
        if state
        else [
            ("lit", 6),
            ("gap", 0),
            ("lit", 1),
        ]
        == told
    )
    assert "7" if state else "0" == cursors[2]


def test_busy_stream_is_tried_again() -> None:
    """Too many streams is no reason to give up."""
    client, _ = _streams(_problem(503, "about:blank"), Broken(_hello(1), _record(2)))

    assert [2] == [event.sequence for event in _all(client)]


def test_refused_stream() -> None:
    """A stream of an unknown token is an error at once."""
    client, cursors = _streams(_problem(404, "urn:galh:unknown-token", "no token"))
    with client, pytest.raises(UsageError, match="no token"):
        next(client.events(serials=["GALH99999999"]))

    assert 1 == len(cursors)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"event: record\ndata: [1]\n\n", "as a bench does"),
        (b"event: record\ndata: {}\n\n", "as a bench does"),
        (b"event: record\ndata: \xff\n\n", "as a bench does"),
        (b"id: x\n\n", "as a bench does"),
        (_sse("problem", detail="disk"), "can't read its journal: disk"),
    ],
)
def test_stream_of_no_bench(sent: bytes, told: str) -> None:
    """What is no event of a bench's is an error."""
    client, _ = _streams(Broken(_hello(1), sent))
    with client, pytest.raises(BenchError, match=told):
        next(client.events())


@given(st.lists(st.binary(max_size=40)))
def test_any_stream_parses_or_says_why(chunks: list[bytes]) -> None:
    """Whatever comes, there is nothing but messages and ValueError."""
    with contextlib.suppress(ValueError):
        list(parse_sse(chunks))


@given(st.lists(st.tuples(st.integers(0, 9), st.text("abc {}\u2028", max_size=9))), st.data())
def test_streams_may_be_cut_anywhere(sent: list[tuple[int, str]], data: st.DataObject) -> None:
    """How the bytes are cut makes no difference, nor do characters that end lines elsewhere."""
    raw = "".join(f"id: {number}\nevent: e\ndata: {text}\n\n" for number, text in sent).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=5)))
    chunks = [raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)])]

    assert [(str(number), text) for number, text in sent] == [
        (message.id, message.data) for message in parse_sse(chunks)
    ]


def test_endless_line() -> None:
    """A line without an end is given up, and so is a message without one."""
    with pytest.raises(ValueError, match="megabyte"):
        list(parse_sse(itertools.repeat(b"x" * 65_536)))
    with pytest.raises(ValueError, match="megabyte"):
        list(parse_sse(itertools.repeat(b"data: x\n" * 8192)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)
FIELDS = (
    *("serial", "profile", "type", "pressed", "mode", "display", "counter", "server", "failure"),
    *("segments", "bars", "bar_count", "battery", "battery_sign", "contrast", "remaining_ns"),
    *("sequence", "code", "refused", "factor", "at_ns", "kind", "by", "clock", "now_ns", "run"),
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from([
    read_bench_state, read_display, read_event, read_press, read_token,
]))  # fmt: skip
def test_any_answer_reads_or_says_why(data: dict[str, Any], read: Callable[[Any], object]) -> None:
    """Readers of what a bench answers raise what they say, and nothing else."""
    with contextlib.suppress(*NO_BENCH):
        read(data)


@given(st.sampled_from(["record", "hello", "gap", "problem", "message"]), JSON, st.text(max_size=4))
def test_any_message_is_taken_or_says_why(event: str, data: object, number: str) -> None:
    """So does the reader of events."""
    with contextlib.suppress(BenchError, *NO_BENCH):
        Cursor(3).take(Message(event, json.dumps(data), number))
