"""What people ask of time: lines 4, 5, 13 and 14."""

import asyncio
import time
from pathlib import Path
from typing import Any

import freezegun
import httpx

from emulator.bench import Bench
from emulator.clock import RealClock
from emulator.http.app import make_app
from emulator.http.desk import Desk
from emulator.testing import HandHost
from firmware_model import GALH, Secret, configure
from hosttools.manufacture import config_of
from hosttools.refserver import Record, Store
from hosttools.seedfiles import read_seeds, sample
from tests.asked.asking import (
    MANUAL,
    RFC,
    RFC_CODES,
    SECOND,
    START,
    START_NS,
    TIMED,
    Asked,
    expected_code,
)

YEAR_S = 31_557_600
STEP_NS = 30 * SECOND
SPECIFIED_PPM = 2.9
"""Three steps of 30 s a year: what the maker of the Feitian c200 states."""


def test_04_hours_in_seconds_cost_events() -> None:
    """Hours in seconds: a jump of five years costs the one event that is in it."""
    with Asked("--seeds", "rfc4226.csv", "--no-pty", *MANUAL) as bench:
        cursor = bench.press(RFC)["sequence"]
        pressed_ns = bench.now_ns()
        bench.send("POST", "/clock/advance", seconds=5 * YEAR_S)

        assert pressed_ns + 5 * YEAR_S * SECOND == bench.now_ns()
        assert ["dark", "advanced"] == [record["kind"] for record in bench.records(cursor)]


def test_04_a_clock_that_runs_can_be_made_faster() -> None:
    """The thirty seconds of an LCD go by in 30 ms, by themselves."""
    with Asked("--seeds", "rfc4226.csv", "--no-pty", "--clock", "scaled:1") as bench:
        bench.press(RFC)
        bench.send("PUT", "/clock", rate=1000)
        assert bench.wait(RFC, "dark", timeout_s=60)["met"]


def test_04_a_true_real_time_mode() -> None:
    """One to one: bench time is the host's, and can be neither advanced nor scaled."""
    with Asked("--seeds", "rfc4226.csv", "--no-pty", "--clock", "real") as bench:
        before_ns = time.time_ns()
        bench_ns = bench.now_ns()
        slewed_ns = SECOND // 5  # host clocks are slewed; see emulator.clock
        assert before_ns - slewed_ns <= bench_ns <= time.time_ns() + slewed_ns
        assert 409 == bench.refused("POST", "/clock/advance", seconds=1)
        assert 409 == bench.refused("PUT", "/clock", rate=60)


def test_04_a_suspended_host_is_caught_up_with_in_one_go() -> None:
    """Bounded catch-up: after half a day's sleep there is one event, at its own time."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(configure(RFC, GALH, Secret(b"12345678901234567890")))
    app = make_app(Desk(bench=bench))

    async def use() -> tuple[Any, Any, Any]:
        transport = httpx.ASGITransport(app)
        base = f"http://localhost/api/v1/tokens/{RFC}"
        async with httpx.AsyncClient(transport=transport) as client:
            for action in ("press", "release"):
                await client.post(f"{base}/button", json={"action": action})
                host.pass_time(100_000_000)
            lit = (await client.get(f"{base}/display")).json()
            host.pass_time(12 * 3600 * SECOND)
            dark = (await client.get(f"{base}/display")).json()
            cursor = {"after": lit["sequence"]}
            later = await client.get("http://localhost/api/v1/journal", params=cursor)
            return lit, dark, later.json()

    lit, dark, later = asyncio.run(use())

    assert (RFC_CODES[0], "") == (lit["text"], dark["text"])
    (record,) = later["records"]
    assert "dark" == record["kind"]
    assert START_NS + 30 * SECOND < record["at_ns"] < START_NS + 31 * SECOND


def _life(bench: Asked) -> str:
    """Live a while, and return the digest of the token at its end."""
    for seconds in (31, 86_400, 3):
        bench.press(RFC)
        bench.send("POST", "/clock/advance", seconds=seconds)
    at = bench.get("/bench")["sequence"]
    digest = bench.get(f"/tokens/{RFC}/state", at=at)["digest"]
    assert isinstance(digest, str)
    return digest


def test_05_the_hosts_clock_is_not_in_the_model() -> None:
    """The same acts at two times of the host end in the same state, to the nanosecond."""
    digests = set()
    for _ in range(2):
        with Asked("--seeds", "rfc4226.csv", "--no-pty", *MANUAL) as bench:
            digests.add(_life(bench))
    assert 1 == len(digests)


def test_05_a_journal_of_real_time_replays_on_any_clock(tmp_path: Path) -> None:
    """What was lived on the host's clock replays later, on a manual one, to the same digest."""
    options = ("--seeds", "rfc4226.csv", "--no-pty", "--state", tmp_path / "state")
    with Asked(*options, "--clock", "real") as bench:
        at = bench.press(RFC)["sequence"]
        lived = bench.get(f"/tokens/{RFC}/state", at=at)
        assert 0 == bench.serving.stop()[0]
    with Asked(*options, "--clock", "manual") as bench:
        bench.send("POST", "/clock/advance", seconds=YEAR_S)
        replayed = bench.get(f"/tokens/{RFC}/state", at=at)
        assert lived == replayed
        assert 1 == lived["counter"]["next"]


def test_05_a_child_process_takes_its_clock_over_the_wire() -> None:
    """Freezing time does not reach a child process: the clock is a parameter, and told."""
    with (
        freezegun.freeze_time(START, ignore=["httpx", "httpcore"]) as frozen,
        Asked("--seeds", "rfc4226.csv", "--no-pty", *MANUAL) as bench,
    ):
        assert START_NS == time.time_ns() == bench.now_ns()
        frozen.tick(3600)
        assert START_NS == bench.now_ns()
        bench.send("POST", "/clock/advance", ns=time.time_ns() - START_NS)
        assert time.time_ns() == bench.now_ns()


def _aged(bench: Asked, years: float) -> int:
    """Let a token with a crystal as specified lie; return how many steps it is fast then."""
    bench.send("PATCH", f"/tokens/{TIMED}/environment", crystal_ppm=SPECIFIED_PPM)
    bench.send("POST", "/clock/advance", seconds=years * YEAR_S)
    step = bench.get(f"/tokens/{TIMED}/counter")["step"]
    assert isinstance(step, int)
    return step - bench.now_ns() // STEP_NS


def test_13_real_drift_in_steps() -> None:
    """Three steps a year by specification, seven to eight over years of stock."""
    with Asked("--seeds", "ward.csv", "--no-pty", *MANUAL) as bench:
        assert 3 == _aged(bench, 1)
        assert 7 == _aged(bench, 1.5)


def test_13_drift_past_the_window_is_learnt_by_a_resync() -> None:
    """A single code is refused then; two in a row teach the server how far the clock is off."""
    with Asked("--seeds", "ward.csv", "--no-pty", "--server", "reference", *MANUAL) as bench:
        steps = _aged(bench, 2.5)
        assert "out_of_sync" == bench.submit(TIMED, "verify", bench.fresh_code(TIMED))
        pair = [_next_step(bench), _next_step(bench)]
        assert "resynced" == bench.submit(TIMED, "resync", *pair)
        assert steps == bench.get(f"/tokens/{TIMED}/server")["step_offset"]
        assert "accepted" == bench.submit(TIMED, "verify", _next_step(bench))


def test_13_a_wider_window_at_first_use(tmp_path: Path) -> None:
    """A token that lay in stock for years is added with two codes, and then is in step."""
    (seed,) = [record for record in read_seeds(sample("ward.csv")) if record.serial == TIMED]
    with Store(tmp_path / "server.sqlite") as store:
        store.add(Record.of_token(config_of(seed)))
    server = ("--server", tmp_path / "server.sqlite")
    with Asked(TIMED, "--seeds", "ward.csv", "--no-pty", *server, *MANUAL) as bench:
        assert 7 == _aged(bench, 2.5)
        assert "not_active" == bench.submit(TIMED, "verify", bench.fresh_code(TIMED))
        pair = [_next_step(bench), _next_step(bench)]
        assert "active" == bench.submit(TIMED, "sync", *pair)
        assert "accepted" == bench.submit(TIMED, "verify", _next_step(bench))


def _next_step(bench: Asked) -> str:
    """Return the code of a step that none was shown of yet."""
    bench.send("POST", "/clock/advance", seconds=30)
    return bench.fresh_code(TIMED)


def test_14_a_press_lands_a_millisecond_before_or_after_an_edge() -> None:
    """Boundary flakes: a press placed to the millisecond gives the code of the step meant."""
    with Asked("--seeds", "ward.csv", "--no-pty", *MANUAL) as bench:
        cursor = bench.get("/bench")["sequence"]
        bench.press(TIMED)
        edge, accepted = (
            bench.records(cursor, serial=TIMED, kind=kind)[0] for kind in ("edge", "accepted")
        )
        debounce_ns = accepted["at_ns"] - edge["at_ns"]

        for apart_ms in (-1, 0, 1):
            bench.wait(TIMED, "dark", timeout_s=60)
            step = bench.get(f"/tokens/{TIMED}/counter")["step"] + 2
            target_ns = step * STEP_NS + apart_ms * 1_000_000 - debounce_ns
            bench.send("POST", "/clock/advance", ns=target_ns - bench.now_ns())
            pressed = bench.press(TIMED)

            wanted = step - 1 if apart_ms < 0 else step
            assert (wanted, expected_code(TIMED, wanted)) == (pressed["factor"], pressed["code"])


def test_14_what_if_the_press_had_come_two_milliseconds_later() -> None:
    """A press that gave the step before an edge is moved past it, in what might have been."""
    with Asked("--seeds", "ward.csv", "--no-pty", *MANUAL) as bench:
        debounce_ns = 20_000_000
        bench.send("POST", "/clock/advance", ns=STEP_NS - debounce_ns - 1_000_000)
        pressed = bench.press(TIMED)
        (edge,) = [r for r in bench.records(serial=TIMED, kind="edge") if r["closed"]]
        told = bench.send(
            "POST",
            f"/tokens/{TIMED}/what-if",
            move={"sequence": edge["sequence"], "by_ns": 2_000_000},
        )
        factors = [told[future]["lit"][0]["factor"] for future in ("actual", "other")]
        assert [pressed["factor"], pressed["factor"] + 1] == factors
