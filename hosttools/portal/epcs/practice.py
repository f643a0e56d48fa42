"""What an empty practice has on the EPCS side: credentials, patients, and tokens of the ward.

All made up; the tokens' secrets are published. Doctors who have access from the start were
registered before the story began.
"""

import dataclasses
from typing import Final

from sqlalchemy import Connection, insert

from hosttools.portal import accounts
from hosttools.portal.accounts import EpcsStatus, Role
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import registration, rules, tables
from hosttools.refserver.intake import record_of_seed
from hosttools.refserver.record import Status
from hosttools.seedfiles import read_seed, sample

_TOKENS: Final = (
    ("GALH00000042", "dr.adams", Status.ASSIGNED),
    ("GALT00000042", "dr.adams", Status.ASSIGNED),
    ("GALH12345678", "dr.baker", Status.ACTIVE),
    ("GALH20140711", "dr.novak", Status.ASSIGNED),
)
"""Of the sample tokens: whose, and whether it was added before the story began. Somebody has
to have one, or nobody could approve anybody."""

_PATIENTS: Final = (
    ("mara-ivers", "Mara Ivers", "1961-04-12", "3 Pine Road, Springfield, IL 62704"),
    ("otto-lund", "Otto Lund", "1948-11-30", "77 Birch Street, Springfield, IL 62704"),
    ("pia-quist", "Pia Quist", "1987-07-02", "5 Cedar Court, Springfield, IL 62704"),
)


def fill(portal: Portal, at: Connection) -> None:
    """Fill in what belongs to the practice accounts; part of the caller's change."""
    now_ns = portal.clock.now_ns()
    doctors = [each for each in accounts.list_all(portal) if each.role is Role.DOCTOR]
    for number, doctor in enumerate(doctors, 1):
        last_name = doctor.full_name.partition(",")[0].split()[-1]
        dea_number = rules.made_up_dea_number(last_name, f"{number:06}")
        at.execute(insert(tables.prescriber).values(account=doctor.name, dea_number=dea_number))
        if doctor.epcs is EpcsStatus.ACTIVE:
            registration.complete(at, doctor.name, now_ns)
    for patient_id, full_name, born, address in _PATIENTS:
        at.execute(
            insert(tables.patient).values(
                id=patient_id,
                practice=doctors[0].practice,
                full_name=full_name,
                born=born,
                address=address,
            )
        )
    for serial, holder, status in _TOKENS:
        record = record_of_seed(read_seed(sample("ward.csv"), serial))
        portal.tokens.enrol(dataclasses.replace(record, holder=holder, status=status), now_ns)
        if status is Status.ACTIVE:
            at.execute(insert(tables.device).values(serial=serial, account=holder, added_ns=now_ns))
