"""The random numbers: those of Random123's known answers, compiled and not."""

import numpy as np
import pytest

from hosttools.study.compiled import plain
from hosttools.study.philox import Block, draw, draw_many, key_of, philox

ONES = 0xFFFFFFFF
KNOWN = [
    ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES, ONES), (ONES,) * 4, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0xA4093822, 0x299F31D0),
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("key", "counter", "block"), KNOWN)
def test_blocks_are_the_known_ones(key: tuple[int, int], counter: Block, block: Block) -> None:
    """Philox4x32-10 is the one of the paper, compiled and as plain Python."""
    assert block == philox(*key, *counter)
    assert block == plain(philox)(*key, *counter)


def test_a_number_is_its_text() -> None:
    """A seed is the same wherever it was written."""
    assert key_of(7) == key_of("7")
    assert key_of(7) != key_of(8)


def test_blocks_drawn_together_are_those_drawn_one_by_one() -> None:
    """So that whoever draws many gets the numbers of whoever draws one, past 32 bits too."""
    words = np.zeros((4, 64), np.int64)
    draw_many(1, 2, 3, 4, (1 << 32) - 7, words)
    expected = [draw(1, 2, 3, 4, (1 << 32) - 7 + i) for i in range(64)]
    assert expected == [tuple(block) for block in words.T.tolist()]
