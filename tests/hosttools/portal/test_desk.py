"""A portal and its tokens are one database, and one change."""

import contextlib
import pkgutil
from pathlib import Path

import pytest
from sqlalchemy import Table, delete

import hosttools.portal
from hosttools.errors import StateError, UsageError
from hosttools.portal import Portal, auditlog, open_portal
from hosttools.portal.desk import PARTS
from hosttools.portal.passwords import CHEAP
from hosttools.portal.tables import key, setting
from hosttools.refserver import Status
from hosttools.refserver.intake import record_of_seed
from hosttools.seedfiles import read_seeds, sample

(SEED,) = read_seeds(sample("rfc4226.csv"))
SERIAL = SEED.serial


def test_a_verdict_is_a_part_of_the_change(portal: Portal) -> None:
    """What a token did in a change that failed, it did not do; nor does the log tell of it."""
    portal.tokens.enrol(record_of_seed(SEED), 0)
    before = auditlog.entries(portal)
    with contextlib.suppress(LookupError), portal.db.write() as at:
        portal.tokens.revoke(SERIAL, 1)
        auditlog.append(portal, at, "support", "revoked", SERIAL)
        raise LookupError
    assert Status.ASSIGNED is portal.tokens.get(SERIAL).status
    assert before == auditlog.entries(portal)

    with portal.db.write() as at:
        verdict = portal.tokens.revoke(SERIAL, 2)
        auditlog.append(portal, at, "support", verdict.kind.value, SERIAL)
    assert Status.REVOKED is portal.tokens.get(SERIAL).status
    assert [(2, "revoked")] == [(e.at_ns, e.kind) for e in portal.tokens.audit(SERIAL)][1:]


@pytest.mark.parametrize("table", [key, setting])
def test_what_was_taken_away_is_not_made_anew(tmp_path: Path, table: Table) -> None:
    """A log is not signed by another key than before, and opening it to verify adds nothing."""
    place = str(tmp_path / "portal.db")
    with open_portal(place, hashing=CHEAP) as portal:
        before = auditlog.entries(portal)
        with portal.db.write() as at:
            at.execute(delete(table))

    if table is key:
        with pytest.raises(StateError, match="signing key is gone"):
            open_portal(place, fill=False, make=False)
        return
    with open_portal(place, fill=False, make=False) as portal:
        assert before == auditlog.entries(portal)
        assert auditlog.verify(portal).ok


def test_opens_what_is_there(tmp_path: Path) -> None:
    """And makes nothing, if it is told not to."""
    place = str(tmp_path / "portal.db")
    with pytest.raises(UsageError, match="no database"):
        open_portal(place, make=False)
    assert [] == list(tmp_path.iterdir())

    open_portal(place, hashing=CHEAP).close()
    with open_portal(place, make=False, fill=False, hashing=CHEAP) as portal:
        assert auditlog.verify(portal).ok


def test_all_parts_are_loaded() -> None:
    """Tables of a part that is not loaded would be in no new database."""
    modules = pkgutil.walk_packages(hosttools.portal.__path__, "hosttools.portal.")
    parts = {module.name for module in modules if module.name.endswith(".tables")}

    assert parts - {"hosttools.portal.tables"} == set(PARTS)


def test_the_key_is_in_no_repr(portal: Portal) -> None:
    """Nor is anything that a password could be guessed by."""
    assert portal.signer.private.hex() not in repr(portal)
    assert str(portal.signer.private) not in repr(portal)
