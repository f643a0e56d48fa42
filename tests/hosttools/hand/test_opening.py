"""From what people write to a token in the hand, and what is wrong with what they wrote."""

import threading

import pytest

from emulator.inprocess import alive
from hosttools.benchanswers import BenchError
from hosttools.errors import HostError, UsageError
from hosttools.hand import (
    BenchHand,
    PortError,
    Token,
    open_hand,
    open_still_bench,
    sample_config,
)
from hosttools.testing import Serving

EVENT, TIMED = "GALH00004226", "GALT00006238"


def test_samples() -> None:
    """A sample token lives in this process, as new."""
    with Token.in_process("galh 0000 4226") as token:
        assert (EVENT, "755224") == (token.serial, token.press())


def test_still_bench() -> None:
    """A bench whose time stands needs no thread; codes, waits and faults are those of any other."""
    before = threading.enumerate()  # of which some may end meanwhile: those of other tests
    alive_here = open_still_bench([(sample_config(EVENT), None)], 0)
    with Token(BenchHand(alive_here, EVENT, close=alive_here.close)) as token:
        assert set() == {*threading.enumerate()}.difference(before)
        assert ["755224", "287082"] == token.press_many(2)
        assert 0 < token.now_ns
        token.inject("{press = 1, reset = {}}")
        token.wait_dark()
        assert "reset" == token.try_press().refused


def test_no_such_sample() -> None:
    """What is no sample is refused with those that are."""
    with pytest.raises(UsageError, match=r"no sample token GALH99999999; there are GALH00004226, "):
        Token.in_process("GALH99999999")


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("/nowhere/tty", r"port /nowhere/tty can't be opened"),
        ("", r"port  can't be opened"),
        ("galh://GALH99999999", r"can't be opened"),
        ("socket://127.0.0.1:1", r"can't be opened"),
        ("socket://", r"can't be opened"),
        ("rfc2217://127.0.0.1:1", r"can't be opened"),
        ("nosuch://x", r"can't be opened"),
    ],
)
def test_port_that_is_none(target: str, error: str) -> None:
    """Whatever can't be opened is an error of ours that says so."""
    with pytest.raises(PortError, match=error):
        open_hand(target)


def test_bench_that_is_not_there() -> None:
    """A URL where nobody listens, and one that is none."""
    with pytest.raises(BenchError, match=r"no answer from http://127\.0\.0\.1:1"):
        open_hand("http://127.0.0.1:1")
    with pytest.raises(UsageError, match="no URL of a bench"):
        open_hand("http://")


def test_port_of_another_token() -> None:
    """A port of one token is asked whether it is the one that is meant."""
    with alive([sample_config(EVENT)]):
        assert EVENT == open_hand(f"galh://{EVENT}", "galh-00004226").serial()
        with pytest.raises(UsageError, match=rf"has no token {TIMED}: .*refused: -221"):
            open_hand(f"galh://{EVENT}", TIMED)


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # of pyserial 3.5
def test_several_tokens() -> None:
    """Where there are several, one has to be named, and has to be there; also over HTTP."""
    listen = ("--mux", "127.0.0.1:0", "--http", "127.0.0.1:0", "--no-pty")
    with Serving("--seeds", "ward.csv", "--clock", "manual", *listen) as serving:
        mux, http = f"socket://{serving.ready['mux']}", serving.http
        for target in (mux, http):
            with pytest.raises(UsageError, match=r"has 6 tokens; name one by its serial number"):
                open_hand(target)
            with pytest.raises(HostError, match="GALH99999999"):
                open_hand(target, "GALH99999999")
            with Token.open(target, "GALT00000042") as token:
                assert "GALT00000042" == token.serial


def test_only_token_needs_no_name() -> None:
    """Where there is one, it is the one; also on a port that could speak for several."""
    with Serving(
        *("--seeds", "rfc4226.csv", "--clock", "manual", "--mux", "pty", "--http", "127.0.0.1:0")
    ) as serving:
        for target in (serving.ready["mux"], serving.http):
            with Token.open(target) as token:
                assert EVENT == token.serial
