"""The numbers of SHA-1 and SHA-256 (FIPS 180-4), of HMAC and of HOTP, for every route."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from firmware_model.oath import Algorithm

BLOCK: Final = 64
"""Bytes of a block."""

INNER_PAD: Final = 0x36363636
OUTER_PAD: Final = 0x5C5C5C5C
PADDING: Final = 0x80000000
"""The word after a message that ends with a word."""

NUMBERS: Final = 1 << 31
"""How many numbers RFC 4226 section 5.3 cuts a MAC down to."""


class Hash(NamedTuple):
    """A hash of 32-bit words.

    Attributes:
        start: the state before the first block.
        k: the constants of its rounds: SHA-1's of 20 each.
    """

    start: tuple[int, ...]
    k: tuple[int, ...]

    @property
    def words(self) -> int:
        """Words of its state."""
        return len(self.start)

    @property
    def factor_bits(self) -> int:
        """Bits hashed within: a pad block and a moving factor."""
        return (BLOCK + 8) * 8

    @property
    def digest_bits(self) -> int:
        """Bits hashed without: a pad block and a digest."""
        return (BLOCK + 4 * self.words) * 8


SHA1: Final = Hash(
    start=(0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0),
    k=(0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6),
)


def _roots(root: int, primes: int) -> tuple[int, ...]:
    """Return the first 32 bits after the point of the roots of the first primes."""
    found: list[int] = []
    number = 2
    while len(found) < primes:
        if all(number % prime for prime in range(2, number)):
            found.append(number)
        number += 1
    return tuple(_root(prime << 32 * root, root) & 0xFFFFFFFF for prime in found)


def _root(number: int, root: int) -> int:
    """Return the whole part of a root."""
    low, high = 0, 1 << number.bit_length() // root + 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**root <= number else (low, middle - 1)
    return low


SHA256: Final = Hash(start=_roots(2, 8), k=_roots(3, 64))

HASHES: Final[Mapping[Algorithm, Hash]] = {Algorithm.SHA1: SHA1, Algorithm.SHA256: SHA256}
