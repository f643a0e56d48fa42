"""Several processes on one database: one log, and no code that is taken twice."""

import sys
from collections import Counter
from pathlib import Path

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.portal import auditlog, open_portal
from hosttools.portal.passwords import CHEAP
from hosttools.refserver import Record, Status
from tests.hosttools.atonce import run_at_once

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


def test_they_share_one_log_and_take_a_code_once(shared_url: str) -> None:
    """Several open one new database, submit one code and write on: one chain, one acceptance."""
    with open_portal(shared_url, hashing=CHEAP) as portal:
        portal.tokens.add(TOKEN)
        before = len(auditlog.entries(portal))

    code = hotp(Key(SECRET), 10)
    command = [sys.executable, str(WRITER), shared_url, TOKEN.serial, code, str(ENTRIES)]
    kinds = run_at_once(command, PROCESSES)

    assert {"accepted": 1, "replayed": PROCESSES - 1} == kinds
    with open_portal(shared_url, hashing=CHEAP) as portal:
        findings = auditlog.verify(portal)
        told = Counter(e.told().get("kind") for e in auditlog.entries(portal, TOKEN.serial))
    assert (True, before + PROCESSES * (1 + ENTRIES)) == (findings.ok, findings.entries)
    assert kinds == told


def test_they_make_one_database(shared_url: str) -> None:
    """Several find nothing and fill it at once: there is one key, one practice, one log."""
    script = (
        "import sys; from hosttools.portal import open_portal, auditlog\n"
        "from hosttools.portal.passwords import CHEAP\n"
        "print('ready', flush=True); sys.stdin.read()\n"
        "with open_portal(sys.argv[1], hashing=CHEAP) as portal:\n"
        "    print(len(auditlog.entries(portal)), portal.signer.fingerprint)"
    )
    printed = run_at_once([sys.executable, "-c", script, shared_url], PROCESSES)

    assert [PROCESSES] == list(printed.values())
    with open_portal(shared_url, hashing=CHEAP) as portal:
        assert auditlog.verify(portal).ok
