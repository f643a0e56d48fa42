"""What LLVM compiles is right for vectors of any width, whatever processor compiles it."""

import numpy as np
import pytest

from firmware_model.oath import Algorithm
from hosttools.kernel.lanes import Lanes

pytest.importorskip("llvmlite", reason="extra fleet")

from hosttools.kernel.compiled import Compiled

BLOCKS = (np.arange(37 * 64) * 7 % 251).astype(np.uint8).reshape(37, 64)
COUNTERS = np.arange(37, dtype=np.uint64) * np.uint64(2**59 + 1)


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_every_width(algorithm: Algorithm, lanes: int) -> None:
    """Keys and codes are NumPy's: some vectors, and a part of one."""
    compiled, plain = Compiled(algorithm, lanes), Lanes(algorithm)
    words = compiled.states(BLOCKS)
    assert plain.states(BLOCKS).tolist() == words.tolist()
    expected = plain.codes(words, None, COUNTERS, 10**8)
    assert expected.tolist() == compiled.codes(words, None, COUNTERS, 10**8).tolist()
