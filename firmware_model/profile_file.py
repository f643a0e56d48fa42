"""Profiles as plain values: what a TOML or JSON file holds of one.

Reads foreign input: what can't be is refused with what was given and what is allowed.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any, Final

from firmware_model.errors import ProfileError
from firmware_model.products import PROFILES
from firmware_model.profile import Profile

_KINDS: Final[Mapping[str, type]] = dict(Profile.__annotations__)
"""The type of every setting: an enum, text, a whole number or a switch."""

_WORDS: Final = {str: "a text", int: "a whole number", bool: "true or false"}


def profile_from_mapping(
    data: Mapping[str, object], known: Mapping[str, Profile] = PROFILES
) -> Profile:
    """Build a profile from what a file holds.

    Args:
        data: settings by name; enums by their value. ``base`` names a known
            profile whose settings fill the gaps.
        known: the profiles that ``base`` may name.

    Raises:
        ProfileError: an unknown or missing setting, or a value that can't be.
    """
    settings = dict(data)
    base = settings.pop("base", None)
    if base is not None and (not isinstance(base, str) or base not in known):
        raise ProfileError(f"base = {base!r}; known profiles are {', '.join(sorted(known))}")
    fields = {f.name: f for f in dataclasses.fields(Profile)}
    for name in settings:
        if name not in fields:
            raise ProfileError(f"unknown setting {name!r}; known are {', '.join(fields)}")
    parsed: dict[str, Any] = {name: _parse(name, value) for name, value in settings.items()}
    if base is not None:
        return dataclasses.replace(known[base], **parsed)
    missing = [
        name
        for name, f in fields.items()
        if f.default is dataclasses.MISSING and name not in parsed
    ]
    if missing:
        raise ProfileError(
            f"missing setting {', '.join(missing)}; give it, or a base to take it from"
        )
    return Profile(**parsed)


def profile_to_mapping(profile: Profile) -> dict[str, object]:
    """Return a profile's settings as plain values, for :func:`profile_from_mapping`."""
    settings = dataclasses.asdict(profile)
    return {
        name: value.value if isinstance(value, enum.Enum) else value
        for name, value in settings.items()
    }


def _parse(name: str, value: object) -> object:
    kind = _KINDS[name]
    if issubclass(kind, enum.Enum):
        for choice in kind:
            if choice.value == value:
                return choice
        allowed = ", ".join(str(choice.value) for choice in kind)
        raise ProfileError(f"{name} = {value!r}; allowed are {allowed}")
    if type(value) is not kind:  # true is no number
        raise ProfileError(f"{name} = {value!r}; it must be {_WORDS[kind]}")
    return value
