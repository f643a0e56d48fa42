"""What an empty practice has on the EPCS side: credentials, patients, something to sign.

All made up. Doctors who have access from the start were registered before the story began.
"""

from typing import Final

from sqlalchemy import Connection, insert

from hosttools.portal import accounts
from hosttools.portal.accounts import Account, EpcsStatus, Role
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import registration, rules, tables

_PATIENTS: Final = (
    ("mara-ivers", "Mara Ivers", "1961-04-12", "3 Pine Road, Springfield, IL 62704"),
    ("otto-lund", "Otto Lund", "1948-11-30", "77 Birch Street, Springfield, IL 62704"),
    ("pia-quist", "Pia Quist", "1987-07-02", "5 Cedar Court, Springfield, IL 62704"),
)


def fill(portal: Portal, at: Connection) -> None:
    """Fill in what belongs to the accounts that are there; part of the caller's change."""
    people = accounts.list_all(portal)
    doctors = [account for account in people if account.role is Role.DOCTOR]
    for number, account in enumerate(doctors, 1):
        _prescriber(at, account, number)
        if account.epcs is EpcsStatus.ACTIVE:
            registration.complete(at, account.name, portal.clock.now_ns())
    practices = sorted({account.practice for account in doctors})
    for practice in practices:
        for patient_id, full_name, born, address in _PATIENTS:
            at.execute(
                insert(tables.patient).values(
                    id=patient_id,
                    practice=practice,
                    full_name=full_name,
                    born=born,
                    address=address,
                )
            )


def _prescriber(at: Connection, account: Account, number: int) -> None:
    number_of = rules.made_up_dea_number(
        account.full_name.split(",")[0].split()[-1], f"{number:06}"
    )
    at.execute(insert(tables.prescriber).values(account=account.name, dea_number=number_of))
