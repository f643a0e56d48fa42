"""People of the practice who are logged in, with fobs and phones in their hands."""

from firmware_model.oath import Key, hotp
from hosttools.portal import Portal
from hosttools.portal.epcs import devices, phone, prescriptions, proof
from hosttools.portal.epcs.charts import Prescription
from hosttools.portal.epcs.factors import Factors, Known
from hosttools.portal.epcs.forms import Form, Outcome
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.epcs.rules import Draft
from hosttools.portal.practice import PIN
from hosttools.portal.sessions import Session

SERIAL = "GALH00000042"
BAKERS = "GALH12345678"
PATIENT = "mara-ivers"
OTHER_PATIENT = "otto-lund"
DRAFT = Draft(drug="samplodone-5", quantity=20, directions="One at night")


class Fob:
    """A fob that is pressed; it knows nothing of any server.

    Args:
        portal: whose seed file has its secret.
        serial: its serial number.
    """

    def __init__(self, portal: Portal, serial: str) -> None:
        record = portal.tokens.get(serial)
        self.serial = serial
        self.counter = record.next_factor
        self._key = Key(record.secret)

    def press(self, times: int = 1) -> str:
        """Press so many times, and read the last code."""
        self.counter += times
        return hotp(self._key, self.counter - 1)

    def pair(self) -> tuple[str, str]:
        """Press twice, and read both codes."""
        return self.press(), self.press()


class Doctor:
    """A doctor who is logged in, with a fob and a phone.

    Args:
        portal: where.
        session: the doctor's.
        serial: of the fob.
    """

    def __init__(self, portal: Portal, session: Session, serial: str) -> None:
        self.portal = portal
        self.session = session
        self.fob = Fob(portal, serial)

    def prove(self) -> None:
        """Open device management by a text."""
        proof.send(self.portal, self.session, Channel.SMS)
        proof.submit(self.portal, self.session, self.told())

    def told(self) -> str:
        """Return the code of the newest message."""
        return phone.messages(self.portal, self.session.account)[-1].code

    def add(self, code1: str | None = None, code2: str | None = None) -> Outcome:
        """Submit the add form, by two presses unless codes are given."""
        page = devices.begin(self.portal, self.session, Form.ADD)
        return devices.add(
            self.portal,
            self.session,
            page.form_id,
            self.fob.serial,
            code1 or self.fob.press(),
            code2 or self.fob.press(),
        )

    def resync(self) -> Outcome:
        """Submit the resync form by two presses."""
        page = devices.begin(self.portal, self.session, Form.RESYNC, self.fob.serial)
        return devices.resync(
            self.portal, self.session, page.form_id, page.serial, *self.fob.pair()
        )

    def factors(self, *, secret: str = PIN, code: str | None = None) -> Factors:
        """Return the PIN and a fresh code, unless others are given."""
        return Factors(known=Known.PIN, secret=secret, code=code or self.fob.press())

    def ready(self, patient_id: str = PATIENT, draft: Draft = DRAFT) -> Prescription:
        """Compose something, and make it ready."""
        written = prescriptions.compose(self.portal, self.session, patient_id, draft)
        return prescriptions.mark_ready(
            self.portal, self.session, written.prescription_id, written.version
        )
