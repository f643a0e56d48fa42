"""Whether what the portal keeps is what was done: its log, and all that was signed."""

import dataclasses
from typing import TYPE_CHECKING

from hosttools.portal import auditlog
from hosttools.portal.auditlog import Anchor
from hosttools.portal.epcs import signedrecords
from hosttools.portal.logproof import Findings, Wrong

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

_NAMED = 3
"""So many prescriptions are named, if more are wrong."""


def inspect(portal: "Portal", against: Anchor | None = None) -> Findings:
    """Verify the log, and then every signed prescription against its signature and the log.

    Args:
        portal: whose.
        against: where the log was before; ``None``: nobody knows.
    """
    findings = auditlog.verify(portal, against)
    if not findings.ok:
        return findings
    signed = signedrecords.verify_all(portal)
    wrong = [each for each in signed if not each.ok]
    if not wrong:
        words = f"{findings.words}; {len(signed)} signed prescriptions, each as it was signed"
        return dataclasses.replace(findings, words=words)
    named = ", ".join(f"{each.prescription_id} ({each.words})" for each in wrong[:_NAMED])
    more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    return dataclasses.replace(
        findings,
        wrong=Wrong.SIGNED,
        words=f"the log is whole, but not what was signed: {named}{more}",
    )
