"""Codes by NumPy: the hash over arrays, a lane a code. The route without LLVM.

Names within a hash are those of FIPS 180-4 section 6.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import Algorithm
from hosttools.kernel import hashes

Words = NDArray[np.uint32]

LANES: Final = 16_384
"""Lanes of one pass: few enough for the caches, enough to pay for the calls to NumPy."""


class Lanes:
    """One hash by NumPy."""

    at_once: Final = LANES

    def __init__(self, algorithm: Algorithm) -> None:
        self._hash = hashes.HASHES[algorithm]

    def states(self, blocks: NDArray[np.uint8]) -> Words:
        """Return the rows of midstates of keys that fill a block each."""
        start = np.array(self._hash.start, np.uint32)[:, None]
        work = self._work(len(blocks))
        return states_by(lambda block: work.compress(start, block), blocks)

    def codes(
        self,
        words: Words,
        keys: NDArray[np.int64] | None,
        counters: NDArray[np.uint64],
        modulus: int,
    ) -> Words:
        """Return the code of each counter.

        Args:
            words: rows of midstates; a single one serves all counters.
            keys: the row of each counter; none: as they come.
            counters: moving factors.
            modulus: 10 to the number of digits.
        """
        codes = np.empty(len(counters), np.uint32)
        work = self._work(min(len(counters), LANES))
        for begin in range(0, len(counters), LANES):
            part = slice(begin, begin + LANES)
            one = len(words) == 1
            rows = words if one else words[part if keys is None else keys[part]]
            numbers = self._numbers(work, np.ascontiguousarray(rows.T), counters[part])
            codes[part] = numbers % modulus if modulus < hashes.NUMBERS else numbers
        return codes

    def _work(self, lanes: int) -> "_Sha1 | _Sha256":
        return (_Sha1 if self._hash is hashes.SHA1 else _Sha256)(lanes)

    def _numbers(
        self, work: "_Sha1 | _Sha256", states: Words, counters: NDArray[np.uint64]
    ) -> Words:
        """Return the truncated number of each lane (RFC 4226 section 5.3)."""
        size, count = self._hash.words, len(counters)
        block = np.zeros((16, count), np.uint32)
        block[0] = counters >> np.uint64(32)
        block[1] = counters.astype(np.uint32)
        block[2], block[15] = hashes.PADDING, self._hash.factor_bits
        digest = work.compress(states[:size], block)
        block[:size], block[size], block[15] = digest, hashes.PADDING, self._hash.digest_bits
        block[size + 1 : 15] = 0
        mac = work.compress(states[size:], block)
        offset = mac[-1] & np.uint32(0xF)
        # Four bytes from any of the first 16: two neighbouring words, and a shift.
        index, shift = (offset >> 2).astype(np.intp), (offset & 3) * np.uint32(8)
        lanes = np.arange(count)
        pair = mac[index, lanes].astype(np.uint64) << np.uint64(32) | mac[index + 1, lanes]
        number: Words = (pair >> (np.uint64(32) - shift)).astype(np.uint32)
        return number & np.uint32(hashes.NUMBERS - 1)


def states_by(digest: Callable[[Words], Words], blocks: NDArray[np.uint8]) -> Words:
    """Return the rows of midstates of keys that fill a block each (RFC 2104).

    Args:
        digest: gives the states after one block from the start; a word a row.
        blocks: a key a row.
    """
    keys = np.ascontiguousarray(blocks.view(">u4").astype(np.uint32).T)
    pads = (np.uint32(hashes.INNER_PAD), np.uint32(hashes.OUTER_PAD))
    return np.ascontiguousarray(np.concatenate([digest(keys ^ pad) for pad in pads]).T)


class _Sha1:
    """SHA-1's compression, with its arrays: none is made anew for each of 80 rounds."""

    def __init__(self, lanes: int) -> None:
        self._words = np.empty((16, lanes), np.uint32)
        self._work = np.empty((7, lanes), np.uint32)

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
            f += np.uint32(hashes.SHA1.k[i // 20])
            _rotate(a, 5, e, spare)  # e's value is in f: its array becomes the next a
            e += f
            _rotate(b, 30, b, spare)
            a, b, c, d, e = e, a, b, c, d
        return _sums(state, (a, b, c, d, e), count)


class _Sha256:
    """SHA-256's compression, likewise."""

    def __init__(self, lanes: int) -> None:
        self._words = np.empty((16, lanes), np.uint32)
        self._work = np.empty((11, lanes), np.uint32)

    def compress(self, state: Words, block: Words) -> Words:
        """Return the states after one block of 16 words a lane, from one for all or one each."""
        count = block.shape[1]
        words = self._words[:, :count]
        words[:] = block
        *vars_, sigma, more, spare = self._work[:, :count]
        a, b, c, d, e, f, g, h = vars_
        for row, start in zip(vars_, state, strict=True):
            row[:] = start
        for i, k in enumerate(hashes.SHA256.k):
            word = words[i & 15]
            if i > 15:  # noqa: PLR2004  # the words of the block are used up
                word += words[i - 7 & 15]
                word += _sigma(words[i - 15 & 15], (7, 18), 3, (sigma, more, spare))
                word += _sigma(words[i - 2 & 15], (17, 19), 10, (sigma, more, spare))
            h += word
            h += np.uint32(k)
            h += _sigma(e, (6, 11, 25), None, (sigma, more, spare))
            _mix(0, (e, f, g), more, spare)
            h += more
            d += h
            h += _sigma(a, (2, 13, 22), None, (sigma, more, spare))
            _mix(2, (a, b, c), more, spare)
            h += more
            a, b, c, d, e, f, g, h = h, a, b, c, d, e, f, g
        return _sums(state, (a, b, c, d, e, f, g, h), count)


def _sums(state: Words, after: tuple[Words, ...], count: int) -> Words:
    sums = np.empty((len(after), count), np.uint32)
    for row, start, end in zip(sums, state, after, strict=True):
        np.add(start, end, out=row)
    return sums


def _mix(quarter: int, bcd: tuple[Words, Words, Words], out: Words, spare: Words) -> None:
    """Write Ch, Parity or Maj of three words, whichever this quarter of SHA-1's rounds has."""
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


def _sigma(
    word: Words, rights: tuple[int, ...], shift: int | None, work: tuple[Words, Words, Words]
) -> Words:
    """Return one of SHA-256's four sigmas: a word rotated to the right, each way, and shifted."""
    total, turned, spare = work
    _rotate(word, 32 - rights[0], total, spare)
    for right in rights[1:]:
        _rotate(word, 32 - right, turned, spare)
        total ^= turned
    if shift is not None:
        np.right_shift(word, np.uint32(shift), out=turned)
        total ^= turned
    return total


def _rotate(word: Words, left: int, out: Words, spare: Words) -> None:
    """Write a word rotated to the left; ``out`` may be the word itself."""
    np.right_shift(word, np.uint32(32 - left), out=spare)
    np.left_shift(word, np.uint32(left), out=out)
    out |= spare
