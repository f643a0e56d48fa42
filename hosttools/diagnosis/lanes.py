"""HOTP of thousands of moving factors at once: SHA-1 over NumPy arrays, a lane a code.

Imported only where a search is long enough to pay for NumPy (extra ``fleet``); shorter
ones, and other hashes than SHA-1, take the token model's key. That both find the same is
tested. An algorithm's names are those of FIPS 180-4 section 6.1.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]

LANES: Final = 16_384
"""Lanes of one pass: few enough for the caches, enough to pay for the calls to NumPy."""

_TABLE: Final = 1 << 20

_BLOCK: Final = 64
_START: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
_K: Final = (0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6)
_PADDING: Final = 0x80000000
_FACTOR_BITS: Final = (_BLOCK + 8) * 8
_DIGEST_BITS: Final = (_BLOCK + 20) * 8
_FULL: Final = 1 << 32


class Match(NamedTuple):
    """A factor whose code is wanted: of which key, which factor, and the code as a number."""

    key: int
    factor: int
    code: int


def matches(
    secrets: Sequence[bytes], spans: Sequence[range], modulus: int, wanted: Collection[int]
) -> Iterator[Match]:
    """Yield the factors whose codes are wanted, key by key, rising.

    Args:
        secrets: of each key, at most 64 bytes.
        spans: which factors of each, 0 to 2**64 - 1.
        modulus: 10 to the number of digits.
        wanted: codes, as numbers below the modulus.
    """
    inner, outer = _midstates(secrets)
    sha1 = _Sha1(LANES)
    starts = np.cumsum([0, *map(len, spans)], dtype=np.int64)
    total = int(starts[-1])
    base = np.array([span.start for span in spans], np.uint64)
    # One look into a small table rules out all but a few codes in ten thousand.
    table = np.zeros(_TABLE, np.bool_)
    table[np.array([code % _TABLE for code in wanted], np.intp)] = True
    for begin in range(0, total, LANES):
        lanes = np.arange(begin, min(begin + LANES, total), dtype=np.int64)
        keys = np.searchsorted(starts, lanes, side="right") - 1
        # Lanes of one key share its states: nothing is copied for each.
        of = keys if keys[0] != keys[-1] else keys[:1]
        factors = base[of] + (lanes - starts[of]).astype(np.uint64)
        codes = sha1.numbers(inner[:, of], outer[:, of], factors) % np.uint32(modulus)
        for lane in np.flatnonzero(table[codes & np.uint32(_TABLE - 1)]):
            if (code := int(codes[lane])) in wanted:
                yield Match(int(keys[lane]), int(factors[lane]), code)


def _midstates(secrets: Sequence[bytes]) -> tuple[Words, Words]:
    """Return the states after the two HMAC pads of each key, as 5 rows (RFC 2104)."""
    inner, outer = np.empty((2, 5, len(secrets)), np.uint32)
    sha1 = _Sha1(LANES)
    for begin in range(0, len(secrets), LANES):
        some = secrets[begin : begin + LANES]
        padded = b"".join(secret.ljust(_BLOCK, b"\0") for secret in some)
        words = np.frombuffer(padded, ">u4").reshape(-1, 16).T.astype(np.uint32)
        start = np.array(_START, np.uint32)[:, None].repeat(len(some), 1)
        for pad, states in ((0x36363636, inner), (0x5C5C5C5C, outer)):
            states[:, begin : begin + len(some)] = sha1.compress(start, words ^ np.uint32(pad))
    return inner, outer


class _Sha1:
    """The compression function, with its arrays: none is made anew for each of 80 rounds."""

    def __init__(self, lanes: int) -> None:
        self._words = np.empty((16, lanes), np.uint32)
        self._work = np.empty((7, lanes), np.uint32)

    def numbers(self, inner: Words, outer: Words, factors: NDArray[np.uint64]) -> Words:
        """Return the truncated number of each lane."""
        count = len(factors)
        block = np.zeros((16, count), np.uint32)
        block[0] = factors >> np.uint64(32)
        block[1] = factors & np.uint64(_FULL - 1)
        block[2], block[15] = _PADDING, _FACTOR_BITS
        digest = self.compress(inner, block)
        block[:5], block[5], block[15] = digest, _PADDING, _DIGEST_BITS
        block[6:15] = 0
        mac = self.compress(outer, block)
        offset = mac[4] & np.uint32(0xF)
        # Four bytes from any of the first 16: two neighbouring words, and a shift.
        index, shift = (offset >> 2).astype(np.intp), (offset & 3) * np.uint32(8)
        lanes = np.arange(count)
        pair = mac[index, lanes].astype(np.uint64) << np.uint64(32) | mac[index + 1, lanes]
        number: Words = (pair >> (np.uint64(32) - shift)).astype(np.uint32)
        return number & np.uint32(0x7FFFFFFF)

    def compress(self, state: Words, block: Words) -> Words:
        """Return the states after one block of 16 words a lane, from one for all or one each."""
        count = block.shape[1]
        words = self._words[:, :count]
        words[:] = block
        a, b, c, d, e, f, spare = self._work[:, :count]
        for row, start in zip((a, b, c, d, e), state, strict=True):
            row[:] = start
        for i in range(80):
            word = words[i & 15]
            if i > 15:  # noqa: PLR2004  # the words of the block are used up
                word ^= words[i - 3 & 15]
                word ^= words[i - 8 & 15]
                word ^= words[i - 14 & 15]
                _rotate(word, 1, word, spare)
            _mix(i // 20, (b, c, d), f, spare)
            f += word
            f += e
            f += np.uint32(_K[i // 20])
            _rotate(a, 5, e, spare)  # e's value is in f: its array becomes the next a
            e += f
            _rotate(b, 30, b, spare)
            a, b, c, d, e = e, a, b, c, d
        after = np.empty((5, count), np.uint32)
        for row, start, end in zip(after, state, (a, b, c, d, e), strict=True):
            np.add(start, end, out=row)
        return after


def _mix(quarter: int, bcd: tuple[Words, Words, Words], out: Words, spare: Words) -> None:
    """Write Ch, Parity or Maj of three words, whichever this quarter of the rounds has."""
    b, c, d = bcd
    if quarter == 0:
        np.bitwise_xor(c, d, out=out)
        out &= b
        out ^= d
    elif quarter == 2:  # noqa: PLR2004  # the third
        np.bitwise_or(b, c, out=out)
        out &= d
        np.bitwise_and(b, c, out=spare)
        out |= spare
    else:
        np.bitwise_xor(b, c, out=out)
        out ^= d


def _rotate(word: Words, by: int, out: Words, spare: Words) -> None:
    """Write a word rotated to the left; ``out`` may be the word itself."""
    shift: Any = np.uint32(by)
    np.right_shift(word, np.uint32(32 - by), out=spare)
    np.left_shift(word, shift, out=out)
    out |= spare
