"""The names of the routes, and the environment's word on them; known without NumPy."""

import enum
import functools
import os
from typing import Final

from hosttools.errors import UsageError

ENVIRONMENT: Final = "GALH_KERNEL"
"""The variable that forces a route, by its name; read once in a process."""

INSTALL: Final = "pip install 'galh-emulator[fleet]'"


class Route(enum.Enum):
    """A way to compute codes."""

    HASHLIB = "hashlib"
    NUMPY = "numpy"
    LLVM = "llvm"


@functools.cache
def forced() -> Route | None:
    """Return the route that the environment forces.

    Raises:
        UsageError: it names none.
    """
    name = os.environ.get(ENVIRONMENT)
    if not name:
        return None
    try:
        return Route(name)
    except ValueError:
        allowed = ", ".join(route.value for route in Route)
        raise UsageError(f"{ENVIRONMENT}={name}; allowed are {allowed}, or nothing") from None


def has_numpy() -> bool:
    """Return whether arrays can be computed at all."""
    try:
        import numpy as np  # noqa: F401, PLC0415  # only whether it is there
    except ImportError:
        return False
    return True
