"""One-time codes that the portal sends: made, kept as a keyed hash, answered once.

Only the newest code of a purpose is valid, for a while and for a few tries. What is kept
is useless to whoever reads the database without the portal's key; the code itself goes
into the message and nowhere else.
"""

import enum
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from hosttools.portal.bugs import Bug
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import tables

TRIES: Final = 5
"""Wrong answers after which a code is worth nothing; our default."""


class Purpose(enum.Enum):
    """What a code is for: it is no good for anything else."""

    PROOF = "proof"
    """To open device management."""
    REGISTRATION_PHONE = "registration-phone"
    REGISTRATION_LETTER = "registration-letter"


class Answer(enum.Enum):
    """What became of a code that somebody entered; for the operator alone."""

    RIGHT = "right"
    WRONG = "wrong"
    LAST_WRONG = "wrong, and worth nothing from now on"
    EXPIRED = "expired"
    NONE = "none is open: never sent, used before, or tried too often"


def issue(
    portal: Portal,
    at: Connection,
    account: str,
    purpose: Purpose,
    *,
    digits: int,
    expires_ns: int,
) -> str:
    """Draw a code, which takes the place of the one before, and return it for its message.

    Args:
        portal: draws it and keys its hash.
        at: where it is kept.
        account: whose it is.
        purpose: what it is for.
        digits: how long it is.
        expires_ns: not to be used after, ns since 1970, UTC.
    """
    code = portal.draws.digits(digits)
    at.execute(delete(tables.challenge).where(*_of(account, purpose)))
    at.execute(
        insert(tables.challenge).values(
            account=account,
            purpose=purpose.value,
            digest=_digest(portal, account, purpose, code),
            expires_ns=expires_ns,
            tries_left=TRIES,
        )
    )
    return code


def answer(
    portal: Portal, at: Connection, account: str, codes: Mapping[Purpose, str]
) -> dict[Purpose, Answer]:
    """Hold what was entered against the newest codes, and use them up if all are right.

    A wrong one costs a try of its own purpose. A right one beside a wrong one stays good.

    Args:
        portal: keyed their hashes.
        at: where they are kept.
        account: whose they are.
        codes: as they were typed, by what they are for; spaces do not matter.
    """
    found = {
        purpose: _held(portal, at, account, purpose, "".join(code.split()))
        for purpose, code in codes.items()
    }
    right = all(each is Answer.RIGHT for each in found.values())
    if right and Bug.PROOF_REUSED not in portal.bugs:
        withdraw(at, account, *codes)
    return found


def withdraw(at: Connection, account: str, *purposes: Purpose) -> None:
    """Make the codes of some purposes worth nothing; of all, if none is named."""
    for purpose in purposes or Purpose:
        at.execute(delete(tables.challenge).where(*_of(account, purpose)))


def _held(portal: Portal, at: Connection, account: str, purpose: Purpose, code: str) -> Answer:
    row = at.execute(select(tables.challenge).where(*_of(account, purpose))).one_or_none()
    given = _digest(portal, account, purpose, code)
    if row is None:
        return Answer.NONE
    if portal.clock.now_ns() > row.expires_ns:
        withdraw(at, account, purpose)
        return Answer.EXPIRED
    if hmac.compare_digest(given, row.digest):
        return Answer.RIGHT
    left = row.tries_left - 1
    if not left:
        withdraw(at, account, purpose)
        return Answer.LAST_WRONG
    at.execute(update(tables.challenge).where(*_of(account, purpose)).values(tries_left=left))
    return Answer.WRONG


def _of(account: str, purpose: Purpose) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return tables.challenge.c.account == account, tables.challenge.c.purpose == purpose.value


def _digest(portal: Portal, account: str, purpose: Purpose, code: str) -> str:
    text = "\0".join(("galh portal code v1", account, purpose.value, code)).encode()
    key = hmac.digest(portal.signer.private, b"galh portal codes v1", hashlib.sha256)
    return hmac.digest(key, text, hashlib.sha256).hex()
