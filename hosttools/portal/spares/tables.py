"""Orders, payments and mail, as they lie in the portal's database."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text

from hosttools.portal.tables import METADATA, NUMBER, account

MAX_ID: Final = 2**63 - 1


def is_id(number: int) -> bool:
    """Return whether a row may have a number: no database has room for others."""
    return 0 < number <= MAX_ID


spare_order: Final = Table(
    "spare_order",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("account", ForeignKey(account.c.name), nullable=False),
    # A digest of the form's key: of two clicks, the second finds the order of the first.
    Column("form", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("price_cents", BigInteger, nullable=False),
    Column("shipping_cents", BigInteger, nullable=False),
    Column("placed_ns", BigInteger, nullable=False),
    Column("ships_ns", BigInteger),
    Column("arrives_ns", BigInteger),
    Column("cancelled_ns", BigInteger),
    Column("serial", Text, unique=True),
    Column("in_drawer", Boolean, nullable=False),
    Index("spare_order_of", "account", "id"),
    Index("spare_order_status", "status"),
)

payment: Final = Table(
    "payment",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("order_id", ForeignKey(spare_order.c.id), nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("card", Text, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("billing_email", Text, nullable=False),
    Column("billing_zip", Text, nullable=False),
    # The order again if money was taken for it: the database itself takes none twice.
    Column("taken_for", ForeignKey(spare_order.c.id), unique=True),
    Column("refunded_ns", BigInteger),
    Index("payment_of", "order_id", "id"),
)

mail: Final = Table(
    "mail",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("account", ForeignKey(account.c.name), nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("order_id", ForeignKey(spare_order.c.id)),
    Column("receipt", Boolean, nullable=False),
    Column("read_ns", BigInteger),
    Index("mail_of", "account", "at_ns", "id"),
)
