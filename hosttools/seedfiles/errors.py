"""What is wrong with a seed file, and where: file, line and record.

A message never repeats what might be a secret. Columns get swapped and lines
get cut, so any long text may be one, wherever it stands.
"""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from firmware_model.errors import IdentifierError
from firmware_model.identifier import MAX_SERIAL, normalise
from hosttools.errors import UsageError

LONGEST_SHOWN: Final = 15
"""Longest text of a file that a message repeats. The shortest secret, 80 bits, has 16
characters in base32; an OATH token identifier has 12."""


class SeedFileError(UsageError):
    """A seed file, or a record of one, that can't be read or written.

    Args:
        what: what was given, what is allowed, what to do.
        source: name of the file.
        line: its line, from 1.
        record: the token's number in the file, from 1.
        serial: the token's serial number, where that is known.
    """

    def __init__(
        self,
        what: str,
        *,
        source: str | None = None,
        line: int | None = None,
        record: int | None = None,
        serial: str | None = None,
    ) -> None:
        where = [] if source is None else [source]
        if line is not None:
            where.append(f"line {line}")
        if record is not None:
            where.append(f"record {record}" + (f" ({serial})" if serial else ""))
        super().__init__(f"{', '.join(where)}: {what}" if where else what)
        self.what = what
        self.source = source
        self.line = line
        self.record = record
        self.serial = serial


class SeedKeyError(SeedFileError):
    """An encrypted seed file, and no key or password was given."""


class NotKeptWarning(UserWarning):
    """A seed file says something that is no setting of a token, and so gets lost."""


def not_kept(names: Iterable[str]) -> None:
    """Warn of what a record has no room for, so that it is never dropped in silence.

    Args:
        names: what the format calls it; never what stands there.
    """
    words = ", ".join(names)
    if words:
        warnings.warn(f"not kept: {words}", NotKeptWarning, stacklevel=2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is, so that its complaints can say so."""

    source: str
    line: int | None = None
    record: int | None = None
    serial: str | None = None

    def error(self, what: str) -> SeedFileError:
        """Return the error that says ``what`` is wrong here."""
        serial = self.serial if self.serial and len(self.serial) <= LONGEST_SHOWN else None
        return SeedFileError(
            what, source=self.source, line=self.line, record=self.record, serial=serial
        )


def read_serial(text: str, place: Place) -> str:
    """Return a serial number of a file, normalised.

    Raises:
        SeedFileError: no serial number can look like that.
    """
    try:
        return normalise(text)
    except IdentifierError:
        # The model's message quotes the text, and the columns may be swapped.
        raise place.error(
            f"serial number: {shown(text)}; allowed are 1 to {MAX_SERIAL} letters and digits,"
            " with spaces or hyphens between them"
        ) from None


def shown(text: str) -> str:
    """Quote a text of a file, or say how long it is where it might be a secret.

    >>> shown("6x"), shown("3132333435363738393031323334353637383930")
    ("'6x'", 'a text of 40 characters')
    """
    if len(text) <= LONGEST_SHOWN:
        return repr(text)
    return f"a text of {len(text)} characters"
