"""Named, seeded streams of random numbers: the only place where chance comes from.

Faults and holders are given streams; nothing draws from a global generator or the
host. One seed is enough for a whole study, as each concern draws from a stream of its
own name: more draws of one leave the others as they were.

The same seed and name give the same numbers on every machine and Python. So nothing
here leans on what is free to change: :mod:`random` promises its ``random()`` alone,
and the last bit of :func:`math.log` depends on the C library. The bits are SHA-256 of
key and block number. From there on only exact integers, the basic operations and the
square root of IEEE 754, and the logarithm and exponential of :mod:`decimal`, which are
correctly rounded.

These numbers make lives and faults, never secrets.
"""

import hashlib
import math
from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, TypeVar

from emulator.errors import UsageError

T = TypeVar("T")

MAX_SIGMA: Final = 10.0
"""Widest lognormal: its draws still fit a float."""

_DOMAIN: Final = b"galh stream 1"
_WORD_BITS: Final = 64
_WORDS: Final = 4  # in a block of SHA-256
_UNIT_BITS: Final = 53  # what a float in [0, 1) holds exactly
_UNIT: Final = 2.0**-_UNIT_BITS
_DECIMAL: Final = Context(prec=20)  # three digits more than a float has; nobody else's context


class Stream:
    """One sequence of random numbers, which its seed and name say all about.

    Two streams of the same seed and name give the same sequence; of another seed or
    name, one that has nothing to do with it.

    Args:
        seed: of the whole study; a number counts as its decimal text, so that 7 and
            ``"7"`` are the same seed wherever it was written.
        name: what the numbers are for, as ``faults/tear`` or ``holder/GALH00000042``.

    Attributes:
        seed: as text.
        name: as given.

    >>> dice = Stream(7, "dice")
    >>> [dice.between(1, 6) for _ in range(10)]
    [4, 2, 3, 4, 2, 4, 5, 6, 1, 6]
    """

    __slots__ = ("_block", "_key", "_words", "name", "seed")

    def __init__(self, seed: int | str, name: str) -> None:
        self.seed: Final = str(seed)
        self.name: Final = name
        parts = (_DOMAIN, *(text.encode("utf-8", "surrogatepass") for text in (self.seed, name)))
        # With its length before each part, no two pairs of seed and name look the same.
        self._key = hashlib.sha256(
            b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        ).digest()
        self._block = 0
        self._words: list[int] = []

    def __repr__(self) -> str:
        return f"<Stream {self.name!r} of seed {self.seed!r}>"

    def child(self, name: str) -> "Stream":
        """Return the stream ``<this name>/<name>`` of the same seed, from its start.

        What was drawn from this one makes no difference.

        >>> Stream(7, "holder").child("pocket")
        <Stream 'holder/pocket' of seed '7'>
        """
        return Stream(self.seed, f"{self.name}/{name}")

    def below(self, n: int) -> int:
        """Return a whole number from 0 to ``n`` - 1, all equally likely.

        Raises:
            UsageError: ``n`` is less than 1.
        """
        if n < 1:
            raise UsageError(f"a draw below {n}; allowed are 1 and more")
        bits = (n - 1).bit_length()
        while True:  # half of the draws hit, or more
            drawn = self._bits(bits)
            if drawn < n:
                return drawn

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included.

        Raises:
            UsageError: ``high`` is below ``low``.
        """
        if high < low:
            raise UsageError(f"a draw between {low} and {high}; give the lower one first")
        return low + self.below(high - low + 1)

    def chance(self, p: Fraction | float) -> bool:
        """Return whether something of this probability happens.

        Exact, for a float too (0.1 is the float next to it); 0 never happens, 1 always,
        and neither draws anything.

        Raises:
            UsageError: not a probability.
        """
        if not 0 <= p <= 1:
            raise UsageError(f"a probability of {p}; allowed are 0 to 1")
        numerator, denominator = p.as_integer_ratio()
        return self.below(denominator) < numerator

    def choice(self, options: Sequence[T]) -> T:
        """Return one of the options, all equally likely.

        Raises:
            UsageError: there are none.
        """
        if not options:
            raise UsageError("a choice among no options; give at least one")
        return options[self.below(len(options))]

    def unit(self) -> float:
        """Return a number in [0, 1), a multiple of 2^-53."""
        return self._bits(_UNIT_BITS) * _UNIT

    def exponential(self, mean: float) -> float:
        """Return a waiting time, 0 or more, of this mean.

        Raises:
            UsageError: the mean is negative or not finite.
        """
        if not 0 <= mean < math.inf:
            raise UsageError(f"a mean of {mean}; allowed are 0 and more")
        return mean * abs(_log(1.0 - self.unit()))  # abs: no negative zero

    def normal(self, mean: float, sigma: float) -> float:
        """Return a draw from the normal distribution (Marsaglia's polar method).

        Raises:
            UsageError: the mean is not finite, or sigma is negative or not finite.
        """
        if not math.isfinite(mean):
            raise UsageError(f"a mean of {mean}; it must be finite")
        if not 0 <= sigma < math.inf:
            raise UsageError(f"a sigma of {sigma}; allowed are 0 and more")
        while True:
            x, y = 2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0
            r = x * x + y * y
            if 0.0 < r < 1.0:
                return mean + sigma * (x * math.sqrt(-2.0 * _log(r) / r))

    def lognormal(self, median: float, sigma: float) -> float:
        """Return a draw whose logarithm is normal; half of the draws are below ``median``.

        Args:
            median: above 0.
            sigma: standard deviation of the natural logarithm, 0 to :data:`MAX_SIGMA`.

        Raises:
            UsageError: out of range.
        """
        if not 0 < median < math.inf:
            raise UsageError(f"a median of {median}; allowed are numbers above 0")
        if not 0 <= sigma <= MAX_SIGMA:
            raise UsageError(f"a sigma of {sigma}; allowed are 0 to {MAX_SIGMA:g}")
        return median * _exp(self.normal(0.0, sigma))

    def _bits(self, count: int) -> int:
        """Return a number of that many random bits; what is left of a word is dropped."""
        drawn = 0
        while count > _WORD_BITS:
            drawn = drawn << _WORD_BITS | self._word()
            count -= _WORD_BITS
        return drawn << count | self._word() >> (_WORD_BITS - count) if count else drawn

    def _word(self) -> int:
        if not self._words:
            block = hashlib.sha256(self._key + self._block.to_bytes(8, "big")).digest()
            size = _WORD_BITS // 8
            # Popped from the end: the block's first word is the last one here.
            self._words = [
                int.from_bytes(block[i * size : (i + 1) * size], "big")
                for i in reversed(range(_WORDS))
            ]
            self._block += 1
        return self._words.pop()


# from_float, as Decimal(x) would ask the caller's decimal context whether floats are allowed.


def _log(x: float) -> float:
    return float(_DECIMAL.ln(Decimal.from_float(x)))  # noqa: FURB164  # as said above


def _exp(x: float) -> float:
    return float(_DECIMAL.exp(Decimal.from_float(x)))  # noqa: FURB164  # as said above
