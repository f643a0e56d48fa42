r"""Telling the client that left from the one that came, in bytes that are both's.

When a client vanishes inside a line and the next one is quick, the kernel hands over
their bytes as one: ``BUTT:PR*IDN?``. A port knows that there was a change, not where;
but a line that makes no sense, whose end does, was two clients'.
"""

import re
from typing import Final

from emulator.scpi.commands import TABLE
from emulator.scpi.tree import Table

_LINES: Final = re.compile(rb"(?<=[\r\n])")
_LONGEST: Final = 256
"""A longer line is not searched: every place in it would have to be tried."""


def find_cut(data: bytes, table: Table = TABLE) -> int:
    r"""Return where the new client's bytes begin.

    Args:
        data: what both sent, the old one first.
        table: the headers.

    >>> find_cut(b"BUTT:PR*IDN?\n"), find_cut(b"*IDN?\n"), find_cut(b"*IDN?\nBUTT:PR")
    (7, 0, 13)
    """
    place = 0
    for line in _LINES.split(data):
        text = line.rstrip(b"\r\n")
        if text != line and 0 < len(text) <= _LONGEST and not table.understands(text):
            for start in range(1, len(text)):
                if table.understands(text[start:]):
                    return place + start
        place += len(line)
    # One that leaves in good order left nothing unread; one that vanishes does so inside a line.
    return 0 if data.endswith((b"\n", b"\r")) else len(data)
