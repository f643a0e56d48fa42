"""How a setting of a study is stated: its meaning, source and bounds beside its default.

The bounds that are checked are the ones that the docs tell. Nothing here knows what is set.
"""

import dataclasses
import re
from dataclasses import field
from typing import Any, Final

from emulator.faults.values import short
from hosttools.errors import UsageError

OUR_DEFAULT: Final = "our default"
LONGEST_NAME: Final = 40
NAMES: Final = f"up to {LONGEST_NAME} letters, digits, spaces and _.,+%-, from a letter or digit on"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.,+%-]{0,39}", re.ASCII)


def bounded(doc: str, source: str, default: float, low: float, high: float) -> Any:  # noqa: ANN401  # a field specifier has the type of its field
    """Return a field with a number between two bounds, both allowed."""
    bounds = {"doc": doc, "source": source, "low": low, "high": high}
    return field(default=default, metadata=bounds)


def worded(doc: str, source: str, words: str, *, default: object) -> Any:  # noqa: ANN401  # as above
    """Return a field with no number; what is allowed is told in words, and checked elsewhere."""
    return field(default=default, metadata={"doc": doc, "source": source, "allowed": words})


def allowed(setting: "dataclasses.Field[Any]") -> str:
    """Return what a setting may be, for the docs."""
    data = setting.metadata
    return data["allowed"] if "allowed" in data else f"{data['low']} to {data['high']}"


class Checked:
    """Settings that check themselves against the bounds of their fields."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for setting in dataclasses.fields(self):  # type: ignore[arg-type]  # its heirs are dataclasses
            if "low" in setting.metadata:
                check(setting.name, getattr(self, setting.name), setting)


def check(name: str, value: object, setting: "dataclasses.Field[Any]") -> None:
    """Check a number against the bounds of its field.

    Raises:
        UsageError: it is none, or out of them.
    """
    low, high = setting.metadata["low"], setting.metadata["high"]
    whole = setting.type is int
    if not isinstance(value, int if whole else (int, float)) or isinstance(value, bool):
        raise UsageError(
            f"{name} = {short(value)}; it must be {'a whole' if whole else 'a'} number"
            f" from {low} to {high}"
        )
    if not low <= value <= high:  # not-a-number is in no range
        raise UsageError(f"{name} = {short(value)}; allowed are {low} to {high}")


def check_name(key: str, value: object) -> None:
    """Check what something is called in the report.

    Raises:
        UsageError: it can't be called that.
    """
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise UsageError(f"{key} = {short(value)}; allowed are {NAMES}")
