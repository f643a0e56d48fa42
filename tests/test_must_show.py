"""What the whole thing must show, from outside: real processes, real ptys, clients of others."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import pyvisa
import serial
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from hosttools.seedfiles import read_seeds, sample
from hosttools.testing import BACKSTOP_S, Serving

RFC = sample("rfc4226.csv")
SERIAL = "GALH00004226"
RFC_CODES = (
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
)


@pytest.fixture
def link(tmp_path: Path) -> str:
    """Return where the token of RFC 4226 is linked."""
    return str(tmp_path / "ports" / SERIAL)


def _press_ten_times(write: Callable[[str], object], ask: Callable[[str], str]) -> None:
    """Press ten times, and press again while lit; assert the codes of RFC 4226."""
    codes = []
    for _ in RFC_CODES:
        write("BUTT:PRES")
        codes.append(ask("DISP:TEXT?").strip('"'))
        write("BUTT:PRES")
        assert codes[-1] == ask("DISP:TEXT?").strip('"')
        write("CLOC:ADV 31")
        assert ask("DISP:TEXT?") == '""'
    assert list(RFC_CODES) == codes
    assert ask("TOK:COUN?") == "10"
    assert ask("SYST:ERR?") == '0,"No error"'


def test_rfc4226_through_pyserial(link: str) -> None:
    """A client that knows only pyserial sees the ten codes of RFC 4226 appendix D."""
    with (
        Serving("--seeds", RFC, "--link", f"{Path(link).parent}/", "--clock", "manual"),
        serial.Serial(link, timeout=BACKSTOP_S) as port,
    ):

        def write(line: str) -> None:
            port.write(f"{line}\n".encode())

        def ask(line: str) -> str:
            write(line)
            answer: bytes = port.readline()
            return answer.decode().removesuffix("\n")

        _press_ten_times(write, ask)


def test_rfc4226_through_pyvisa() -> None:
    """A client that knows only PyVISA sees the same."""
    with Serving("--seeds", RFC, "--clock", "manual") as served:
        manager = pyvisa.ResourceManager("@py")
        try:
            port = manager.open_resource(
                f"ASRL{served.port()}::INSTR",
                resource_pyclass=pyvisa.resources.SerialInstrument,
                read_termination="\n",
                write_termination="\n",
                timeout=BACKSTOP_S * 1000,
            )
            assert isinstance(port, pyvisa.resources.SerialInstrument)
            _press_ten_times(port.write, port.query)
            port.close()
        finally:
            manager.close()


PRESS = b"BUTT:PRES?\nCLOC:ADV 31\n"
WINDOW = 400
"""Presses sent at once, so that the kill finds the token pressed, whenever it comes."""


def _press_until_killed(served: Serving, answers: int) -> tuple[int, list[str]]:
    """Press as fast as possible, and kill after so many answers.

    Returns:
        The next counter at the start, and the codes that were shown.
    """
    with serial.Serial(served.port(), timeout=BACKSTOP_S, write_timeout=BACKSTOP_S) as port:
        port.write(b"TOK:COUN?\n")
        counter = int(port.readline())
        port.write(PRESS * WINDOW)
        shown = [port.readline() for _ in range(answers)]
        served.process.kill()
        try:
            while line := port.readline():  # what was on its way
                shown.append(line)
        except serial.SerialException:
            pass  # hung up
    served.kill()
    return counter, [line.decode().strip('"\n') for line in shown if line.endswith(b'"\n')]


def _kill_again_and_again(state: Path, kills: int) -> None:
    draw = random.Random(4226)  # noqa: S311  # when to kill, no secret
    (record,) = read_seeds(RFC)
    server = HOTP(record.secret.reveal(), 6, SHA1(), enforce_key_length=False)  # noqa: S303  # RFC 4226
    following = 0  # the first counter that no code has been shown of
    link = state.with_name("token")
    for _ in range(kills):
        with Serving(
            "--seeds", RFC, "--state", state, "--link", link, "--clock", "manual"
        ) as served:
            counter, codes = _press_until_killed(served, draw.randrange(40))
        assert following <= counter
        following = counter
        for code in codes:
            # Codes are short, so that two counters may share one: what must not repeat is
            # the counter. A kill may skip some, never many.
            ahead = range(following, following + 3)
            following = 1 + next(n for n in ahead if server.generate(n).decode() == code)
        assert following >= counter + len(codes)


def test_killed_token_goes_on(tmp_path: Path) -> None:
    """Killed with -9 while pressed as fast as possible, it starts again and repeats nothing."""
    _kill_again_and_again(tmp_path / "state", 8)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_killed_token_goes_on_and_on(tmp_path: Path) -> None:
    """The same, 200 times."""
    _kill_again_and_again(tmp_path / "state", 200)
