"""HMAC keys prepared for arrays: the hash's state after each pad block, 40 bytes a key.

They are made when an array is first computed from them, so that a few codes by ``hashlib``
don't wait for that. They stand for the keys, and are as secret: never shown, never pickled.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from firmware_model.oath import Algorithm, Key, Secret
from hosttools.errors import UsageError
from hosttools.kernel import checks
from hosttools.kernel.hashes import BLOCK, HASHES
from hosttools.kernel.route import Route
from hosttools.kernel.routes import routes_of

Secrets = Sequence[bytes | Secret] | Sequence[bytes] | Sequence[Secret] | NDArray[np.uint8]

_KEPT: Final = 1024
"""Keys kept for ``hashlib`` as well, at half a kilobyte each."""


class Midstates:
    """Prepared keys, each known by its index; made by :func:`prepare`."""

    __slots__ = ("_keys", "_secrets", "_words", "algorithm", "routes")

    def __init__(self, secrets: Secrets, algorithm: Algorithm) -> None:
        self._secrets = secrets
        self._words: NDArray[np.uint32] | None = None
        self._keys: dict[int, Key] = {}
        self.algorithm = algorithm
        self.routes = routes_of(algorithm)

    @property
    def words(self) -> NDArray[np.uint32]:
        """A row for each key: the words of the inner state, then those of the outer one."""
        return self.by(None)

    def by(self, route: Route | None) -> NDArray[np.uint32]:
        """Return :attr:`words`, computed by a route if they are not there yet."""
        if self._words is None:
            engine = self.routes.preparing(len(self), route)
            words = np.empty((len(self), 2 * HASHES[self.algorithm].words), np.uint32)
            for begin in range(0, len(self), engine.at_once):
                end = min(begin + engine.at_once, len(self))
                words[begin:end] = engine.states(self._blocks(begin, end))
            self._words = words
        return self._words

    def key(self, index: int) -> Key:
        """Return a key as the token model takes it."""
        key = self._keys.get(index)
        if key is None:
            # Zeros at its end are no part of a key (RFC 2104), but any length becomes one
            # that the model allows.
            key = Key(Secret(self._block(index)), self.algorithm)
            if len(self._keys) < _KEPT:
                self._keys[index] = key
        return key

    def _block(self, index: int) -> bytes:
        """Return a key as HMAC takes it: hashed if longer than a block, then filled up."""
        secret = self._secrets[index]
        raw = secret.reveal() if isinstance(secret, Secret) else bytes(secret)
        if len(raw) > BLOCK:
            raw = hashlib.new(self.algorithm.value, raw).digest()
        return raw.ljust(BLOCK, b"\0")

    def _blocks(self, begin: int, end: int) -> NDArray[np.uint8]:
        secrets = self._secrets
        if isinstance(secrets, np.ndarray) and secrets.shape[1] <= BLOCK:
            blocks = np.zeros((end - begin, BLOCK), np.uint8)
            blocks[:, : secrets.shape[1]] = secrets[begin:end]
            return blocks
        joined = b"".join(map(self._block, range(begin, end)))
        return np.frombuffer(joined, np.uint8).reshape(-1, BLOCK)

    def __len__(self) -> int:
        return len(self._secrets)

    def __repr__(self) -> str:
        return f"<Midstates of {len(self)} keys, {self.algorithm.value}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Midstates are not pickled: prepare the keys where they are used")


def prepare(secrets: Secrets, algorithm: Algorithm = Algorithm.SHA1) -> Midstates:
    """Prepare keys for :func:`codes`, :func:`series` and :func:`search`.

    Args:
        secrets: keys of any length, bytes or :class:`Secret`; or, all of one length, the rows
            of an array of uint8. They are kept and not copied: don't change them.
        algorithm: SHA1 or SHA256.

    Raises:
        UsageError: another algorithm, or something else than keys.

    >>> from hosttools import kernel
    >>> kernel.prepare([b"12345678901234567890"]).words.shape
    (1, 10)
    """
    checks.check_algorithm(algorithm)
    if isinstance(secrets, np.ndarray):
        if secrets.dtype != np.uint8 or secrets.ndim != 2:  # noqa: PLR2004  # keys and bytes
            raise UsageError(
                f"secrets as {secrets.dtype} of shape {secrets.shape}; allowed are uint8 of"
                " shape (keys, bytes), or a sequence of bytes"
            )
    elif isinstance(secrets, bytes | Secret) or not all(
        isinstance(secret, bytes | Secret) for secret in secrets
    ):
        raise UsageError(
            "secrets are a sequence of bytes or Secret, one each; put a single one into a list"
        )
    return Midstates(secrets, algorithm)
