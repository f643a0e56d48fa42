"""What the portal draws by chance: from the system, or from a seed, so that a story repeats."""

import random
import secrets
from typing import Protocol


class Draws(Protocol):
    """Where chance comes from."""

    def token(self, size: int) -> str:
        """Return ``size`` random bytes as text that fits into a URL."""

    def digits(self, count: int) -> str:
        """Return random digits."""

    def bytes(self, size: int) -> bytes:
        """Return random bytes."""


class SystemDraws:
    """What nobody can foresee."""

    def token(self, size: int) -> str:
        """Return ``size`` random bytes as text that fits into a URL."""
        return secrets.token_urlsafe(size)

    def digits(self, count: int) -> str:
        """Return random digits."""
        return f"{secrets.randbelow(10**count):0{count}}"

    def bytes(self, size: int) -> bytes:
        """Return random bytes."""
        return secrets.token_bytes(size)


class SeededDraws:
    """The same for the same seed: for tests and scenarios, never for people.

    Args:
        seed: any number.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # foreseeable on purpose

    def token(self, size: int) -> str:
        """Return ``size`` random bytes in hex."""
        return self.bytes(size).hex()

    def digits(self, count: int) -> str:
        """Return random digits."""
        return f"{self._random.randrange(10**count):0{count}}"

    def bytes(self, size: int) -> bytes:
        """Return random bytes."""
        return self._random.randbytes(size)
