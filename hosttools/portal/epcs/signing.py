"""Signing: one act of two factors, for several prescriptions of one patient.

The token's verdict, the signatures and the words in the log are one change of the
database: a code is used up if and only if what it was for was signed with it. A signed
record is a text of its own that is never changed again; :mod:`.signedrecords` makes and
checks it.
"""

from dataclasses import dataclass
from typing import Final

from hosttools.portal.desk import Portal
from hosttools.portal.epcs import guard, prescriptions, signedrecords
from hosttools.portal.epcs.factors import Factors, two_factors
from hosttools.portal.epcs.signedrecords import Act, SignedRecord
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.sessions import Session

STATEMENT: Final = (
    "By entering both factors now you sign the prescriptions shown above, as the law"
    " understands it, and let them go to the pharmacy. Only the practitioner whose name and DEA"
    " registration number are shown may do so."
)
"""What is shown beside the prescriptions while the factors are asked for: the statement of
21 CFR 1311.140 (a)(3), in words of the same meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What was signed in one act.

    Attributes:
        act_id: names the act.
        serial: the token that was pressed.
        records: a record for each prescription, in the order they were asked for.
    """

    act_id: str
    serial: str
    records: tuple[SignedRecord, ...]


def sign(
    portal: Portal, session: Session, prescription_ids: tuple[str, ...], factors: Factors
) -> Signed:
    """Sign prescriptions.

    Args:
        portal: whose.
        session: the doctor's.
        prescription_ids: of one patient, all ready.
        factors: what the doctor knows, and what the fob shows.

    Raises:
        Refusal: no access, prescriptions that can't be signed so (then no factor is looked
            at), or the factors were refused (then nothing is signed).
    """
    with portal.db.read() as at:
        account = guard.with_access(portal, at, session)
        chosen = prescriptions.signable(portal, at, account, prescription_ids)
        if not all(each.dea_number for each in chosen):
            raise Refusal(Why.CONFLICT, "You have no DEA number here. Contact your administrator.")
    with two_factors(portal, account, factors, "sign") as (at, verdict):
        # Things may have changed while the password was looked at.
        account = guard.with_access(portal, at, session)
        chosen = prescriptions.signable(portal, at, account, prescription_ids)
        act = Act(
            act_id=portal.draws.token(9),
            signed_ns=portal.clock.now_ns(),
            account=account.name,
            serial=verdict.serial,
            known=factors.known.value,
        )
        records = tuple(signedrecords.make(portal, at, act, each) for each in chosen)
        for each in chosen:
            prescriptions.mark_signed(at, each)
        return Signed(act_id=act.act_id, serial=act.serial, records=records)
