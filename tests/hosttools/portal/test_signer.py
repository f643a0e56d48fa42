"""The portal's key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.errors import StateError
from hosttools.portal.signer import Signer, verified

SIGNER = Signer(b"\x01" * 32)


def test_signs() -> None:
    """What it signed is its own, and nobody else's."""
    signature = SIGNER.sign(b"data")

    assert SIGNER.verify(signature, b"data")
    assert not SIGNER.verify(signature, b"Data")
    assert not Signer.new().verify(signature, b"data")


def test_is_the_same_key_again() -> None:
    """From what is kept of it."""
    new = Signer.new()
    again = Signer(new.private)

    assert (new.public, new.fingerprint) == (again.public, again.fingerprint)


@given(public=st.binary(max_size=40), signature=st.binary(max_size=70))
def test_anything_else_is_no_signature(public: bytes, signature: bytes) -> None:
    """Whatever the bytes are."""
    assert not verified(public, signature, b"data")
    assert not SIGNER.verify(signature, b"data")


def test_a_damaged_key_is_a_state_error() -> None:
    """Its bytes are not shown."""
    with pytest.raises(StateError, match="damaged"):
        Signer(b"short")
    assert "private" not in repr(SIGNER)
