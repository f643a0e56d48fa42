"""The portal's key, with which it signs its log and its records."""

import hashlib
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hosttools.errors import StateError


class Signer:
    """One Ed25519 key; neither its repr nor its errors show it.

    Args:
        private: the 32 bytes of the private key.

    Raises:
        StateError: they are no key.
    """

    def __init__(self, private: bytes) -> None:
        try:
            self._key = Ed25519PrivateKey.from_private_bytes(private)
        except (ValueError, TypeError):
            raise StateError(
                "the portal's signing key is damaged; restore the database from a copy"
            ) from None
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def new(cls) -> Self:
        """Return one with a new key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def private(self) -> bytes:
        """The private key's 32 bytes, for whoever keeps it."""
        return self._key.private_bytes_raw()

    @property
    def fingerprint(self) -> str:
        """Name the public key, see :func:`fingerprint`."""
        return fingerprint(self.public)

    def sign(self, data: bytes) -> bytes:
        """Return the signature of bytes, 64 bytes."""
        return self._key.sign(data)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Return whether a signature of bytes is this key's."""
        return verified(self.public, signature, data)


def fingerprint(public: bytes) -> str:
    """Name a public key: the beginning of its SHA-256, in hex."""
    return hashlib.sha256(public).hexdigest()[:16]


def verified(public: bytes, signature: bytes, data: bytes) -> bool:
    """Return whether a signature of bytes was made by the owner of a public key.

    Args:
        public: the key's 32 bytes.
        signature: 64 bytes; anything else is no signature.
        data: what was signed.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
