"""How the EPCS side lies in the database. No secret of a token does, and no code in clear.

The practice phone's messages are the exception: they stand for what is in a pocket.
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text

from hosttools.portal.tables import METADATA, NUMBER

challenge = Table(
    "challenge",
    METADATA,
    Column("account", Text, primary_key=True),
    # One row for each purpose: a new code takes the place of the one before.
    Column("purpose", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("expires_ns", BigInteger, nullable=False),
    Column("tries_left", Integer, nullable=False),
)
"""One-time codes that were sent and not used yet."""

phone_message = Table(
    "phone_message",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("at_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
)
"""What the practice phones show: the phone's memory, not the server's."""

authenticator = Table(
    "authenticator",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("serial", Text, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    # What the app on the practice phone has scanned: that one, or none.
    Column("on_phone", Boolean, nullable=False),
)
"""Whose authenticator app is which token of the server."""

registration = Table(
    "epcs_registration",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("proofed_ns", BigInteger, nullable=False),
    Column("completed_ns", BigInteger),
)
"""Whose identity was proofed, and whose credential was issued over two channels."""

prescriber = Table(
    "prescriber",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("dea_number", Text, nullable=False),
)

access = Table(
    "epcs_access",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("nominated_by", Text, nullable=False),
    Column("nominated_ns", BigInteger, nullable=False),
    Column("approved_by", Text),
    Column("approved_ns", BigInteger),
)
"""Which two people let a doctor sign."""

device = Table(
    "device",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("added_ns", BigInteger, nullable=False),
)
"""Which tokens were added by whom; what became of them stands in the server's records."""

form = Table(
    "device_form",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # Of the token that is resynced; empty on the add form, which asks for it.
    Column("serial", Text, nullable=False),
    Column("opened_ns", BigInteger, nullable=False),
    Column("used_ns", BigInteger),
    Column("accepted", Boolean),
    Column("status", Text),
    Column("message", Text),
    Column("verdict", Text),
)
"""Every form that was opened: it is submitted once, and its result can be read again."""

patient = Table(
    "patient",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("practice", Text, nullable=False, index=True),
    Column("full_name", Text, nullable=False),
    Column("born", Text, nullable=False),
    Column("address", Text, nullable=False),
)

prescription = Table(
    "prescription",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("patient", Text, nullable=False, index=True),
    Column("doctor", Text, nullable=False, index=True),
    Column("drug", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("directions", Text, nullable=False),
    Column("refills", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("composed_by", Text, nullable=False),
    Column("changed_ns", BigInteger, nullable=False),
)

signed = Table(
    "signed_prescription",
    METADATA,
    Column("prescription", Text, primary_key=True),
    Column("act", Text, nullable=False, index=True),
    Column("signed_ns", BigInteger, nullable=False),
    # The very text that was signed, and the signature over it in hexadecimal digits.
    Column("record", Text, nullable=False),
    Column("signature", Text, nullable=False),
)
