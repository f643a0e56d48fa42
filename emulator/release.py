"""Which release this is: for ``*IDN?``, snapshots, the HTTP API, and bug reports."""

from functools import cache
from typing import Final

DISTRIBUTION: Final = "galh-emulator"

UNKNOWN: Final = "0"
"""Where it is not installed; what IEEE 488.2 10.14 wants when there is nothing to tell."""


@cache
def release() -> str:
    """Return the version of the installed distribution, or :data:`UNKNOWN`."""
    from importlib import metadata  # noqa: PLC0415  # 15 ms that few need to pay

    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return UNKNOWN
