"""Feitian's XML: PSKC with the maker's name, lifetimes and 13-digit serial numbers."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.feitian_xml import (
    MANUFACTURER,
    looks_like,
    parse_feitian_xml,
    write_feitian_xml,
)
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.pskc import write_pskc
from hosttools.testing import BACKSTOP_S

RECORD = SeedRecord(
    serial="1000000000042",
    secret=Secret(bytes(range(20))),
    token_type=TokenType.TIME,
    algorithm=Algorithm.SHA1,
    digits=6,
    step_s=60,
    starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=datetime(2031, 12, 31, tzinfo=UTC),
)
NAMED = replace(RECORD, manufacturer=MANUFACTURER)


def test_round_trip() -> None:
    """Lifetimes come back, and the maker's name is there."""
    data = write_feitian_xml([RECORD])
    assert [NAMED] == [record for _, record in parse_feitian_xml(data, "t.xml")]


def test_encrypted() -> None:
    """A key is for Feitian's files too."""
    data = write_feitian_xml([NAMED], key=bytes(16))
    found = parse_feitian_xml(data, "t.xml", key=bytes(16))
    assert [NAMED] == [record for _, record in found]


def test_elements_without_prefix() -> None:
    """Elements are written without a prefix, as the maker does."""
    assert (True, False) == (
        b'<KeyContainer xmlns="urn:ietf' in write_feitian_xml([RECORD]),
        b"pskc:Key" in write_feitian_xml([RECORD]).replace(b"keyprov:pskc", b""),
    )


def test_looks_like() -> None:
    """The format is PSKC with Feitian's name in it."""
    assert (True, True, False) == (
        looks_like(write_feitian_xml([RECORD])),
        looks_like(write_pskc([NAMED])),
        looks_like(write_pskc([RECORD])),
    )


def test_pskctool_reads_ours(require_tool: Callable[[str], str]) -> None:
    """Oath-toolkit reads it, and the schema allows it."""
    tool = require_tool("pskctool")
    outputs = [
        subprocess.run(
            [tool, "--strict", mode],
            input=write_feitian_xml([RECORD]),
            capture_output=True,
            check=True,
            timeout=BACKSTOP_S,
        ).stdout.decode()
        for mode in ("--validate", "--info")
    ]
    assert ("OK\n", True, True) == (
        outputs[0],
        "SerialNo: 1000000000042" in outputs[1],
        "Policy ExpiryDate: 2031-12-31 00:00:00" in outputs[1],
    )
