"""Which seeds are for practice: published, or made up by a published rule.

Whoever knows a token's secret can sign in its holder's place, and these are
known to everybody. A file says so in a comment; a secret found here is one
whatever its file says.
"""

import hashlib
import re
from typing import Final

MARK: Final = "practice seeds: published or made up, never for real use"
"""What the comment of a file of practice seeds says, in CSV as in XML."""

_MARK: Final = re.compile(r"\s*practice seeds\b", re.IGNORECASE)
_RULE: Final = b"galh-emulator practice seed 1 "
_PUBLISHED: Final = frozenset(
    {
        # GALH00000042, the made-up token of this project's own documentation.
        bytes.fromhex("00112233445566778899aabbccddeeff00112233"),
        # The example of the otpauth URI format (JBSWY3DPEHPK3PXP).
        b"Hello!\xde\xad\xbe\xef",
    }
)


def is_mark(comment: str) -> bool:
    """Whether a comment, without its ``#`` or ``<!--``, marks practice seeds."""
    return _MARK.match(comment) is not None


def practice_secret(serial: str) -> bytes:
    """Return the 20 bytes that the sample token with this serial number has.

    Anybody can work them out, which is what makes them recognisable.
    """
    return hashlib.sha1(_RULE + serial.encode(), usedforsecurity=False).digest()


def is_published(serial: str, secret: bytes) -> bool:
    """Whether everybody knows this token's secret.

    Those of RFC 4226 appendix D, RFC 6238 appendix B and the figures of RFC
    6030 are all ``1234567890`` over and over.
    """
    return (
        secret in _PUBLISHED
        or secret == (b"1234567890" * 7)[: len(secret)]
        or secret == practice_secret(serial)
    )
