"""Counter-based random numbers: Philox4x32-10.

After Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11.

A draw is a function of seed, token, stream and index, and of nothing that was drawn before.
So a token lives the same life whoever computes it, in whatever order, and a policy that makes
its holder press more changes nothing else of it.

Whole numbers only: the same on every machine, compiled or not.
"""

import enum
import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

from hosttools.study.compiled import entry, inlined

_DOMAIN: Final = b"galh study 1"
_WORD: Final = 0xFFFFFFFF
_ROUNDS: Final = 10
_M0: Final = 0xD2511F53
_M1: Final = 0xCD9E8D57
_W0: Final = 0x9E3779B9
_W1: Final = 0xBB67AE85

Block = tuple[int, int, int, int]
"""Four words of 32 random bits."""


class Stream(enum.IntEnum):
    """What the numbers are for."""

    KIND = 0
    """Which product, which group; how this holder differs from the others."""
    MATTER = 1
    """Crystal, shelf, battery; the index is how many tokens the holder had before."""
    USE = 2
    """When the holder wants a code, and how fast they are."""
    SLIP = 3
    """The particulars of what goes wrong with it."""
    POCKET = 4
    """When a pocket begins to press, and how often."""
    POCKET_GAP = 5
    """From one press of a pocket to the next."""
    CHILD = 6
    """As POCKET."""
    CHILD_GAP = 7
    """As POCKET_GAP."""
    RECOVERY = 8
    """What follows a refusal, by the use."""
    RECOVERY_SLIP = 9
    """The particulars of what goes wrong with that."""
    SECRET = 10
    """The token's secret, where codes are read."""
    GUESS = 11
    """What an attacker tries."""


def key_of(seed: int | str) -> tuple[int, int]:
    """Return Philox's key of a seed; a number counts as its decimal text."""
    text = str(seed).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(_DOMAIN + len(text).to_bytes(8, "big") + text).digest()
    return int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")


@inlined
def philox(k0: int, k1: int, c0: int, c1: int, c2: int, c3: int) -> Block:
    """Return the block of one counter under one key, all of them words of 32 bits."""
    for _ in range(_ROUNDS):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (
            ((p1 >> 32) & _WORD) ^ c1 ^ k0,
            p1 & _WORD,
            ((p0 >> 32) & _WORD) ^ c3 ^ k1,
            p0 & _WORD,
        )
        k0 = (k0 + _W0) & _WORD
        k1 = (k1 + _W1) & _WORD
    return c0, c1, c2, c3


@entry
def draw(k0: int, k1: int, token: int, stream: int, index: int) -> Block:
    """Return a token's block of a stream.

    Args:
        k0: first word of the key.
        k1: second word.
        token: its number, from 0.
        stream: see :class:`Stream`.
        index: which block, from 0.
    """
    return philox(k0, k1, index & _WORD, (index >> 32) & _WORD, token & _WORD, stream)


@entry
def draw_many(
    k0: int, k1: int, token: int, stream: int, index: int, words: npt.NDArray[np.int64]
) -> None:
    """Fill the columns of an array of four rows with the blocks from an index on."""
    for i in range(words.shape[1]):
        low, high = (index + i) & _WORD, ((index + i) >> 32) & _WORD
        block = philox(k0, k1, low, high, token & _WORD, stream)
        words[0, i], words[1, i], words[2, i], words[3, i] = block
