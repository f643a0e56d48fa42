"""The serial number on the back: what it may be, and which profile it names.

An OATH token identifier of class A has 12 characters: maker prefix, token
type, unique part (openauthentication.org/oath-id). Other makers' serials are
taken where a profile has a pattern for them.
"""

import re
from collections.abc import Iterable
from typing import Final

from firmware_model.errors import IdentifierError
from firmware_model.products import PROFILES
from firmware_model.profile import Profile

MAX_SERIAL: Final = 24
"""Longest serial number that the NVM image has room for, in characters."""

_PREFIXED: Final = re.compile(r"([A-Z0-9]+)\[0-9\]\{([0-9]+)\}")
"""A serial pattern of the usual shape: a prefix, and so many digits."""

_FEW: Final = 3
"""As many profiles are named when a serial fits none."""

_ALIKE: Final = 0.5
"""Share of a prefix that must be right for its profile to be named."""

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
    # isalnum alone would let other alphabets' letters and digits through.
    if not (bare.isascii() and bare.isalnum()):
        position, char = next(
            (i, c) for i, c in enumerate(bare, 1) if not (c.isascii() and c.isalnum())
        )
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
    for profile in profiles:
        prefix, count = _prefix(profile)
        rest = serial.removeprefix(prefix)
        if not prefix or rest == serial:
            continue
        come = f"after {prefix} come {count} digits"
        if not rest:
            return f"{come}; nothing follows the prefix"
        other = next((char for char in rest if not char.isdigit()), None)
        return f"{come}, not {len(rest)}" if other is None else f"{come}; {other!r} is not a digit"
    near = " or ".join(f"{p.serial_pattern} ({p.name})" for p in _near(serial, profiles))
    return (
        f"no profile knows it; {f'near ones are {near}' if near else 'none is like it'}; see"
        " `galh profile list`, or add a profile for other makers' serials"
    )


def _near(serial: str, profiles: tuple[Profile, ...]) -> list[Profile]:
    """Return the profiles that may be meant, the likeliest first; all of a few."""
    if len(profiles) <= _FEW:
        return list(profiles)
    likeness: dict[str, float] = {}
    for profile in profiles:
        prefix, _ = _prefix(profile)
        if prefix:
            same = sum(map(str.__eq__, serial, prefix))
            likeness[profile.name] = same / len(prefix)
        else:
            # Without a prefix, it is nothing but digits.
            likeness[profile.name] = float(serial.isdigit())
    near = [p for p in profiles if likeness[p.name] >= _ALIKE]
    return sorted(near, key=lambda p: -likeness[p.name])[:_FEW]


def _prefix(profile: Profile) -> tuple[str, str]:
    """Return what a profile's serials begin with and how many digits follow; empty if unlike."""
    match = _PREFIXED.fullmatch(profile.serial_pattern)
    return (match[1], match[2]) if match else ("", "")
