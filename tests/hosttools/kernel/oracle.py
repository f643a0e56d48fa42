"""The token model, asked for one code after the other."""

import hashlib

from hypothesis import strategies as st

from firmware_model.oath import MAX_COUNTER, Algorithm, Key, Secret

RAW = st.binary(max_size=80)
"""Keys, among them empty ones, and such as are longer than a block."""

COUNTER = st.integers(0, MAX_COUNTER) | st.integers(0, 40).map(lambda n: MAX_COUNTER - n)
DIGITS = st.integers(6, 10)


def code(raw: bytes, counter: int, digits: int, algorithm: Algorithm) -> int:
    """Return a code as a number. The key is filled up by RFC 2104: the model asks for ten bytes."""
    if len(raw) > 64:
        raw = hashlib.new(algorithm.value, raw).digest()
    key = Key(Secret(raw.ljust(64, b"\0")), algorithm)
    modulus: int = 10**digits
    return key.truncated(counter) % modulus
