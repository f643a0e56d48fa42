"""A new token, and the way of its seed to the server: as encrypted PSKC.

The maker draws serial number and secret, and writes a PSKC file (RFC 6030) whose secret is
encrypted under a pre-shared key (section 6.1). The server reads that file, and knows of the
token what it says and no more. The key never travels with a file: maker and server agreed
on it once, before the first one, and it lies among the portal's keys.
"""

from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, select

from firmware_model.nvm import Config, configure
from firmware_model.oath import Secret
from firmware_model.products import GALH
from hosttools.errors import UnknownTokenError
from hosttools.manufacture import profile_of
from hosttools.portal.tables import key as key_table
from hosttools.refserver import Record
from hosttools.seedfiles import SeedFormat, SeedRecord, read_seed_bytes, write_pskc

if TYPE_CHECKING:
    from hosttools.portal.desk import Portal

KEY_NAME: Final = "pskc"
"""What the transport key is called among the portal's keys."""
_KEY_BYTES: Final = 16
_SECRET_BYTES: Final = 20
_DIGITS: Final = 8


def new_token(portal: "Portal") -> SeedRecord:
    """Return a token that there was not before, within the change that delivers it.

    Its number begins with no zero, as those do that people make by hand to practise with.
    """
    while True:
        serial = f"GALH{portal.draws.digits(_DIGITS)}"
        if serial[4] != "0" and not _known(portal, serial):
            break
    return SeedRecord(
        serial=serial,
        secret=Secret(portal.draws.bytes(_SECRET_BYTES)),
        token_type=GALH.token_type,
        algorithm=GALH.algorithm,
        digits=GALH.digits,
        counter=GALH.first_counter,
        manufacturer="galh practice",
        model=GALH.name,
        practice=True,
    )


def packed(seed: SeedRecord, key: bytes) -> bytes:
    """Return the file that the maker sends: PSKC, its secret under the transport key."""
    return write_pskc([seed], key=key)


def unpacked(file: bytes, name: str, key: bytes) -> SeedRecord:
    """Return what a server reads in such a file.

    Args:
        file: the file.
        name: what it is called, for messages.
        key: the transport key.

    Raises:
        SeedFileError: it is damaged, or the key is another one.
    """
    (seed,) = read_seed_bytes(file, name, format=SeedFormat.PSKC, key=key)
    return seed


def transport_key(portal: "Portal", at: Connection) -> bytes:
    """Return the key that maker and server agreed on, or have them agree on one."""
    wanted = select(key_table.c.private).where(key_table.c.name == KEY_NAME)
    known = at.execute(wanted).scalar_one_or_none()
    if known is not None:
        return bytes(known)
    fresh = portal.draws.bytes(_KEY_BYTES)
    at.execute(insert(key_table).values(name=KEY_NAME, private=fresh))
    return fresh


def fob_of(record: Record) -> Config:
    """Return the settings of the fob that goes with what the server knows of a new token."""
    seed = SeedRecord(serial=record.serial, secret=record.secret, token_type=record.token_type)
    return configure(
        record.serial,
        profile_of(seed),
        record.secret,
        algorithm=record.algorithm,
        digits=record.digits,
    )


def _known(portal: "Portal", serial: str) -> bool:
    """Whether there is, or ever was, a token of this number."""
    try:
        portal.tokens.get(serial)
    except UnknownTokenError:
        return bool(portal.tokens.audit(serial, 1))
    return True
