"""Signed records: the text of a prescription as it was signed, and the signature over it.

The text is canonical JSON of all that 21 CFR 1306.05 (a) and 1311.120 want on a
prescription, and of the act that signed it. It is kept as it was signed, so that no later
release has to write the same bytes again to check a signature.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from emulator.clock import format_utc
from hosttools.portal import auditlog
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import charts, tables
from hosttools.portal.epcs.charts import Prescription, State
from hosttools.portal.epcs.ids import is_id
from hosttools.portal.logentry import COLUMNS, entry_of
from hosttools.portal.refusals import Refusal, Why
from hosttools.portal.tables import log

FORMAT: Final = "galh prescription v1"
LOGGED_AS: Final = "prescription signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of two factors.

    Attributes:
        act_id: names it.
        signed_ns: when, ns since 1970, UTC; its day is the date of issuance.
        account: who.
        serial: by which token.
        known: by what else, ``password`` or ``pin``.
    """

    act_id: str
    signed_ns: int
    account: str
    serial: str
    known: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRecord:
    """A prescription as it was signed.

    Attributes:
        prescription_id: which.
        act_id: in which act.
        signed_ns: when, ns since 1970, UTC.
        text: what was signed, canonical JSON.
        signature: Ed25519 over it, hexadecimal.
    """

    prescription_id: str
    act_id: str
    signed_ns: int
    text: str
    signature: str

    @property
    def digest(self) -> str:
        """SHA-256 of what was signed, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def told(self) -> dict[str, Any]:
        """What was signed, as plain values."""
        plain: dict[str, Any] = json.loads(self.text)
        return plain


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of checking one signed prescription.

    Attributes:
        prescription_id: which.
        ok: whether it is what was signed.
        words: what is wrong; empty if nothing is.
    """

    prescription_id: str
    ok: bool
    words: str


def make(portal: Portal, at: Connection, act: Act, prescription: Prescription) -> SignedRecord:
    """Sign a prescription as it stands, keep the record, and tell the log of it."""
    text = _canonical({**_content(prescription), **_of_act(act)})
    record = SignedRecord(
        prescription_id=prescription.prescription_id,
        act_id=act.act_id,
        signed_ns=act.signed_ns,
        text=text,
        signature=portal.signer.sign(text.encode()).hex(),
    )
    at.execute(
        insert(tables.signed).values(
            prescription=record.prescription_id,
            act=record.act_id,
            signed_ns=record.signed_ns,
            record=record.text,
            signature=record.signature,
        )
    )
    auditlog.append(
        portal,
        at,
        act.account,
        LOGGED_AS,
        record.prescription_id,
        of=act.act_id,
        serial=act.serial,
        digest=record.digest,
    )
    return record


def get(portal: Portal, prescription_id: str) -> SignedRecord:
    """Return the record of a signed prescription.

    Raises:
        Refusal: it was not signed, or there is none.
    """
    wanted = select(tables.signed).where(tables.signed.c.prescription == prescription_id)
    with portal.db.read() as at:
        row = at.execute(wanted).one_or_none() if is_id(prescription_id) else None
    if row is None:
        raise Refusal(Why.NOT_FOUND, "That prescription was not signed.")
    return _record(row)


def verify(portal: Portal, prescription_id: str) -> Finding:
    """Check one signed prescription against its signature.

    Raises:
        Refusal: as :func:`get`.
    """
    with portal.db.read() as at:
        return _checked(portal, at, get(portal, prescription_id))


def verify_all(portal: Portal) -> tuple[Finding, ...]:
    """Check every signed prescription, and that none of what the log tells of is gone."""
    with portal.db.read() as at:
        records = [_record(row) for row in at.execute(select(tables.signed)).all()]
        gone = sorted(
            (_called_signed(at) | _logged(at).keys()) - {r.prescription_id for r in records}
        )
        return (
            *(_checked(portal, at, record) for record in records),
            *(Finding(each, ok=False, words="signed, and the record is gone") for each in gone),
        )


def _checked(portal: Portal, at: Connection, record: SignedRecord) -> Finding:
    words = _forged(portal, record) or _differs(portal, at, record)
    return Finding(record.prescription_id, ok=not words, words=words)


def _forged(portal: Portal, record: SignedRecord) -> str:
    try:
        signature = bytes.fromhex(record.signature)
    except ValueError:
        return "the signature is damaged"
    if not portal.signer.verify(signature, record.text.encode()):
        return "the record is not what was signed"
    ours = record.told["prescription_id"] == record.prescription_id
    return "" if ours else "the record is another prescription's"


def _differs(portal: Portal, at: Connection, record: SignedRecord) -> str:
    now = charts.by_id(portal, at, record.prescription_id)
    if now is None:
        return "the prescription is gone"
    if now.state is not State.SIGNED:
        return "the prescription is not called signed any more"
    if _logged(at, record.prescription_id).get(record.prescription_id) != record.digest:
        return "the log tells of no such record"
    changed = [name for name in _KEPT if record.told[name] != _content(now)[name]]
    return f"changed since it was signed: {', '.join(changed)}" if changed else ""


def _called_signed(at: Connection) -> set[str]:
    called = select(tables.prescription.c.id).where(
        tables.prescription.c.state == State.SIGNED.value
    )
    return set(at.execute(called).scalars())


def _logged(at: Connection, prescription_id: str | None = None) -> dict[str, object]:
    """Return the digests of what was signed as the log has them, of one or all."""
    wanted = select(*COLUMNS).where(log.c.act == LOGGED_AS)
    if prescription_id is not None:
        wanted = wanted.where(log.c.subject == prescription_id)
    return {row.subject: entry_of(row).told().get("digest") for row in at.execute(wanted)}


def _content(prescription: Prescription) -> dict[str, Any]:
    drug, patient = prescription.drug, prescription.patient
    return {
        "format": FORMAT,
        "prescription_id": prescription.prescription_id,
        "patient_name": patient.full_name,
        "patient_address": patient.address,
        "patient_born": patient.born,
        "drug": drug.name,
        "strength": drug.strength,
        "form": drug.form,
        "schedule": drug.schedule.value,
        "quantity": prescription.quantity,
        "directions": prescription.directions,
        "refills": prescription.refills,
        "practitioner": prescription.doctor_name,
        "practitioner_address": prescription.doctor_address,
        "dea_number": prescription.dea_number,
    }


_KEPT: Final = ("drug", "strength", "form", "schedule", "quantity", "directions", "refills")
"""What lies in the prescription itself: people may move and change their names."""


def _of_act(act: Act) -> dict[str, Any]:
    return {
        "act": act.act_id,
        "issued": format_utc(act.signed_ns)[:10],
        "signed_ns": act.signed_ns,
        "signed_by": act.account,
        "token": act.serial,
        "factors": [act.known, "token"],
    }


def _canonical(plain: dict[str, Any]) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _record(row: Row[Any]) -> SignedRecord:
    return SignedRecord(
        prescription_id=row.prescription,
        act_id=row.act,
        signed_ns=row.signed_ns,
        text=row.record,
        signature=row.signature,
    )
