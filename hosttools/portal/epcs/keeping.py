"""A change to the database that stays although it ends in a refusal.

A wrong code has to be counted and logged, and yet the caller has to be told by an error.
Anything else that is raised takes everything back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from hosttools.portal.desk import Portal
from hosttools.portal.refusals import Refusal


@contextmanager
def keeping(portal: Portal) -> Iterator[Connection]:
    """Have the database for a change, and keep what was written before a refusal is raised.

    Args:
        portal: whose database.

    Raises:
        Refusal: what the block raised, once all that it wrote is kept.
    """
    refused: Refusal | None = None
    with portal.db.write() as at:
        try:
            yield at
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
