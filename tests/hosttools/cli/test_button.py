"""``galh press``, ``display`` and ``code``."""

import json
import re
from collections.abc import Callable
from unittest import mock

import pytest

from hosttools.hand import PortToken
from tests.hosttools.conftest import Serve

Galh = Callable[..., tuple[int, str, str]]
DARK = "dark"


def test_press_prints_code(galh: Galh, url: str) -> None:
    """A press prints the code as it lit and nothing else."""
    assert galh("press", "--port", url) == (0, "755224\n", "")


def test_press_while_lit_fails(galh: Galh, url: str) -> None:
    """A press while lit gives no code: exit 1, the reason on standard error."""
    galh("press", "--port", url)

    assert galh("press", "--port", url) == (1, "", "refused: lit\n")


def test_press_as_json(galh: Galh, url: str) -> None:
    """As JSON, code and reason are there in both cases."""
    lit, refused = (galh("press", "--port", url, "--json")[1] for _ in range(2))

    assert json.loads(lit) == {"code": "755224", "refused": None}
    assert json.loads(refused) == {"code": None, "refused": "lit"}


def test_over_http(galh: Galh, serve: Serve) -> None:
    """A bench's address is a port too, for all three."""
    url = serve("GALH12345678").url
    code = json.loads(galh("press", "--port", url, "--json")[1])["code"]

    assert galh("display", "--port", url)[1].splitlines()[-1] == f"{code}, dark in 30.0 s"
    assert galh("press", "--port", url) == (1, "", "refused: lit\n")
    assert galh("code", "--port", url)[0] == 0


def test_serial_names_one_of_several(galh: Galh, serve: Serve) -> None:
    """Of several tokens one is named; none, and one that is not there, are wrong usage."""
    url = serve("GALH12345678", "GALH00000042").url

    assert galh("press", "--port", url, "--serial", "galh 0000 0042")[0] == 0
    assert galh("display", "--port", url, "--serial", "GALH12345678")[1].endswith("dark\n")
    for serial, message in ((), "has 2 tokens; name one"), (("--serial", "GALH1"), "GALH1"):
        exit_code, out, err = galh("code", "--port", url, *serial)
        assert (2, "") == (exit_code, out)
        assert message in err


def test_serial_of_another_port(galh: Galh, url: str) -> None:
    """A port of one token is not another's: exit 2, nothing pressed."""
    exit_code, out, err = galh("press", "--port", url, "--serial", "GALH00000042")

    assert (2, "") == (exit_code, out)
    assert f"port {url} has no token GALH00000042" in err
    assert galh("press", "--port", url)[1] == "755224\n"


def test_press_many_times(galh: Galh, url: str) -> None:
    """Pressing three times waits until dark in between and prints three codes."""
    assert galh("press", "--port", url, "--times", 3) == (0, "755224\n287082\n359152\n", "")


@pytest.mark.parametrize(("times", "hold", "needed"), [(6, 0.1, 151), (1, 200, 200)])
def test_press_past_limit_is_refused(
    galh: Galh, url: str, times: int, hold: float, needed: int
) -> None:
    """What would take longer than the limit on this clock is refused before anything is pressed."""
    with mock.patch.object(PortToken, "rate", return_value=1.0):
        exit_code, out, err = galh("press", "--port", url, "--times", times, "--hold", hold)

    assert (2, "") == (exit_code, out)
    assert f"take about {needed} s on this clock, more than the limit of 120 s" in err
    assert galh("code", "--port", url)[1] == "755224\n"


def test_code_waits_until_dark(galh: Galh, url: str) -> None:
    """A fresh code is one that was not there before, even while another is lit."""
    galh("press", "--port", url)

    assert galh("code", "--port", url) == (0, "287082\n", "")


def test_code_as_json(galh: Galh, url: str) -> None:
    """As JSON the code is a string: its leading zeros stay."""
    assert json.loads(galh("code", "--port", url, "--json")[1]) == {
        "code": "755224",
        "refused": None,
    }


def test_display_draws_digits(galh: Galh, url: str) -> None:
    """The LCD is drawn, with the digits and the time left under it."""
    galh("press", "--port", url)
    exit_code, out, err = galh("display", "--port", url)

    assert (0, "") == (exit_code, err)
    assert out.startswith("┌")
    assert re.fullmatch(r"755224, dark in (29\.\d|30\.0) s", out.splitlines()[-1])


def test_display_of_dark_lcd(galh: Galh, url: str) -> None:
    """A dark LCD says so."""
    assert galh("display", "--port", url)[1].splitlines()[-1] == DARK


def test_display_as_json(galh: Galh, time_url: str) -> None:
    """As JSON there are text, segments, bars and the time left."""
    galh("press", "--port", time_url)
    shown = json.loads(galh("display", "--port", time_url, "--json")[1])

    assert {
        "text": "287082",
        "lit": True,
        "segments": "5b7f073f7f5b",
        "bars": 1,
    } == {name: shown[name] for name in ("text", "lit", "segments", "bars")}
    assert 29 < shown["remaining_s"] < 30


def test_display_in_ascii(galh: Galh, url: str) -> None:
    """Drawn in ASCII if asked for."""
    galh("press", "--port", url)

    assert galh("display", "--port", url, "--ascii")[1].isascii()


def test_display_where_output_is_ascii(
    galh: Galh, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn in ASCII too where standard output takes nothing else."""
    monkeypatch.setattr("hosttools.cli.button.speaks_unicode", lambda: False)

    assert galh("display", "--port", url)[1].isascii()


def test_port_from_environment(galh: Galh, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port can come from GALH_PORT."""
    monkeypatch.setenv("GALH_PORT", url)

    assert galh("press") == (0, "755224\n", "")


def test_flag_overrides_environment(galh: Galh, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag goes before the environment."""
    monkeypatch.setenv("GALH_PORT", "/nowhere")

    assert galh("press", "--port", url)[0] == 0


@pytest.mark.parametrize("command", ["press", "display", "code"])
def test_no_port_is_usage(galh: Galh, command: str) -> None:
    """Without a port: exit 2, and the message says which option is missing."""
    exit_code, out, err = galh(command)

    assert (2, "") == (exit_code, out)
    assert "Missing option '--port'" in err


@pytest.mark.parametrize("command", ["press", "display", "code"])
def test_port_that_is_not_there(galh: Galh, command: str) -> None:
    """A port that can't be opened: exit 1 and a message, no traceback."""
    exit_code, out, err = galh(command, "--port", "/nowhere/tty")

    assert (1, "") == (exit_code, out)
    assert err.startswith("galh: port /nowhere/tty can't be opened")


@pytest.mark.parametrize("hold", ["0", "-1", "4000", "nan", "x"])
def test_hold_out_of_range(galh: Galh, url: str, hold: str) -> None:
    """A hold time that can't be: exit 2, nothing pressed."""
    assert galh("press", "--port", url, "--hold", hold)[0] == 2
    assert galh("press", "--port", url)[1] == "755224\n"
