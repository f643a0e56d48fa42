"""What people ask of counters, servers and seed files: lines 11, 12 and 15."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hosttools.seedfiles import (
    SeedFileError,
    read_seeds,
    sample,
    write_oath_csv,
    write_pskc,
)
from tests.asked.asking import EVENT, MANUAL, OTHER, SECOND, TIMED, Asked, expected_code

LOOK_AHEAD, RESYNC_WINDOW = 10, 1000
"""The reference server's, inclusive counts of skipped presses."""
TWENTY_MINUTES_S = 1200


@pytest.fixture
def bench() -> Iterator[Asked]:
    """A ward's tokens on a manual clock, with the reference server attached."""
    with Asked("--seeds", "ward.csv", "--no-pty", "--server", "reference", *MANUAL) as bench:
        yield bench


def _play(bench: Asked, serial: str, name: str, by: int | None = None) -> Any:  # noqa: ANN401  # JSON
    return bench.send("POST", f"/tokens/{serial}/recipes/{name}", by=by)


def _kinds(played: Any) -> list[str]:  # noqa: ANN401  # JSON
    return [reaction["kind"] for reaction in played["reactions"]]


def _pair(bench: Asked, serial: str) -> tuple[str, str]:
    return bench.fresh_code(serial), bench.fresh_code(serial)


def test_11_any_counter_can_be_set_and_is_the_next_one_used(bench: Asked) -> None:
    """Set it, show it, and it says that it is the next one to be used, not the last."""
    path = f"/tokens/{EVENT}/counter"
    assert 4711 == bench.send("PUT", path, next=4711)["next"] == bench.next_counter(EVENT)
    pressed = bench.press(EVENT)

    assert (4711, expected_code(EVENT, 4711)) == (pressed["factor"], pressed["code"])
    assert 4712 == bench.next_counter(EVENT)
    described = bench.get(f"{bench.serving.ready['http']}/openapi.json")["components"]["schemas"]
    said = described["Counter"]["properties"]["next"]["description"]
    assert "the next press uses (not the last one used)" in said
    assert 422 == bench.refused("PUT", path, next=-1)
    assert 4712 == bench.next_counter(EVENT)


def test_12_a_pocket_is_resynced_with_the_resync_window(bench: Asked) -> None:
    """Not the wrong window (privacyidea#1479): 37 presses are past one and inside the other."""
    assert 37 == _play(bench, EVENT, "hotp-ahead")["distance"]
    assert "out_of_sync" == bench.submit(EVENT, "verify", bench.fresh_code(EVENT))
    assert "resynced" == bench.submit(EVENT, "resync", *_pair(bench, EVENT))
    assert "accepted" == bench.submit(EVENT, "verify", bench.fresh_code(EVENT))


def test_12_windows_have_exact_edges(bench: Asked) -> None:
    """The last counter of a window is in, the next one is out."""
    for verb, skipped, kind in (
        ("verify", LOOK_AHEAD, "accepted"),
        ("verify", LOOK_AHEAD + 1, "out_of_sync"),
        ("resync", RESYNC_WINDOW, "resynced"),
        ("resync", RESYNC_WINDOW + 1, "outside_window"),
    ):
        server = bench.get(f"/tokens/{EVENT}/server")["next_counter"]
        bench.wait(EVENT, "dark")
        bench.send("PUT", f"/tokens/{EVENT}/counter", next=server + skipped)
        codes = _pair(bench, EVENT) if verb == "resync" else (bench.fresh_code(EVENT),)
        assert kind == bench.submit(EVENT, verb, *codes)


def test_12_an_old_code_is_refused_after_twenty_minutes(bench: Asked) -> None:
    """privacyidea#1408: used or not, of an event token or a time token."""
    skipped, used = _pair(bench, EVENT)
    assert "accepted" == bench.submit(EVENT, "verify", used)
    timed, unused = bench.fresh_code(TIMED), _code_of_next_step(bench)
    assert "accepted" == bench.submit(TIMED, "verify", timed)
    bench.send("POST", "/clock/advance", seconds=TWENTY_MINUTES_S)

    assert ["replayed"] * 2 == [bench.submit(EVENT, "verify", code) for code in (skipped, used)]
    assert "replayed" == bench.submit(TIMED, "verify", timed)
    assert "out_of_sync" == bench.submit(TIMED, "verify", unused)
    assert ["out_of_sync", "accepted"] == _kinds(_play(bench, TIMED, "stale-code", 40))


def _code_of_next_step(bench: Asked) -> str:
    bench.send("POST", "/clock/advance", seconds=30)
    return bench.fresh_code(TIMED)


def test_12_a_pair_is_no_resync_the_second_time(bench: Asked) -> None:
    """A replay must not be taken for a drift (LinOTP#110: of -1230 steps)."""
    pair = bench.fresh_code(TIMED), _code_of_next_step(bench)
    assert "resynced" == bench.submit(TIMED, "resync", *pair)
    bench.fresh_code(TIMED)
    for steps in (0, 1, 100, 1230 - 101):
        bench.send("POST", "/clock/advance", seconds=30 * steps)
        answer = bench.submit(TIMED, "resync", *pair)
        assert answer not in {"resynced", "accepted"}
        assert 0 == bench.get(f"/tokens/{TIMED}/server")["step_offset"]
    assert ["replayed", "accepted"] == _kinds(_play(bench, OTHER, "replay"))
    assert ["double_submit", "accepted"] == _kinds(_play(bench, OTHER, "double-submit"))


def test_12_a_server_ahead_of_the_token_takes_it_again(bench: Asked) -> None:
    """heads#1266: used counters are refused as such until the token has caught up."""
    played = _play(bench, EVENT, "server-ahead", 3)
    assert -3 == played["distance"]
    assert ["replayed", "replayed", "accepted"] == _kinds(played)
    token = bench.get(f"/tokens/{EVENT}")
    assert token["counter"]["next"] == token["server"]["next_counter"]


WARD = {record.serial: record for record in read_seeds(sample("ward.csv"))}


def test_15_oath_csv_carries_the_counter(tmp_path: Path) -> None:
    """Written, read back and served: the token begins where the file says."""
    seeds = tmp_path / "seeds.csv"
    seeds.write_text(write_oath_csv([replace(WARD[EVENT], counter=120)]))
    assert [120] == [record.counter for record in read_seeds(seeds)]
    with Asked("--seeds", seeds, "--no-pty", *MANUAL) as bench:
        assert 120 == bench.next_counter(EVENT)
        assert expected_code(EVENT, 120) == bench.press(EVENT)["code"]


def test_15_pskc_carries_counter_and_drift(tmp_path: Path) -> None:
    """RFC 6030 has room for both; a slow token is slow on the bench, too."""
    seeds = tmp_path / "seeds.pskc.xml"
    written = [replace(WARD[EVENT], counter=120), replace(WARD[TIMED], drift_steps=-7)]
    seeds.write_bytes(write_pskc(written))
    assert [(120, None), (None, -7)] == [(r.counter, r.drift_steps) for r in read_seeds(seeds)]
    with Asked("--seeds", seeds, "--no-pty", *MANUAL) as bench:
        assert 120 == bench.next_counter(EVENT)
        step = bench.get(f"/tokens/{TIMED}/counter")["step"]
        assert -7 == step - bench.now_ns() // (30 * SECOND)
        assert expected_code(TIMED, step) == bench.press(TIMED)["code"]


def test_15_a_format_without_room_says_so() -> None:
    """A drift that OATH CSV would lose is refused, with the format that keeps it."""
    with pytest.raises(SeedFileError, match="can't carry drift_steps; write PSKC"):
        write_oath_csv([replace(WARD[TIMED], drift_steps=-7)])
