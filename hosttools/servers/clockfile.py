"""The clock of a server that we start: libfaketime reads it from a file.

Only a process that was started with :meth:`ClockFile.environment` sees it; the host's
clock stays as it is. Monotonic time is left alone, so that timeouts go on working.
libfaketime is Debian's package ``faketime``.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hosttools.errors import UsageError
from hosttools.servers.seam import Server, ServerError

_NAME: Final = "faketime/libfaketimeMT.so.1"
_PLACES: Final = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_SECOND_NS: Final = 1_000_000_000
_AS_THE_HOST: Final = "+0"


class ClockFile:
    """A file that says what time it is.

    Args:
        path: where; :meth:`start` makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self) -> None:
        """Make the file; the time is the host's until :meth:`put` is called."""
        self._write(_AS_THE_HOST)

    def put(self, now_ns: int) -> None:
        """Let the time stand still at ``now_ns`` (UTC), at the second that it is in.

        Raises:
            UsageError: a time that no calendar has.
            ServerError: the file can't be written.
        """
        try:
            at = datetime.fromtimestamp(now_ns // _SECOND_NS, UTC)
        except (ValueError, OverflowError, OSError):
            raise UsageError(
                f"a clock put to {now_ns} ns; allowed are the years 1970 to 9999"
            ) from None
        self._write(f"{at:%Y-%m-%d %H:%M:%S}")

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return an environment in which a process and its children see this time.

        Raises:
            ServerError: libfaketime is not installed.
        """
        library = find_libfaketime()
        if library is None:
            raise ServerError(
                "a clock that can be set needs libfaketime; apt install faketime, or go without"
            )
        preload = [library, *filter(None, [base.get("LD_PRELOAD")])]
        return {
            **base,
            "LD_PRELOAD": ":".join(preload),
            "TZ": "UTC",  # in which the file is read
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",  # as versions before 0.9.10 call it
        }

    def _write(self, text: str) -> None:
        new = self.path.with_name(f".new-{self.path.name}")
        try:
            new.write_text(text + "\n", encoding="ascii")
            new.replace(self.path)  # a reader finds the old time or the new one
        except OSError as e:
            raise ServerError(f"the clock in {self.path} can't be put: {e.strerror}") from e


class ClockedServer(Server):
    """A server that may have been started with a clock of ours; then it can be set."""

    _clock: ClockFile | None = None

    def set_clock(self, now_ns: int) -> None:
        """Put its clock to a time, at the second that it is in; it stands still there."""
        if self._clock is None:
            super().set_clock(now_ns)
        else:
            self._clock.put(now_ns)


def find_libfaketime() -> str | None:
    """Return where libfaketime is, or ``None``."""
    for place in _PLACES:
        for found in (*Path(place).glob(_NAME), *Path(place).glob(f"*/{_NAME}")):
            if os.access(found, os.R_OK):
                return str(found)
    return None
