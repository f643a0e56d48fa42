"""What was typed, made again from counters and steps, with the secret of a case."""

from functools import lru_cache
from itertools import count
from typing import Final

from firmware_model.oath import MAX_COUNTER, Key, hotp
from hosttools.refserver import Record

_CHUNK: Final = 1_024
_CHUNKS: Final = 512
"""Chunks of codes that are remembered: enough for the widest window there is."""


class Typist:
    """Types codes of one token. As secret as its secret.

    Args:
        record: the token, as its server knows it.
    """

    def __init__(self, record: Record) -> None:
        self._key = Key(record.secret, record.algorithm)
        self._digits = record.digits
        self._wrong = 0
        self._chunk = lru_cache(_CHUNKS)(self._codes)

    def code(self, factor: int) -> str:
        """Return the code of a counter or step."""
        return hotp(self._key, factor, self._digits)

    def nowhere(self, *spans: range) -> str:
        """Return a code that no factor in some spans has; each time another one."""
        numbers = {
            number
            for span in spans
            for number in range(max(span.start, 0) // _CHUNK, max(span.stop, 0) // _CHUNK + 1)
        }
        chunks = [self._chunk(number) for number in numbers]
        for number in count(self._wrong):
            code = f"{number % 10**self._digits:0{self._digits}}"
            if not any(code in chunk for chunk in chunks):
                self._wrong = number + 1
                return code
        raise AssertionError  # count has no end

    def _codes(self, number: int) -> frozenset[str]:
        factors = range(number * _CHUNK, min((number + 1) * _CHUNK, MAX_COUNTER + 1))
        return frozenset(self.code(factor) for factor in factors)
