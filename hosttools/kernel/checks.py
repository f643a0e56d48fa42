"""Arrays as they are handed in: what fits goes on as it is, what can't be says so.

Nothing is rounded, wrapped or cut to fit.
"""

import operator
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import MAX_COUNTER, MIN_DIGITS, Algorithm
from hosttools.errors import UsageError
from hosttools.kernel.hashes import HASHES

Numbers = Sequence[int] | NDArray[np.integer]
"""Whole numbers, one behind the other: an array of any integer type, or Python's own."""

MAX_DIGITS: Final = 10
"""RFC 4226 section 5.3 has 6 to 8; some servers take all of the 31-bit number."""

_POWERS: Final[Mapping[int, int]] = {
    digits: 10**digits for digits in range(MIN_DIGITS, MAX_DIGITS + 1)
}
_FACTOR: Final = np.dtype(np.uint64)
_Integer = TypeVar("_Integer", bound=np.integer)


def check_algorithm(algorithm: Algorithm) -> None:
    """Check that arrays can be computed by this hash.

    Raises:
        UsageError: they can't.
    """
    if algorithm not in HASHES:
        allowed = " and ".join(known.value for known in HASHES)
        raise UsageError(f"algorithm {algorithm}; arrays are computed by {allowed}")


def modulus(digits: int) -> int:
    """Return what a truncated number is divided by for so many digits.

    Raises:
        UsageError: another number of digits than 6 to 10.
    """
    if digits not in _POWERS:
        raise UsageError(f"{digits} digits; allowed are {MIN_DIGITS} to {MAX_DIGITS}")
    return _POWERS[digits]


def counters(given: Numbers) -> NDArray[np.uint64]:
    """Return moving factors as an array.

    Raises:
        UsageError: something else.
    """
    if (
        isinstance(given, np.ndarray)
        and given.dtype is _FACTOR
        and given.ndim == 1
        and given.flags.c_contiguous
    ):
        return cast("NDArray[np.uint64]", given)  # at once: few codes take no longer than this
    return _array("counters", given, np.uint64, 0, MAX_COUNTER)


def codes(given: Numbers, count: int, modulus: int) -> NDArray[np.uint32]:
    """Return codes as numbers.

    Raises:
        UsageError: others than ``count`` numbers below the modulus.
    """
    array = _array("codes", given, np.uint32, 0, min(modulus, 1 << 32) - 1)
    return _as_many("codes", array, count)


def windows(given: Numbers | int, count: int) -> NDArray[np.int64] | int:
    """Return windows: one for all as it is, or as many as there are counters.

    Raises:
        UsageError: something else.
    """
    most = np.iinfo(np.int64).max - 1
    if not isinstance(given, int | np.integer):
        return _as_many("windows", _array("windows", given, np.int64, 0, most), count)
    if not 0 <= given <= most:
        raise UsageError(f"a window of {given}; allowed are 0 to 2**63 - 2")
    return int(given)


def rows(given: Numbers | int | None, count: int, keys: int) -> NDArray[np.int64] | int | None:
    """Return whose key each of ``count`` counters has: one for all, indices, or None.

    Args:
        given: as handed in.
        count: how many counters there are.
        keys: how many keys there are.

    Raises:
        UsageError: no such key, or not as many as there are counters.
    """
    if given is None:
        if keys == 1:
            return 0
        if keys != count:
            raise UsageError(
                f"{count} counters for {keys} keys; allowed are as many as there are keys,"
                " or say whose each is with keys="
            )
        return None
    if isinstance(given, int | np.integer):
        if not 0 <= given < keys:
            raise UsageError(f"key {given} of {keys}; the first is 0")
        return int(given)
    return _as_many("keys", _array("keys", given, np.int64, 0, keys - 1), count)


def _as_many(what: str, array: NDArray[_Integer], count: int) -> NDArray[_Integer]:
    if len(array) != count:
        raise UsageError(f"{len(array)} {what} for {count} counters; allowed are as many")
    return array


def _array(
    what: str, given: Numbers, kind: type[_Integer], low: int, high: int
) -> NDArray[_Integer]:
    """Return whole numbers of a range as a contiguous array."""
    if not isinstance(given, np.ndarray):
        return _from_numbers(what, given, kind, low, high)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise UsageError(
            f"{what} as {given.dtype} of shape {given.shape}; allowed are whole numbers in"
            " one dimension"
        )
    if given.size:
        least, most = int(given.min()), int(given.max())
        if least < low or most > high:
            _refuse(what, least if least < low else most, low, high)
    return np.ascontiguousarray(given, kind)


def _from_numbers(
    what: str, given: Sequence[int], kind: type[_Integer], low: int, high: int
) -> NDArray[_Integer]:
    try:
        numbers = [operator.index(number) for number in given]
    except TypeError:
        raise UsageError(f"{what} that are no whole numbers, or not one behind the other") from None
    for number in numbers:
        if not low <= number <= high:
            _refuse(what, number, low, high)
    return np.array(numbers, kind)


def _refuse(what: str, number: int, low: int, high: int) -> NoReturn:
    shown = "a code" if what == "codes" else f"{number}"
    raise UsageError(f"{what}: {shown} out of range; allowed are {low} to {high}")
