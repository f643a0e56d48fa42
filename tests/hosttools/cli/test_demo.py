"""``galh demo``: the whole story, on a pty."""

import json
from collections.abc import Callable

import pytest

from hosttools.cli import demo as demo_module
from hosttools.refserver import Policy, Store
from hosttools.seedfiles import read_seeds, sample

Galh = Callable[..., tuple[int, str, str]]


def test_story_is_told(galh: Galh) -> None:
    """Nine steps for each token, and every one ends as it must."""
    exit_code, out, err = galh("demo")

    assert (0, "") == (exit_code, err)
    assert out.count("\n 9 And sign\n") == 2
    assert "\nEvery step ended as it must. `galh demo --open`: play it yourself" in out
    assert "FAILED" not in out


def test_story_as_json(galh: Galh) -> None:
    """As JSON there is one object, with the same steps, distances and verdicts."""
    exit_code, out, err = galh("demo", "--json")
    told = json.loads(out)

    assert (0, "", 1) == (exit_code, err, out.count("\n"))
    assert told["ok"]
    assert [(s["serial"], s["step"], s["ok"]) for s in told["steps"]] == [
        (serial, step, True) for serial in ("GALH12345678", "GALT00000042") for step in range(1, 10)
    ]
    assert [s["verdict"] for s in told["steps"][:9]] == [
        None,
        "active",
        "double_submit",
        "accepted",
        None,
        "out_of_sync",
        "resynced",
        "double_submit",
        "accepted",
    ]
    assert [s["distance"] for s in told["steps"][:9]] == [0, 0, 0, 0, 37, 38, 0, 0, 0]


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_story_keeps_secrets(galh: Galh, extra: list[str]) -> None:
    """The secrets are in none of it."""
    _, out, err = galh("demo", *extra)
    told = (out + err).lower()

    assert [r for r in read_seeds(sample("ward.csv")) if r.secret.reveal().hex() in told] == []


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_broken_step_fails(galh: Galh, monkeypatch: pytest.MonkeyPatch, extra: list[str]) -> None:
    """A server that never loses sync spoils the story: exit 1, and the step says what was due."""
    monkeypatch.setattr(
        demo_module, "Store", lambda path: Store(path, policy=Policy(look_ahead=100))
    )
    exit_code, out, err = galh("demo", *extra)

    assert exit_code == 1
    if extra:
        told = json.loads(out)
        assert not told["ok"]
        assert next(s["step"] for s in told["steps"] if not s["ok"]) == 6
    else:
        assert "FAILED  expected out_of_sync, +38 apart" in out
        assert "steps did not end as they must." in err


def test_story_that_breaks_off(galh: Galh, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that refuses a press ends the story: exit 1, and the reason."""
    monkeypatch.setattr("hosttools.hand.port.PortToken.wait_dark", lambda _: None)
    exit_code, out, err = galh("demo", "--json")

    assert (1, "") == (exit_code, out)
    assert err == "galh: token GALH12345678 refused a press: lit\n"


def test_ascii_output_gets_ascii_drawing(galh: Galh, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the output takes no lines, the LCD is drawn without."""
    monkeypatch.setattr(demo_module, "speaks_unicode", lambda: False)

    assert galh("demo")[1].isascii()
