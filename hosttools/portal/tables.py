"""The portal's own tables: accounts, sessions, attempts, the log, settings, the key.

Those of a part (EPCS, spares) are in a module ``tables`` of that part, on the same
:data:`METADATA`; the tokens' are :mod:`hosttools.refserver.schema`'s. Times are
ns since 1970, UTC. Passwords, session tokens and codes are kept as hashes only.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

METADATA: Final = MetaData()

NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")
"""An integer of 64 bits; as a primary key, one that the database counts up by itself."""

account = Table(
    "account",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("practice", Text, nullable=False),
    Column("home_address", Text, nullable=False),
    Column("office_address", Text, nullable=False),
    Column("epcs", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("pin_hash", Text, nullable=False),
)

session = Table(
    "session",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("account", ForeignKey(account.c.name), nullable=False),
    Column("opened_ns", BigInteger, nullable=False),
    Column("seen_ns", BigInteger, nullable=False),
    Column("proven_until_ns", BigInteger, nullable=False),
)

attempt = Table(
    "attempt",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("key", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("over_ns", BigInteger, nullable=False),
    Index("attempt_of", "key", "at_ns"),
    Index("attempt_over", "over_ns"),
)

log = Table(
    "log",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Index("log_of", "subject", "number"),
)

log_head = Table(
    "log_head",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

setting = Table(
    "setting",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

key = Table(
    "key",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("private", LargeBinary, nullable=False),
)
