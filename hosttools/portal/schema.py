"""The statements that make an empty database of the portal: its tables and the tokens'.

A change of a table needs a new ``SCHEMA_VERSION`` and a way there from the one before.
"""

from typing import Final

from sqlalchemy import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from hosttools.portal.tables import METADATA
from hosttools.refserver.schema import Types, tables

SCHEMA_VERSION: Final = 1


def statements(dialect: Dialect, types: Types) -> tuple[str, ...]:
    """Return them, in an order that can be run.

    Args:
        dialect: what SQLAlchemy knows of the database.
        types: what the reference server knows of it.
    """
    made = [*tables(types)]
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    return tuple(made)
