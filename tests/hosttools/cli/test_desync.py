"""``galh desync``: on a served, a kept and a new token."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.clock import RealClock, VirtualClock, parse_utc
from emulator.inprocess import alive
from emulator.statedir import StateDir
from firmware_model.nvm import Config
from hosttools.cli import desync as desync_module
from hosttools.manufacture import config_of
from hosttools.recipes import RECIPES
from hosttools.refserver import Policy, Store
from hosttools.seedfiles import read_seeds, sample

Galh = Callable[..., tuple[int, str, str]]
EVENT, TIME = "GALH12345678", "GALT00000042"


def _config(serial: str) -> Config:
    return next(config_of(r) for r in read_seeds(sample("ward.csv")) if r.serial == serial)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return a state directory with an event token and a time token."""
    path = tmp_path / "state"
    clock = VirtualClock(parse_utc("2026-01-05T08:00:00Z"))
    with StateDir(path) as store, alive([_config(EVENT), _config(TIME)], clock=clock, store=store):
        pass
    return path


def test_list_names_every_recipe(galh: Galh) -> None:
    """One line each, in the registry's order."""
    exit_code, out, err = galh("desync", "--list")

    assert (0, "") == (exit_code, err)
    assert list(RECIPES) == [line.split()[0] for line in out.splitlines()]


def test_list_as_json(galh: Galh) -> None:
    """The same with what is probed and expected."""
    told = json.loads(galh("desync", "--list", "--json")[1])

    assert list(RECIPES) == [row["recipe"] for row in told]
    assert ["out_of_sync", "resynced", "accepted"] == told[2]["expected"]


def test_all_react_as_documented(galh: Galh) -> None:
    """A table with a row for each recipe, and exit 0."""
    exit_code, out, err = galh("desync", "--all")

    assert (0, "") == (exit_code, err)
    assert list(RECIPES) == [line.split()[0] for line in out.splitlines()[1:-1]]
    assert out.endswith("Every recipe ended as documented.\n")


def test_all_fails_with_another_server(galh: Galh, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with another look-ahead reacts otherwise than documented: exit 1."""
    monkeypatch.setattr(desync_module, "Store", lambda path: Store(path, Policy(look_ahead=100)))
    exit_code, out, err = galh("desync", "--all")

    assert (1, "1 of 13 recipes did not end as documented.\n") == (exit_code, err)
    assert re.search(r"^hotp-ahead .* accepted  FAILED$", out, re.MULTILINE)


def test_all_of_a_file_without_time_tokens(galh: Galh) -> None:
    """Recipes that no token of the file is for are not applicable: exit 1."""
    exit_code, out, _ = galh("desync", "--all", "--seeds", "rfc4226.csv", "--json")
    told = json.loads(out)

    assert (1, False) == (exit_code, told["ok"])
    assert 4 == sum("not_applicable" in row for row in told["recipes"])


def test_new_token_tells_the_distance(galh: Galh) -> None:
    """Pictures, both sides and their distance, and what the server says."""
    exit_code, out, err = galh("desync", "hotp-ahead", "--seeds", "ward.csv", "--serial", EVENT)

    assert (0, "") == (exit_code, err)
    assert "token   next counter 39; went +37 presses" in out
    assert "server  expects counter 2; went +0 (token +37)" in out
    assert "out of sync: 37 presses ahead" in out
    assert out.endswith("The server reacted as documented.\n")


def test_new_time_token_as_json(galh: Galh) -> None:
    """As JSON, with steps and seconds."""
    _, out, _ = galh("desync", "time-slow", "--seeds", "ward.csv", "--serial", TIME, "--json")
    told = json.loads(out)

    assert told["ok"]
    assert -135 == pytest.approx(told["position"]["off_s"], abs=0.01)
    assert -4.5 == pytest.approx(told["position"]["token_moved"], abs=0.001)


def test_running_token(galh: Galh, tmp_path: Path) -> None:
    """A running token is brought out of step with a server in a file."""
    server = tmp_path / "server.sqlite"
    with alive([_config(EVENT)]):
        exit_code, out, err = galh(
            *("desync", "hotp-edge", "--port", f"galh://{EVENT}", "--server", server),
            *("--enrol", "--seeds", "ward.csv", "--json"),
        )

    assert (0, "") == (exit_code, err)
    assert 10 == json.loads(out)["distance"]
    with Store(server) as store:
        assert 13 == store.get(EVENT).next_factor


def test_running_token_without_a_server(galh: Galh) -> None:
    """Without a server the token's steps are done."""
    with alive([_config(EVENT)]):
        exit_code, out, err = galh("desync", "hotp-ahead", "--port", f"galh://{EVENT}")

    assert (0, "") == (exit_code, err)
    assert "next counter 37; went +37 presses" in out
    assert "No server was asked" in out


def test_not_applicable_without_a_server(galh: Galh) -> None:
    """What needs a server says so: exit 1."""
    with alive([_config(EVENT)]):
        exit_code, out, err = galh("desync", "server-ahead", "--port", f"galh://{EVENT}")

    assert (1, "") == (exit_code, out)
    assert "not applicable without a server: " in err


def test_kept_token_is_kept_again(galh: Galh, kept: Path, tmp_path: Path) -> None:
    """A kept token goes on with its counter, from run to run."""
    server = tmp_path / "server.sqlite"
    common = ("--state", kept, "--serial", EVENT, "--server", server, "--json")
    first = json.loads(galh("desync", "hotp-inside", *common, "--enrol")[1])
    second = json.loads(galh("desync", "hotp-inside", *common)[1])

    assert (True, 7, 5) == (first["ok"], first["position"]["token"], first["distance"])
    assert (True, 13, 5) == (second["ok"], second["position"]["token"], second["distance"])


def test_kept_time_token_stays_slow(galh: Galh, kept: Path) -> None:
    """What its clock lost in the cold is lost in the next run too."""
    common = ("--state", kept, "--serial", TIME, "--json")
    galh("desync", "time-slow", *common)
    again = json.loads(galh("desync", "time-slow", *common)[1])

    assert -270 == pytest.approx(again["position"]["off_s"], abs=0.1)


def test_unknown_to_the_server(galh: Galh, kept: Path, tmp_path: Path) -> None:
    """A token that the server doesn't know is refused, and the error names --enrol."""
    server = tmp_path / "server.sqlite"
    Store(server).close()
    common = ("desync", "hotp-inside", "--state", kept, "--serial", EVENT, "--server")

    assert "--enrol does" in galh(*common, server)[2]
    exit_code, _, err = galh(*common, tmp_path / "none.sqlite")
    assert (2, False) == (exit_code, (tmp_path / "none.sqlite").exists())
    assert "--enrol makes it" in err


def test_real_clock_takes_too_long(galh: Galh) -> None:
    """On a real clock a thousand presses are refused, and months are not applicable."""
    with alive([_config(EVENT), _config(TIME)], clock=RealClock()):
        many = galh("desync", "hotp-beyond", "--port", f"galh://{EVENT}")
        months = galh("desync", "time-slow", "--port", f"galh://{TIME}")

    assert (2, True) == (many[0], "more than --limit 120" in many[2])
    assert (1, True) == (months[0], "serve with --clock manual" in months[2])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "give one of"),
        (["--list", "--all"], "give one of"),
        (["hotp-ahead"], "give --port PORT"),
        (["hotp-ahead", "--seeds", "ward.csv"], "with --serial"),
        (["hotp-ahead", "--seeds", "ward.csv", "--serial", "GALH00000001"], "no seed for"),
        (["hotp-ahead", "--port", "x", "--state", "y"], "give one of the two"),
        (["hotp-ahead", "--state", "/none", "--serial", EVENT], "no state directory /none"),
        (["hotp-ahed"], "did you mean 'hotp-ahead'"),
        (["--all", "--by", "3"], "--seeds only"),
    ],
)
def test_wrong_usage(galh: Galh, arguments: list[str], why: str) -> None:
    """Exit 2, and what to give instead."""
    exit_code, out, err = galh("desync", *arguments)

    assert (2, "") == (exit_code, out)
    assert why in err


def test_enrolling_needs_a_server_and_a_secret(galh: Galh, tmp_path: Path) -> None:
    """--enrol without a server, or without the secret, says what is missing."""
    with alive([_config(EVENT)]):
        common = ("desync", "hotp-ahead", "--port", f"galh://{EVENT}", "--enrol")
        alone = galh(*common)
        secretless = galh(*common, "--server", tmp_path / "server.sqlite")

    assert (2, True) == (alone[0], "--server FILE" in alone[2])
    assert (2, True) == (secretless[0], "give --seeds FILE too" in secretless[2])


@pytest.mark.parametrize("name", list(RECIPES))
def test_secrets_are_in_none_of_it(galh: Galh, name: str) -> None:
    """Neither secret is printed."""
    serial = EVENT if RECIPES[name].token_type.value == "event" else TIME
    _, out, err = galh("desync", name, "--seeds", "ward.csv", "--serial", serial, "--json")
    told = (out + err).lower()

    assert [r for r in read_seeds(sample("ward.csv")) if r.secret.reveal().hex() in told] == []
