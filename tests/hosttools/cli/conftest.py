"""Commands run in this process, and a token for them to talk to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from emulator.clock import VirtualClock
from emulator.inprocess import alive
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, GALT
from firmware_model.profile import SECOND
from hosttools.cli.main import run


class Done(NamedTuple):
    """What a command left."""

    exit_code: int
    out: str
    err: str


Galh = Callable[..., Done]


@pytest.fixture
def galh(capsys: pytest.CaptureFixture[str]) -> Galh:
    """Return a function that runs ``galh`` with arguments."""

    def run_it(*arguments: object) -> Done:
        exit_code = run([str(argument) for argument in arguments])
        return Done(exit_code, *capsys.readouterr())

    return run_it


@pytest.fixture
def url() -> Iterator[str]:
    """Serve an event token with the RFC 4226 secret on a manual clock; return its port."""
    yield from _serve("GALH00004226")


@pytest.fixture
def time_url() -> Iterator[str]:
    """Serve a time token likewise, at 59 s; return its port."""
    yield from _serve("GALT00006238")


def _serve(serial: str) -> Iterator[str]:
    profile = GALT if serial.startswith("GALT") else GALH
    config = configure(serial, profile, Secret(b"12345678901234567890"))

    with alive([config], clock=VirtualClock(59 * SECOND)):
        yield f"galh://{serial}"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """Return a file with a password."""
    path = tmp_path / "password"
    path.write_text("correct horse\nnot this\n")
    return path
