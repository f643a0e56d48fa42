"""Encrypting what a snapshot holds of secrets: by a passphrase, or by a key file.

AES-256-GCM (NIST SP 800-38D) with the rest of the snapshot as associated data: who
alters a state, or moves the secrets to another snapshot, is told by the same check as
who has the wrong passphrase. A passphrase becomes a key by scrypt (RFC 7914); its
parameters stand in the file and are bounded on reading, so that a hostile file can
take neither memory nor hours.
"""

import base64
import binascii
import enum
import os
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, Self

from emulator.errors import UsageError
from emulator.snapshots.errors import SnapshotError, SnapshotKeyError
from emulator.snapshots.model import canonical

KEY_BYTES: Final = 32
SCRYPT_N: Final = 2**17
"""Cost of scrypt with r = 8: 128 MiB, what OWASP's password storage cheat sheet asks for."""

_R: Final = 8
_P: Final = 1
_MAX_MEMORY: Final = 2**28
"""Most memory that a file may ask for, 128·n·r bytes. Our default."""

_MAX_P: Final = 4
_SALT_BYTES: Final = 16
_MAX_SALT: Final = 64
_NONCE_BYTES: Final = 12
_CIPHER: Final = "AES-256-GCM"
_MOST: Final = 4096
"""Longest key file, or file with a passphrase, that is read."""


class Sealing(enum.Enum):
    """What became of a snapshot's secrets."""

    LEFT_OUT = "left out"
    PASSPHRASE = "passphrase"  # noqa: S105  # the kind, not one
    KEY_FILE = "key file"


class SnapshotKey:
    """What a snapshot's secrets are encrypted with; made by one of its two constructors.

    Never shown by ``repr``, ``str`` or an error.

    Attributes:
        sealing: whether it is a passphrase or from a key file.
    """

    __slots__ = ("_material", "_n", "sealing")

    def __init__(self, material: bytes, sealing: Sealing, n: int = SCRYPT_N) -> None:
        self._material = material
        self._n = n
        self.sealing = sealing

    @classmethod
    def from_passphrase(cls, passphrase: str, *, n: int = SCRYPT_N) -> Self:
        """Take a passphrase.

        Args:
            passphrase: any text but none; typed on whatever keyboard (NFKC).
            n: cost of scrypt when it seals, a power of two.

        Raises:
            UsageError: an empty one, or one that is no text.
        """
        try:
            material = unicodedata.normalize("NFKC", passphrase).encode()
        except UnicodeEncodeError:
            raise UsageError("a passphrase that is no text") from None
        if not material:
            raise UsageError("an empty passphrase; leave the secrets out, or give one")
        return cls(material, Sealing.PASSPHRASE, n)

    @classmethod
    def from_passphrase_file(cls, path: Path) -> Self:
        """Take the first line of a file as passphrase.

        Raises:
            UsageError: it can't be read, or has none.
        """
        try:
            line = _beginning(path).split(b"\n")[0].rstrip(b"\r").decode()
        except UnicodeDecodeError:
            raise UsageError(f"passphrase file {path} is not UTF-8 text") from None
        return cls.from_passphrase(line)

    @classmethod
    def from_key_file(cls, path: Path) -> Self:
        """Take a key file: 32 bytes, raw or in base64.

        Raises:
            UsageError: it can't be read, or holds something else.
        """
        raw = _beginning(path)
        if len(raw) != KEY_BYTES:
            try:
                raw = base64.b64decode(raw.strip(), validate=True)
            except binascii.Error:
                raw = b""
        if len(raw) != KEY_BYTES:
            raise UsageError(
                f"key file {path} holds no {KEY_BYTES} bytes, raw or in base64; galh snapshot key"
                " makes one"
            )
        return cls(raw, Sealing.KEY_FILE)

    def __repr__(self) -> str:
        return f"<SnapshotKey from a {self.sealing.value}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SnapshotKey is not pickled")

    def seal(
        self, plain: bytes, bound_to: bytes, random: Callable[[int], bytes] = os.urandom
    ) -> dict[str, Any]:
        """Encrypt.

        Args:
            plain: what nobody else may read.
            bound_to: what it belongs to; needed again to open it, and unaltered.
            random: draws bytes.

        Returns:
            Plain values for JSON.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # 37 ms

        nonce = random(_NONCE_BYTES)
        head: dict[str, Any] = {"cipher": _CIPHER, "kdf": None, "nonce": _b64(nonce)}
        if self.sealing is Sealing.PASSPHRASE:
            salt = _b64(random(_SALT_BYTES))
            head["kdf"] = {"name": "scrypt", "salt": salt, "n": self._n, "r": _R, "p": _P}
        key = self._derive(head["kdf"])
        return head | {"data": _b64(AESGCM(key).encrypt(nonce, plain, _aad(head, bound_to)))}

    def open(self, sealed: Mapping[str, Any], bound_to: bytes) -> bytes:
        """Decrypt what :meth:`seal` gave.

        Raises:
            SnapshotKeyError: another passphrase or key file.
            SnapshotError: nothing that :meth:`seal` gives.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # as above

        wanted = sealing_of(sealed)
        if wanted is not self.sealing:
            raise SnapshotKeyError(
                f"the snapshot's secrets are encrypted with a {wanted.value}, and a"
                f" {self.sealing.value} was given; nothing was loaded"
            )
        nonce, data = (_bytes(sealed.get(name)) for name in ("nonce", "data"))
        if len(nonce) != _NONCE_BYTES:
            raise SnapshotError(f"a nonce of {len(nonce)} bytes; one has {_NONCE_BYTES}")
        head = {name: sealed[name] for name in ("cipher", "kdf", "nonce")}
        try:
            return AESGCM(self._derive(sealed["kdf"])).decrypt(nonce, data, _aad(head, bound_to))
        except InvalidTag:
            raise SnapshotKeyError(
                f"this {wanted.value} doesn't open the snapshot's secrets, or somebody has altered"
                f" the file; give the {wanted.value} that it was saved with; nothing was loaded"
            ) from None

    def _derive(self, kdf: Mapping[str, Any] | None) -> bytes:
        if kdf is None:
            return self._material
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415  # as above

        scrypt = Scrypt(_bytes(kdf["salt"]), KEY_BYTES, kdf["n"], kdf["r"], kdf["p"])
        return scrypt.derive(self._material)


def new_key(random: Callable[[int], bytes] = os.urandom) -> bytes:
    """Return what a new key file holds: a key in base64, on a line."""
    return base64.b64encode(random(KEY_BYTES)) + b"\n"


def sealing_of(sealed: Mapping[str, Any] | None) -> Sealing:
    """Return how secrets are encrypted, without opening them.

    Raises:
        SnapshotError: in no way that this release knows, or at a cost that it refuses.
    """
    if sealed is None:
        return Sealing.LEFT_OUT
    if not isinstance(sealed, Mapping) or sealed.get("cipher") != _CIPHER or "kdf" not in sealed:
        raise SnapshotError(f"secrets that are not encrypted with {_CIPHER}")
    kdf = sealed["kdf"]
    if kdf is None:
        return Sealing.KEY_FILE
    if not isinstance(kdf, Mapping) or kdf.get("name") != "scrypt":
        raise SnapshotError("secrets encrypted with a passphrase by another way than scrypt")
    n, r, p = (kdf.get(name) for name in ("n", "r", "p"))
    if type(n) is not int or type(r) is not int or type(p) is not int:
        raise SnapshotError("scrypt's n, r and p must be whole numbers")
    if not (n > 1 and n & (n - 1) == 0 and r > 0 and 0 < p <= _MAX_P):
        raise SnapshotError(
            f"scrypt's parameters can't be: n is a power of two, r above 0, p 1 to {_MAX_P}"
        )
    if 128 * n * r > _MAX_MEMORY or n >= 2 ** (16 * r):  # RFC 7914 section 2 bounds n by r
        raise SnapshotError(
            f"scrypt's parameters ask for more than {_MAX_MEMORY >> 20} MiB, or can't be"
        )
    if not 1 <= len(_bytes(kdf.get("salt"))) <= _MAX_SALT:
        raise SnapshotError(f"scrypt's salt must have 1 to {_MAX_SALT} bytes")
    return Sealing.PASSPHRASE


def _aad(head: Mapping[str, Any], bound_to: bytes) -> bytes:
    return canonical(head) + b"\n" + bound_to


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: object) -> bytes:
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except ValueError:
        pass
    raise SnapshotError("encrypted secrets with a part that is not base64")


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST + 1)
    except OSError as e:
        raise UsageError(f"{path} can't be read: {e.strerror}") from None
    if len(raw) > _MOST:
        raise UsageError(f"{path} is too long for a key or a passphrase")
    return raw
