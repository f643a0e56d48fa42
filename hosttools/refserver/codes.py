"""The server's own HOTP: the ``cryptography`` package's, not the token model's.

Two implementations that share no code can't share a bug. TOTP is HOTP of the
time step (RFC 6238 section 4.2), which leaves T0 to us: the package's TOTP has none.
"""

import hmac
from collections.abc import Iterator, Mapping
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from firmware_model.oath import MAX_COUNTER, Algorithm
from hosttools.refserver.record import Record

_HASHES: Final[Mapping[Algorithm, SHA1 | SHA256 | SHA512]] = {
    Algorithm.SHA1: SHA1(),  # noqa: S303 - what RFC 4226 prescribes
    Algorithm.SHA256: SHA256(),
    Algorithm.SHA512: SHA512(),
}


class Codes:
    """Every code of one token, for comparing with what was typed. As secret as its secret."""

    __slots__ = ("_hotp",)

    def __init__(self, record: Record) -> None:
        # Seeds of 10 bytes exist; firmware_model.Secret warns of them.
        self._hotp = HOTP(
            record.secret.reveal(),
            record.digits,
            _HASHES[record.algorithm],
            enforce_key_length=False,
        )

    def search(self, spans: tuple[range, ...], *typed: str) -> tuple[list[int], ...]:
        """Return, for each code typed, the factors in ``spans`` that it is the code of.

        Every factor is computed and compared in constant time, hit or not: how
        long it takes tells the size of the spans and nothing of the distance.

        Args:
            spans: where to look; what no moving factor can be is left out.
            typed: well-formed codes.
        """
        wanted = [(code.encode(), list[int]()) for code in typed]
        for factor in _factors(spans):
            code = self._hotp.generate(factor)
            for given, hits in wanted:
                if hmac.compare_digest(code, given):
                    hits.append(factor)
        return tuple(hits for _, hits in wanted)


def _factors(spans: tuple[range, ...]) -> Iterator[int]:
    for span in spans:
        yield from range(max(span.start, 0), min(span.stop, MAX_COUNTER + 1))


def complaint(code: str, digits: int) -> str:
    """Say what is wrong with the form of a code, without showing it; empty if nothing is."""
    if len(code) != digits:
        return f"{len(code)} characters in place of {digits}"
    # isdigit alone would let other alphabets' digits through.
    if not (code.isascii() and code.isdigit()):
        return "not only the digits 0 to 9"
    return ""
