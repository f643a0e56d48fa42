"""Keys are prepared alike by every route, and stay as secret as they were."""

import pickle

import numpy as np
import pytest

from firmware_model.oath import Algorithm
from hosttools import kernel

RAW = b"12345678901234567890"


def test_forty_bytes(algorithm: Algorithm) -> None:
    """A key takes 40 bytes; by SHA-256, 64."""
    words = kernel.prepare([RAW, RAW], algorithm).words
    assert (2, 10 if algorithm is Algorithm.SHA1 else 16) == words.shape
    assert np.uint32 == words.dtype


def test_no_keys(algorithm: Algorithm) -> None:
    """No keys have no midstates."""
    assert 0 == kernel.prepare([], algorithm).words.size


def test_more_than_one_pass(route: kernel.Route) -> None:
    """However many keys there are, each has the midstates that it has alone."""
    raws = np.arange(16_389 * 4, dtype=np.uint32).view(np.uint8).reshape(-1, 16)
    words = kernel.prepare(raws).by(route)
    for place in (0, 16_383, 16_384, 16_388):
        assert kernel.prepare(raws[place : place + 1]).by(route).tolist() == [words[place].tolist()]


def test_never_shown() -> None:
    """Neither the key nor its states are in what is printed."""
    prepared = kernel.prepare([RAW])
    assert "<Midstates of 1 keys, SHA1>" == repr(prepared) == str(prepared)


def test_never_pickled() -> None:
    """Prepared keys don't leave the process unasked."""
    with pytest.raises(TypeError, match="prepare the keys where they are used"):
        pickle.dumps(kernel.prepare([RAW]))


def test_keys_kept_are_few() -> None:
    """However many keys ``hashlib`` was asked for, only some stay prepared for it."""
    prepared = kernel.prepare([n.to_bytes(20, "big") for n in range(1100)])
    kernel.codes(prepared, [0] * 1100, route=kernel.Route.HASHLIB)
    assert 1024 == len(prepared._keys)
