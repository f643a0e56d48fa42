"""What every writer checks first: nothing is written that would not be read back."""

from collections.abc import Iterable

from hosttools.seedfiles.errors import Place, SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.practice import is_published


def prepare(
    records: Iterable[SeedRecord], source: str
) -> tuple[list[tuple[Place, SeedRecord]], bool]:
    """Return each record with its place, and whether the file is marked as practice seeds.

    Raises:
        SeedFileError: no records, a serial number twice, or practice seeds
            among others: a file is marked as a whole, and a mark lost is as
            bad as a mark too many.
    """
    placed = [
        (Place(source, None, number, record.serial), record)
        for number, record in enumerate(records, 1)
    ]
    if not placed:
        raise SeedFileError("no tokens to write", source=source)
    practice = all(record.practice for _, record in placed)
    seen: set[str] = set()
    for place, record in placed:
        if record.serial in seen:
            raise place.error("this serial number was there before; each may occur once")
        seen.add(record.serial)
        # A published secret needs no mark: readers know it by itself.
        marked = record.practice and not is_published(record.serial, record.secret.reveal())
        if marked and not practice:
            raise place.error("a practice seed among others; write them to separate files")
    return placed, practice
