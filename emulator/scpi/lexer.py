"""Cuts a line into units, and a unit into header and parameters; knows no header.

Any bytes may come in; what can't be a program message raises ``ScpiError`` and
nothing else. All of it is linear in the length of the line: the patterns are
possessive, so that no input makes them backtrack.
"""

import re
from collections.abc import Iterator
from typing import Final

from emulator.scpi.errors import ErrorCode, ScpiError

WHITE_SPACE: Final = " \t"

_SHOWN = 40
_INVALID: Final = re.compile(rb"[^\t -~]")
_HEADER: Final = re.compile(r"\*[A-Za-z]++\??|:?[A-Za-z]\w*+(?::[A-Za-z]\w*+)*+\??", re.ASCII)
# A doubled quote inside a string reads as two strings side by side: cut alike.
_UP_TO: Final = {
    separator: re.compile(rf"""(?:[^{separator}'"]++|"[^"]*+"|'[^']*+')*+""") for separator in ";,"
}


def decode(line: bytes) -> str:
    """Return the line as text.

    Raises:
        ScpiError: -101, it has a byte that is neither printable ASCII nor a tab.
    """
    bad = _INVALID.search(line)
    if bad:
        raise ScpiError(
            ErrorCode.INVALID_CHARACTER,
            f"byte {bad[0][0]:#04x} at position {bad.start() + 1}; allowed is printable ASCII",
        )
    return line.decode("ascii")


def units(text: str) -> Iterator[tuple[str, str]]:
    """Yield header and parameter text of each unit that is not empty.

    Raises:
        ScpiError: -102 for what is no header, -151 for a string that does not end;
            what came before has been yielded.
    """
    for piece in split(text, ";"):
        unit = piece.strip(WHITE_SPACE)
        if not unit:
            continue
        match = _HEADER.match(unit)
        rest = unit[match.end() :] if match else ""
        if match is None or (rest and rest[0] not in WHITE_SPACE):
            raise ScpiError(ErrorCode.SYNTAX, f"'{shorten(unit)}' does not begin with a header")
        yield match[0], rest.strip(WHITE_SPACE)


def split(text: str, separator: str) -> Iterator[str]:
    """Yield what lies between the separators that are in no string.

    Raises:
        ScpiError: -151, a string that does not end.

    >>> list(split('"a,b",c', ","))
    ['"a,b"', 'c']
    """
    pattern = _UP_TO[separator]
    start = 0
    while True:
        match = pattern.match(text, start)
        end = match.end() if match else start
        if end < len(text) and text[end] != separator:
            raise ScpiError(ErrorCode.INVALID_STRING, f"{shorten(text[end:])}: no closing quote")
        yield text[start:end]
        if end == len(text):
            return
        start = end + 1


def shorten(text: str) -> str:
    """Return the beginning of what a client sent, for an error's text."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
