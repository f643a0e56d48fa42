"""``galh diagnose`` names the counter, the typo and the token in prepared cases."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.clock import parse_utc
from firmware_model.oath import Key, hotp
from hosttools.manufacture import config_of
from hosttools.refserver import Policy, Record, Store
from hosttools.seedfiles import read_seeds, sample, write_pskc
from hosttools.testing import Serving

Galh = Callable[..., tuple[int, str, str]]
EVENT, TIME = "GALH00000042", "GALT00000042"
NEAR = ("diagnose", "--seeds", "ward.csv", "--search", 5_000)
NOON = "2026-02-02T12:00:00Z"
SEEDS = {seed.serial: seed for seed in read_seeds(sample("ward.csv"))}


def _codes(serial: str, *factors: int) -> list[str]:
    return [hotp(Key(SEEDS[serial].secret), n) for n in factors]


def test_names_the_counter(galh: Galh) -> None:
    """How far a known token is ahead of the server."""
    exit_code, out, _ = galh(
        "diagnose", "--seeds", "ward.csv", "--serial", "galh 0000-0042", "--counter", 20,
        *_codes(EVENT, 57, 58),
    )  # fmt: skip
    assert 0 == exit_code
    assert out.startswith(f"{EVENT}: code 1 is counter 57; code 2 is counter 58\n")
    assert "37 presses ahead of the server" in out


def test_names_the_token(galh: Galh) -> None:
    """Which token of a file made the codes; spaces and hyphens in them don't count."""
    first, second = _codes("GALH20140711", 130, 131)
    spaced = f"{first[:3]} {first[3:]}", f"{second[:3]}-{second[3:]}"
    exit_code, out, _ = galh(*NEAR, *spaced)
    assert 0 == exit_code
    assert out.startswith("GALH20140711: code 1 is counter 130;")


def test_names_the_typo(galh: Galh) -> None:
    """Which digits were transposed."""
    first, second = _codes(EVENT, 57, 58)
    wrong = second[:2] + second[3] + second[2] + second[4:]
    told = json.loads(galh(*NEAR, "--json", first, wrong)[1])
    best = told["explanations"][0]
    assert (EVENT, "transposed", 3) == (
        best["serial"],
        best["codes"][1]["slip"],
        best["codes"][1]["digit"],
    )
    assert best["probability"] > 0.99


def test_asks_the_server(galh: Galh, tmp_path: Path) -> None:
    """The server's file says what it expects, and that the code was used before."""
    first, second = _codes(EVENT, 7, 8)
    with Store(tmp_path / "server.sqlite", Policy()) as store:
        store.add(Record.of_token(config_of(SEEDS[EVENT])))
        assert store.sync(EVENT, first, second, parse_utc(NOON)).accepted
    _, out, _ = galh(
        "diagnose", "--seeds", "ward.csv", "--server", tmp_path / "server.sqlite", second
    )
    assert "code 1 is replayed: used or skipped before, as the server expects 9" in out


def test_tells_the_drift(galh: Galh) -> None:
    """Steps and ppm of a time token since its last sign of life."""
    step = parse_utc(NOON) // 30_000_000_000
    _, out, _ = galh(
        "diagnose", "--seeds", "ward.csv", "--serial", TIME,
        "--time", NOON, "--last", "2025-02-02T12:00:00Z", *_codes(TIME, step + 6),
    )  # fmt: skip
    assert "+6 steps off" in out
    assert "+6.2 ± 1.0 ppm" in out


def test_encrypted_seeds(galh: Galh, tmp_path: Path) -> None:
    """Seeds under a key are read with it."""
    key, locked = tmp_path / "key", tmp_path / "locked.xml"
    key.write_bytes(bytes(16))
    locked.write_bytes(write_pskc(SEEDS.values(), key=bytes(16)))
    command = ("diagnose", "--seeds", locked, "--search", 100, *_codes(EVENT, 57, 58))
    assert 2 == galh(*command)[0]
    exit_code, out, _ = galh(*command, "--key-file", key)
    assert (0, True) == (exit_code, out.startswith(f"{EVENT}: code 1 is counter 57"))


def test_nothing_found(galh: Galh) -> None:
    """Codes of no token: exit code 1."""
    exit_code, out, _ = galh(*NEAR, "000000", "111111")
    assert 1 == exit_code
    assert out.startswith("none of these codes")


def test_twin(galh: Galh, tmp_path: Path) -> None:
    """A twin is served like any token, with a warning; its digits are told by nobody."""
    twin = tmp_path / "twin"
    exit_code, out, err = galh(*NEAR, "--twin", twin, *_codes(EVENT, 57, 58))
    (coming,) = _codes(EVENT, 59)
    assert 0 == exit_code
    assert f"galh serve --state {twin} --clock manual" in out
    assert "clone of a signing factor" in err
    assert coming not in out + err
    with Serving("--state", twin, "--clock", "manual") as served:
        pressed = galh("press", "--port", served.port())
    assert (0, f"{coming}\n", "") == tuple(pressed)


def test_predict(galh: Galh) -> None:
    """The next digits come on demand only, with a warning."""
    _, out, err = galh(*NEAR, "--predict", 2, *_codes(EVENT, 57, 58))
    coming = _codes(EVENT, 59, 60)
    assert f"predicted: counter 59: {coming[0]}\npredicted: counter 60: {coming[1]}\n" in out
    assert "clone of a signing factor" in err


def test_tells_before_it_refuses(galh: Galh, tmp_path: Path) -> None:
    """One code makes no twin, but what it is, is told."""
    exit_code, out, err = galh(*NEAR, "--twin", tmp_path / "twin", *_codes(EVENT, 57))
    assert 2 == exit_code
    assert f"{EVENT}: the code is counter 57" in out
    assert "press it again" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "CODE"),
        (["12a456"], "other characters"),
        (["--serial", "GALH99999999", "123456"], "no seed for"),
        (["--serial", EVENT, "--last", NOON, "123456"], "--last is for time tokens"),
        (["--time", "noon", "123456"], "ISO 8601"),
        (["--counter", "5", "123456"], "--serial"),
        (["--server", "/nowhere", "123456"], "no database"),
    ],
)
def test_wrong_usage(galh: Galh, arguments: list[str], words: str) -> None:
    """What does not go together is refused, before anything is searched."""
    exit_code, out, err = galh(*NEAR, *arguments)
    assert (2, "") == (exit_code, out)
    assert words in err


def test_hides_secrets(galh: Galh) -> None:
    """No secret is in what it prints."""
    told = "".join(map(str, galh(*NEAR, *_codes(EVENT, 57, 58))))
    assert not any(seed.secret.reveal().hex() in told for seed in SEEDS.values())
