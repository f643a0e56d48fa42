"""Prepared keys are as secret as keys."""

import pickle

import pytest

from hosttools import kernel

RAW = b"12345678901234567890"


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
