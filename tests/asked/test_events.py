"""What people ask of events and waits: lines 1 to 3."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import serial

from hosttools.testing import BACKSTOP_S
from tests.asked.asking import (
    EVENT,
    MANUAL,
    OTHER,
    RFC,
    RFC_CODES,
    SECOND,
    Asked,
    expected_code,
    told,
)

PRESSES = 8


def _press_often(bench: Asked, name: str) -> None:
    with httpx.Client(base_url=bench.url, timeout=BACKSTOP_S, trust_env=False) as client:
        for _ in range(PRESSES):
            body = {"action": "press-and-release"}
            client.post(f"/tokens/{name}/button", json=body).raise_for_status()
            client.post("/wait", json={"serial": name, "until": "dark"}).raise_for_status()


def _premature(bench: Asked) -> list[str]:
    """Follow the stream until all presses are told; return what was told too early."""
    wrong, lit = [], 0
    with (
        httpx.Client(base_url=bench.url, timeout=BACKSTOP_S, trust_env=False) as client,
        client.stream("GET", "/events", params={"after": 0, "serial": [EVENT, OTHER]}) as stream,
    ):
        for record in told(stream.iter_lines()):
            number, kind = record["sequence"], record["kind"]
            token = client.get(f"/tokens/{record['serial']}").json()
            display = client.get(f"/tokens/{record['serial']}/display").json()
            wrong += [
                f"{kind} {number}: {text}"
                for text, so in (
                    ("the token is older", token["sequence"] < number),
                    ("the display is older", display["sequence"] < number),
                    (
                        "not lit",
                        kind == "lit" and display["sequence"] == number and not display["lit"],
                    ),
                    (
                        "the counter has not moved",
                        kind == "lit" and token["counter"]["next"] <= record["factor"],
                    ),
                )
                if so
            ]
            lit += kind == "lit"
            if lit == 2 * PRESSES:
                return wrong
    return ["the stream ended"]


def test_01_an_event_never_precedes_its_state() -> None:
    """An event must never precede the state that it announces: one sequence over everything.

    Two readers ask for the state the moment that they are told of something, while two
    clients press: each answer is at least as new as the event.
    """
    with Asked("--seeds", "ward.csv", "--no-pty", *MANUAL) as bench, ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(_premature, bench) for _ in range(2)]
        pressers = [pool.submit(_press_often, bench, name) for name in (EVENT, OTHER)]
        for presser in pressers:
            presser.result(BACKSTOP_S)
        assert [[], []] == [reader.result(BACKSTOP_S) for reader in readers]
        numbers = [record["sequence"] for record in bench.records()]
        assert list(range(1, len(numbers) + 1)) == numbers


def test_02_waiting_is_a_server_side_call_with_a_cursor() -> None:
    """A channel to await and expect a text, on which late waiters lose nothing.

    Who comes late, with the cursor from before, is told what was missed, as often as
    anybody asks; time does not pass for it.
    """
    with Asked("--seeds", "rfc4226.csv", "--no-pty", *MANUAL) as bench:
        cursor = bench.get("/bench")["sequence"]
        bench.press(RFC)
        bench.send("POST", "/clock/advance", seconds=3600)
        late_ns = bench.now_ns()

        lit, dark, again = (bench.wait(RFC, what, after=cursor) for what in ("lit", "dark", "lit"))
        expected = bench.wait(RFC, "lit", after=cursor, text=RFC_CODES[0])

        assert all(wait["met"] for wait in (lit, dark, again, expected))
        assert cursor < lit["record"]["sequence"] < dark["record"]["sequence"]
        assert lit["record"] == again["record"] == expected["record"]
        assert late_ns == bench.now_ns()
        assert not bench.wait(RFC, "lit", after=cursor, text=RFC_CODES[1])["met"]


def test_02_a_wait_has_a_timeout_and_never_hangs() -> None:
    """A settable timeout, in bench time: on a manual clock a wait succeeds or fails at once."""
    with Asked("--seeds", "rfc4226.csv", "--no-pty", *MANUAL) as bench:
        began_ns = bench.now_ns()
        assert not bench.wait(RFC, "lit", timeout_s=1e9)["met"]
        assert began_ns == bench.now_ns()

        lit_ns = bench.press(RFC)["at_ns"]
        pressed_ns = bench.now_ns()
        assert not bench.wait(RFC, "dark", timeout_s=5)["met"]
        assert pressed_ns == bench.now_ns()
        assert bench.wait(RFC, "dark", timeout_s=31)["met"]
        assert lit_ns + 29 * SECOND < bench.now_ns() < lit_ns + 31 * SECOND


def test_02_somebody_elses_press_can_be_awaited() -> None:
    """Whether the waiter comes before the press or after it makes no difference."""
    with (
        Asked("--seeds", "rfc4226.csv", "--no-pty", *MANUAL) as bench,
        httpx.Client(base_url=bench.url, timeout=2 * BACKSTOP_S, trust_env=False) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        waits = {"after": bench.get("/bench")["sequence"], "patience_s": BACKSTOP_S}
        body = {"serial": RFC, "until": "lit", "text": RFC_CODES[0], **waits}
        waiter = pool.submit(other.post, "/wait", json=body)
        bench.press(RFC)
        assert waiter.result(BACKSTOP_S).json()["met"]


@pytest.mark.parametrize("clock", [MANUAL, ("--clock", "real")], ids=["manual", "real"])
def test_03_an_input_returns_when_its_result_is_visible(clock: tuple[str, str]) -> None:
    """No sleeps: whoever has pressed finds the code on the LCD, on any clock and port."""
    with (
        Asked("--seeds", "ward.csv", *clock) as bench,
        serial.Serial(bench.serving.port(OTHER), timeout=BACKSTOP_S) as port,
    ):
        answer = bench.press(EVENT)
        shown = bench.get(f"/tokens/{EVENT}/display")
        code = expected_code(EVENT, 0)

        assert code == answer["code"] == answer["display"]["text"] == shown["text"]
        assert 1 == bench.next_counter(EVENT)
        (lit,) = bench.records(kind="lit")
        assert lit["sequence"] <= answer["sequence"] <= shown["sequence"]

        port.write(b"BUTT:PRES\nDISP:TEXT?\n")
        assert f'"{expected_code(OTHER, 0)}"\n'.encode() == port.readline()
