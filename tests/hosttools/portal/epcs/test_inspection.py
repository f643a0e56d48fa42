"""The log and what was signed, verified together."""

import pytest
from sqlalchemy import update

from hosttools.portal import Portal
from hosttools.portal.epcs import signing, tables
from hosttools.portal.inspection import inspect
from hosttools.portal.logproof import Wrong
from hosttools.portal.tables import log
from tests.hosttools.portal.epcs.people import Doctor


@pytest.fixture
def signed(portal: Portal, baker: Doctor) -> str:
    """Sign two prescriptions, and return the number of one."""
    ids = [baker.ready().prescription_id for _ in range(2)]
    signing.sign(portal, baker.session, tuple(ids), baker.factors())
    return ids[0]


def test_all_as_it_was(portal: Portal, signed: str) -> None:
    """A whole log, and how much was signed."""
    assert signed
    findings = inspect(portal)

    assert findings.ok
    assert findings.words.endswith("; 2 signed prescriptions, each as it was signed")


def test_changed_prescription(portal: Portal, signed: str) -> None:
    """The log is whole, but a prescription is not what its doctor signed."""
    with portal.db.write() as at:
        at.execute(
            update(tables.prescription)
            .where(tables.prescription.c.id == signed)
            .values(quantity=999)
        )
    findings = inspect(portal)

    assert (False, Wrong.SIGNED) == (findings.ok, findings.wrong)
    assert f"not what was signed: {signed} (changed since" in findings.words


def test_changed_log_comes_first(portal: Portal, signed: str) -> None:
    """What a changed log tells of signatures counts for nothing."""
    assert signed
    with portal.db.write() as at:
        at.execute(update(log).where(log.c.number == 2).values(actor="nobody"))

    assert Wrong.CHANGED is inspect(portal).wrong
