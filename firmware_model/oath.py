"""HOTP (RFC 4226) and TOTP (RFC 6238) as a token computes them.

The two HMAC pads of a key are hashed once, when the key is prepared; a code
then costs two digest copies in place of a whole HMAC. The server side of this
project has another implementation on purpose (the ``cryptography`` package's):
nothing in here may be shared with it.
"""

import enum
import hashlib
import struct
import warnings
from typing import Final, NoReturn, Self

from firmware_model.errors import ProfileError, SecretError, ShortSecretWarning

MIN_SECRET_BYTES: Final = 10
"""Shortest secret that is taken at all: 80 bits, as soft tokens of old had."""

ADVISED_SECRET_BYTES: Final = 16
"""RFC 4226 section 4 R6: at least 128 bits. Shorter ones raise a warning."""

MAX_SECRET_BYTES: Final = 64
"""The block of SHA-1 and SHA-256; the longest seed of RFC 6238 appendix B."""

MIN_DIGITS: Final = 6
MAX_DIGITS: Final = 8
MAX_COUNTER: Final = 2**64 - 1
"""RFC 4226 section 5.1: the moving factor has 8 bytes."""


class Algorithm(enum.Enum):
    """Hash under the HMAC, by its RFC 6238 name."""

    SHA1 = "SHA1"
    SHA256 = "SHA256"
    SHA512 = "SHA512"


class Secret:
    """A token's shared secret: never shown by ``repr``, ``str`` or an error.

    Args:
        raw: 10 to 64 bytes; below 16 a :class:`ShortSecretWarning` is issued.

    Raises:
        SecretError: another length.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if not MIN_SECRET_BYTES <= len(raw) <= MAX_SECRET_BYTES:
            raise SecretError(
                f"a secret of {len(raw)} bytes; allowed are {MIN_SECRET_BYTES} to"
                f" {MAX_SECRET_BYTES}: check whether it was decoded as hex, base32 or base64"
            )
        if len(raw) < ADVISED_SECRET_BYTES:
            warnings.warn(
                f"a secret of {len(raw)} bytes is shorter than the {ADVISED_SECRET_BYTES}"
                " that RFC 4226 section 4 R6 demands",
                ShortSecretWarning,
                stacklevel=2,
            )
        self._raw = bytes(raw)

    @classmethod
    def again(cls, raw: bytes) -> Self:
        """Take back a secret that was accepted before, without a second warning.

        Raises:
            SecretError: a length that no token has.
        """
        if not MIN_SECRET_BYTES <= len(raw) < ADVISED_SECRET_BYTES:
            return cls(raw)
        secret = cls.__new__(cls)
        secret._raw = bytes(raw)  # noqa: SLF001  # our own class
        return secret

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read a secret written as hexadecimal digits.

        Raises:
            SecretError: not hexadecimal, or a length that no token has.
        """
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raise SecretError("a secret that is not an even number of hex digits") from None
        return cls(raw)

    def reveal(self) -> bytes:
        """Return the bytes. The one way out: grep for it to see who looks."""
        return self._raw

    def __len__(self) -> int:
        return len(self._raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(("Secret", self._raw))

    def __repr__(self) -> str:
        return f"<Secret of {len(self._raw)} bytes>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: hand over Secret.reveal() if that is meant")


class Key:
    """A secret prepared for one algorithm: its two HMAC midstates (RFC 2104).

    As secret as the secret itself. Passed to :func:`firmware_model.step`,
    never part of a state.

    Attributes:
        algorithm: the hash it is prepared for.
        key_id: 16 hex digits that name the key without giving it away.
    """

    __slots__ = ("_inner", "_outer", "algorithm", "key_id")

    def __init__(self, secret: Secret, algorithm: Algorithm = Algorithm.SHA1) -> None:
        raw = secret.reveal()
        new = _NEW[algorithm]
        block = new().block_size
        padded = raw.ljust(block, b"\0")  # MAX_SECRET_BYTES never exceeds a block
        self._inner = new(padded.translate(_IPAD))
        self._outer = new(padded.translate(_OPAD))
        self.algorithm = algorithm
        self.key_id = key_id(secret, algorithm)

    def truncated(self, counter: int) -> int:
        """Return the 31-bit number of RFC 4226 section 5.3 for an 8-byte moving factor."""
        inner = self._inner.copy()
        inner.update(_EIGHT_BYTES(counter))
        outer = self._outer.copy()
        outer.update(inner.digest())
        mac = outer.digest()
        number: int = _FOUR_BYTES(mac, mac[-1] & 0x0F)[0]
        return number & 0x7FFFFFFF

    def __repr__(self) -> str:
        return f"<Key {self.key_id} {self.algorithm.value}>"


def key_id(secret: Secret, algorithm: Algorithm) -> str:
    """Name a key by 64 bits of a hash over it, for digests and for comparing.

    The hash is keyed by a constant of ours, so that the name is no use
    anywhere else.
    """
    text = b"galh key id v1\0" + algorithm.value.encode() + b"\0" + secret.reveal()
    return hashlib.sha256(text).hexdigest()[:16]


def check_digits(digits: int) -> int:
    """Return ``digits`` if RFC 4226 section 5.3 allows it (6 to 8).

    Raises:
        ProfileError: another number.
    """
    if not MIN_DIGITS <= digits <= MAX_DIGITS:
        raise ProfileError(f"{digits} digits; allowed are {MIN_DIGITS} to {MAX_DIGITS}")
    return digits


def hotp(key: Key, counter: int, digits: int = 6) -> str:
    """Return the HOTP value of ``counter`` as text with leading zeros.

    Args:
        key: the prepared key.
        counter: moving factor, 0 to 2**64 - 1.
        digits: 6 to 8.

    Raises:
        ProfileError: a counter or a number of digits out of range.

    >>> key = Key(Secret(b"12345678901234567890"))
    >>> hotp(key, 0), hotp(key, 9)
    ('755224', '520489')
    """
    check_digits(digits)
    if not 0 <= counter <= MAX_COUNTER:
        raise ProfileError(f"counter {counter}; allowed are 0 to 2**64 - 1")
    return code_text(key.truncated(counter), digits)


def code_text(truncated: int, digits: int) -> str:
    """Cut a truncated number down to ``digits`` decimal digits, zeros kept."""
    return str(truncated % _POWER[digits]).zfill(digits)


def time_step(unix_s: int, step_s: int = 30, t0_s: int = 0) -> int:
    """Return the number of whole time steps since ``t0_s`` (RFC 6238 section 4.2).

    Args:
        unix_s: seconds since 1970, UTC.
        step_s: length of a step in seconds, at least 1.
        t0_s: the Unix time at which step 0 begins.

    Raises:
        ProfileError: a step below 1 s, or a time before ``t0_s``.
    """
    if step_s < 1:
        raise ProfileError(f"a time step of {step_s} s; allowed is 1 s and more")
    if unix_s < t0_s:
        raise ProfileError(f"time {unix_s} s lies before T0 = {t0_s} s")
    return (unix_s - t0_s) // step_s


def totp(key: Key, unix_s: int, *, step_s: int = 30, t0_s: int = 0, digits: int = 6) -> str:
    """Return the TOTP value at ``unix_s`` seconds since 1970, UTC (RFC 6238).

    Raises:
        ProfileError: see :func:`hotp` and :func:`time_step`.

    >>> totp(Key(Secret(b"12345678901234567890")), 59, digits=8)
    '94287082'
    """
    return hotp(key, time_step(unix_s, step_s, t0_s), digits)


_NEW: Final = {
    Algorithm.SHA1: hashlib.sha1,
    Algorithm.SHA256: hashlib.sha256,
    Algorithm.SHA512: hashlib.sha512,
}
_EIGHT_BYTES: Final = struct.Struct(">Q").pack
_FOUR_BYTES: Final = struct.Struct(">I").unpack_from
_IPAD: Final = bytes(b ^ 0x36 for b in range(256))
_OPAD: Final = bytes(b ^ 0x5C for b in range(256))
_POWER: Final = {digits: 10**digits for digits in range(MIN_DIGITS, MAX_DIGITS + 1)}
