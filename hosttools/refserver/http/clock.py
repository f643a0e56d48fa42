"""Server time: the host's, or one that stands where it was put."""

import time
from collections.abc import Callable

from hosttools.errors import ConflictError


class ServerClock:
    """The clock that a server judges by.

    Args:
        manual_ns: where a manual clock stands, ns since 1970, UTC; ``None``: it is the
            host's, which can't be set.
        host: reads the host's, ns since 1970, UTC.
    """

    def __init__(
        self, manual_ns: int | None = None, *, host: Callable[[], int] = time.time_ns
    ) -> None:
        self._manual_ns = manual_ns
        self._host = host

    @property
    def manual(self) -> bool:
        """Whether it goes where it is told."""
        return self._manual_ns is not None

    def now_ns(self) -> int:
        """Return the time, ns since 1970, UTC."""
        return self._host() if self._manual_ns is None else self._manual_ns

    def set(self, now_ns: int) -> None:
        """Put a manual clock somewhere, forward or back.

        Raises:
            ConflictError: it is the host's.
        """
        if self._manual_ns is None:
            raise ConflictError(
                "the server's clock is the host's and can't be set; start it with"
                " --clock manual:TIME"
            )
        self._manual_ns = now_ns
