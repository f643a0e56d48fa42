"""Codes by vectors that LLVM compiles for this machine when they are first needed.

What was compiled is believed only after it gave the token model's codes.
"""

import ctypes
from typing import Final

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import MAX_COUNTER, Algorithm, Key, Secret
from hosttools.kernel import ir
from hosttools.kernel.hashes import BLOCK, HASHES, NUMBERS
from hosttools.kernel.lanes import states_by

Words = NDArray[np.uint32]

_WIDTHS: Final = {"avx512f": 16, "avx2": 8}
"""Lanes by what the processor has; four are in every one of 64 bits."""

_POINTER, _COUNT, _NUMBER = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32
_CODES: Final = (
    *(_POINTER, _COUNT, _POINTER, _POINTER, _COUNT, _POINTER),
    *(_NUMBER, _COUNT, _COUNT),
)
_DIGESTS: Final = (_POINTER, _COUNT, _POINTER)


class Compiled:
    """One hash, compiled.

    Args:
        algorithm: which.
        lanes: of a vector: 4, 8 or 16. None: as many as this processor's have.

    Attributes:
        lanes: of a vector.
        machine: for which it was compiled.

    Raises:
        RuntimeError: LLVM can't, or what came of it gives wrong codes.
    """

    at_once: Final = 4096  # what is made of so many keys on the way stays in the caches

    def __init__(self, algorithm: Algorithm, lanes: int | None = None) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        features = llvm.get_host_cpu_features()
        widest = next((n for name, n in _WIDTHS.items() if features.get(name)), 4)
        self.lanes = lanes or widest
        self.machine = f"{llvm.get_host_cpu_name()}, LLVM {llvm.llvm_version_info[0]}"
        self._size = HASHES[algorithm].words
        target = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=features.flatten(), opt=1, jit=True
        )
        module = llvm.parse_assembly(ir.module(algorithm, self.lanes))
        module.verify()
        self._code = llvm.create_mcjit_compiler(module, target)
        self._code.finalize_object()
        self._codes = ctypes.CFUNCTYPE(None, *_CODES)(self._code.get_function_address("codes"))
        self._digests = ctypes.CFUNCTYPE(None, *_DIGESTS)(
            self._code.get_function_address("digests")
        )
        self._check(algorithm)

    def states(self, blocks: NDArray[np.uint8]) -> Words:
        """Return the rows of midstates of keys that fill a block each."""
        return states_by(self._digest, blocks)

    def codes(
        self,
        words: Words,
        keys: NDArray[np.int64] | None,
        counters: NDArray[np.uint64],
        modulus: int,
    ) -> Words:
        """Return the code of each counter; the arrays are contiguous."""
        codes = np.empty(len(counters), np.uint32)
        shift = modulus.bit_length() + 31
        self._codes(
            _at(words),
            0 if len(words) == 1 else words.shape[1],
            None if keys is None or len(words) == 1 else _at(keys),
            _at(counters),
            len(counters),
            _at(codes),
            # A modulus that takes nothing off must not be cut to 32 bits.
            *((modulus, -(-(1 << shift) // modulus), shift) if modulus < NUMBERS else (0, 0, 0)),
        )
        return codes

    def _digest(self, blocks: Words) -> Words:
        """Return the states after one block from the start: 16 words a row in, a word a row."""
        count = blocks.shape[1]
        whole = np.zeros((16, count + -count % self.lanes), np.uint32)
        whole[:, :count] = blocks
        digests = np.empty((self._size, whole.shape[1]), np.uint32)
        self._digests(_at(whole), whole.shape[1], _at(digests))
        return digests[:, :count]

    def _check(self, algorithm: Algorithm) -> None:
        """Compare with the token model: more than one vector, not a whole number of them."""
        keys = [Key(Secret(bytes([n] * BLOCK)), algorithm) for n in range(0, 256, 5)]
        blocks = np.arange(0, 256, 5, dtype=np.uint8).repeat(BLOCK).reshape(-1, BLOCK)
        counters = [n * MAX_COUNTER // len(keys) for n in range(len(keys))]
        factors = np.array(counters, np.uint64)
        words = self.states(blocks)
        for modulus in (10**6, 10**10):
            right = [key.truncated(n) % modulus for key, n in zip(keys, counters, strict=True)]
            if self.codes(words, None, factors, modulus).tolist() != right:
                raise RuntimeError(
                    f"LLVM's {algorithm.value} gives wrong codes on {self.machine};"
                    " the kernel goes on without it: please report this"
                )


def _at(array: NDArray[np.generic]) -> int:
    """Return where an array is; ``array.ctypes`` says so too, in three times the time."""
    if array.flags.writeable:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))
    address: int = array.__array_interface__["data"][0]
    return address
