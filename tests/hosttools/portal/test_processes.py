"""Several processes on one database: one log, and no code that is taken twice."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.portal import auditlog, open_portal
from hosttools.portal.passwords import CHEAP
from hosttools.refserver import Record, Status

PROCESSES, ENTRIES = 4, 5
SECRET = Secret(b"12345678901234567890")
TOKEN = Record(
    serial="GALH00990042",
    token_type=TokenType.EVENT,
    secret=SECRET,
    status=Status.ACTIVE,
    next_factor=10,
)
WRITER = Path(__file__).with_name("writer.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture(params=["file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new database is, of each kind that processes can share."""
    if request.param == "file":
        return str(tmp_path / "portal.db")
    fresh: str = request.getfixturevalue("postgres").fresh()
    return fresh


def _run_at_once(command: list[str]) -> Counter[str]:
    """Start the processes, let go all of them at once, and count what they print."""
    gate, release = os.pipe()
    running = [
        subprocess.Popen(command, stdin=gate, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        for _ in range(PROCESSES)
    ]
    os.close(gate)
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    os.close(release)  # the end of everybody's standard input
    printed = Counter(process.communicate()[0].strip() for process in running)
    assert {0} == {process.returncode for process in running}
    return printed


def test_they_share_one_log_and_take_a_code_once(url: str) -> None:
    """Several open one new database, submit one code and write on: one chain, one acceptance."""
    with open_portal(url, hashing=CHEAP) as portal:
        portal.tokens.add(TOKEN)
        before = len(auditlog.entries(portal))

    code = hotp(Key(SECRET), 10)
    kinds = _run_at_once([sys.executable, str(WRITER), url, TOKEN.serial, code, str(ENTRIES)])

    assert {"accepted": 1, "replayed": PROCESSES - 1} == kinds
    with open_portal(url, hashing=CHEAP) as portal:
        findings = auditlog.verify(portal)
        told = Counter(e.told().get("kind") for e in auditlog.entries(portal, TOKEN.serial))
    assert (True, before + PROCESSES * (1 + ENTRIES)) == (findings.ok, findings.entries)
    assert kinds == told


def test_they_make_one_database(url: str) -> None:
    """Several find nothing and fill it at once: there is one key, one practice, one log."""
    script = (
        "import sys; from hosttools.portal import open_portal, auditlog\n"
        "from hosttools.portal.passwords import CHEAP\n"
        "print('ready', flush=True); sys.stdin.read()\n"
        "with open_portal(sys.argv[1], hashing=CHEAP) as portal:\n"
        "    print(len(auditlog.entries(portal)), portal.signer.fingerprint)"
    )
    printed = _run_at_once([sys.executable, "-c", script, url])

    assert [PROCESSES] == list(printed.values())
    with open_portal(url, hashing=CHEAP) as portal:
        assert auditlog.verify(portal).ok
