"""The serial number on the back: what it may be, and which profile it names.

An OATH token identifier of class A has 12 characters: maker prefix, token
type, unique part (openauthentication.org/oath-id). Other makers' serials are
taken where a profile has a pattern for them.
"""

import re
from collections.abc import Iterable
from typing import Final

from firmware_model.errors import IdentifierError
from firmware_model.profile import PROFILES, Profile

MAX_SERIAL: Final = 24
"""Longest serial number that the NVM image has room for, in characters."""

_SEPARATORS: Final = str.maketrans("", "", " \t\u00a0-\u2010\u2011")
"""What people put between groups: spaces and hyphens, as typed and as typeset."""


def normalise(text: str) -> str:
    """Drop spaces and hyphens and upper-case, as people type serials from the back.

    Raises:
        IdentifierError: nothing left, too long, or not ASCII letters and digits.

    >>> normalise("galh 1234-5678")
    'GALH12345678'
    """
    bare = text.translate(_SEPARATORS)
    if not bare:
        raise IdentifierError("an empty serial number; one looks like GALH12345678")
    if len(bare) > MAX_SERIAL:
        raise IdentifierError(
            f"a serial number of {len(bare)} characters; one has at most {MAX_SERIAL}"
        )
    for position, char in enumerate(bare, 1):
        # isalnum alone would let other alphabets' letters and digits through.
        if not (char.isascii() and char.isalnum()):
            raise IdentifierError(
                f"serial number {bare!r}: character {position} is {char!r};"
                " allowed are the letters A to Z and the digits 0 to 9"
            )
    return bare.upper()


def identify(
    text: str, profiles: Iterable[Profile] = tuple(PROFILES.values())
) -> tuple[str, Profile]:
    """Return the normalised serial number and the first profile whose pattern it fits.

    Raises:
        IdentifierError: it fits none; the message says what is wrong with it.

    >>> serial, profile = identify("galt-0000 0042")
    >>> serial, profile.name
    ('GALT00000042', 'GALT')
    """
    serial = normalise(text)
    candidates = tuple(profiles)
    for profile in candidates:
        if re.fullmatch(profile.serial_pattern, serial):
            return serial, profile
    raise IdentifierError(f"serial number {serial!r}: {_complaint(serial, candidates)}")


def _complaint(serial: str, profiles: tuple[Profile, ...]) -> str:
    allowed = " or ".join(f"{p.serial_pattern} ({p.name})" for p in profiles)
    built_in = {name for name, p in PROFILES.items() if p in profiles}
    if serial[:4] in built_in:
        rest = serial[4:]
        if not rest.isdigit():
            wrong = next(c for c in rest if not c.isdigit()) if rest else ""
            what = f"{wrong!r} is not a digit" if rest else "nothing follows the prefix"
            return f"after {serial[:4]} come 8 digits; {what}"
        return f"after {serial[:4]} come 8 digits, not {len(rest)}"
    return f"no profile knows it; allowed are {allowed}; add a profile for other makers' serials"
