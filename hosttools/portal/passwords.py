"""Passwords and PINs as hashes: scrypt, whose parameters stand beside the salt."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hosttools.errors import StateError
from hosttools.portal.draws import Draws

_SIZE: Final = 32
_SALT: Final = 16
_MOST: Final = 2**20
"""A cost that no hash of ours has: a damaged row must not take the machine's memory."""


@dataclass(frozen=True, slots=True)
class Hashing:
    """What a guess costs.

    Attributes:
        n: scrypt's N, CPU and memory, a power of two.
        r: block size.
        p: parallelisation.
    """

    n: int = 2**14
    r: int = 8
    p: int = 5


DEAR: Final = Hashing()
"""For passwords that nobody knows: 16 MiB, a third of a second. OWASP's password storage cheat
sheet names these among its scrypt settings of equal strength."""
CHEAP: Final = Hashing(n=2**4, r=1, p=1)
"""For passwords that everybody knows: those of the practice accounts, and of tests."""


def hashed(secret: str, hashing: Hashing, draws: Draws) -> str:
    """Return what is kept of a password."""
    salt = draws.bytes(_SALT)
    return _kept(hashing, salt, _scrypt(secret, salt, hashing))


def decoy(hashing: Hashing, draws: Draws) -> str:
    """Return what looks like a hash, takes as long to look at, and is no password's."""
    return _kept(hashing, draws.bytes(_SALT), draws.bytes(_SIZE))


def matches(secret: str, kept: str) -> bool:
    """Return whether a password is the one that was hashed, in a time that does not tell.

    Args:
        secret: as typed.
        kept: what :func:`hashed` returned.

    Raises:
        StateError: that is damaged.
    """
    try:
        name, n, r, p, salt, wanted = kept.split("$")
        hashing = Hashing(int(n), int(r), int(p))
        if name != "scrypt" or hashing.n * hashing.r * hashing.p > _MOST:
            raise ValueError  # noqa: TRY301  # one message for all that can be wrong
        found = _scrypt(secret, base64.b64decode(salt), hashing)
        return hmac.compare_digest(found, base64.b64decode(wanted))
    except (ValueError, binascii.Error):
        raise StateError("a password's hash is damaged; set the password anew") from None


def _kept(hashing: Hashing, salt: bytes, found: bytes) -> str:
    return f"scrypt${hashing.n}${hashing.r}${hashing.p}${_text(salt)}${_text(found)}"


def _scrypt(secret: str, salt: bytes, hashing: Hashing) -> bytes:
    kdf = Scrypt(salt=salt, length=_SIZE, n=hashing.n, r=hashing.r, p=hashing.p)
    return kdf.derive(secret.encode("utf-8", "surrogatepass"))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
