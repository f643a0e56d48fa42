"""Records of made-up tokens, and their codes as the token model computes them.

The server under test has another implementation of HOTP: that the two agree
is part of what these tests show.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.refserver import Record, Status
from tests.hosttools.refserver.stores import FILES, KINDS, PortalPostgreSql, Shop

RFC_SECRET = Secret(b"12345678901234567890")
_KEY = Key(RFC_SECRET)


@pytest.fixture(scope="session")
def code() -> Callable[[int], str]:
    """The code of a counter or step of the RFC 4226 secret, 6 digits."""
    return lambda factor: hotp(_KEY, factor)


@pytest.fixture(scope="session")
def event() -> Record:
    """An active event token whose next counter is 10."""
    return Record(
        serial="GALH00000042",
        token_type=TokenType.EVENT,
        secret=RFC_SECRET,
        status=Status.ACTIVE,
        next_factor=10,
    )


@pytest.fixture(scope="session")
def timed() -> Record:
    """An active time token that has shown no code yet."""
    return Record(
        serial="GALT00000042",
        token_type=TokenType.TIME,
        secret=RFC_SECRET,
        status=Status.ACTIVE,
    )


@pytest.fixture(scope="session")
def at() -> Callable[[int], int]:
    """Server time in the middle of a 30 s step, ns."""
    return lambda step: (step * 30 + 15) * 1_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be."""
    return tmp_path / "server.db"


@pytest.fixture(params=KINDS)
def shop(request: pytest.FixtureRequest, path: Path) -> Shop:
    """Return a new database, of each kind in turn."""
    if request.param in FILES:
        return FILES[request.param](path)
    return PortalPostgreSql(request.getfixturevalue("postgres").fresh())


@pytest.fixture(params=FILES)
def file_shop(request: pytest.FixtureRequest, path: Path) -> Shop:
    """Return a new database in a file, of each kind in turn."""
    return FILES[request.param](path)
