"""The parts of a study on a Dask cluster: the same map, on other machines.

Whoever reaches a Dask scheduler can run anything on its workers: it is for networks that are
trusted, with TLS if they are not. Workers need the same release of this package.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from hosttools.errors import HostError, UsageError
from hosttools.study.part import run_part
from hosttools.study.runner import Part, Run
from hosttools.study.tally import Tally

try:
    import distributed
except ImportError:  # pragma: no cover  # the extra is installed where tests run
    raise UsageError("--scheduler needs Dask: pip install 'galh-emulator[fleet]'") from None

# They have no types.
_Client: Any = distributed.Client
_as_completed: Any = distributed.as_completed
_TRIES: Final = 10
"""Workers that may die under one part."""


class Cluster:
    """A Dask cluster.

    Args:
        address: of its scheduler, as ``tcp://10.0.0.7:8786``.
        run: what a part is run by.
    """

    def __init__(self, address: str, run: Run = run_part) -> None:
        self._address = address
        self._run = run

    def map(self, parts: Iterable[Part]) -> Iterator[tuple[Part, Tally]]:
        """Run parts.

        Raises:
            HostError: the scheduler does not answer, or workers keep dying.
        """
        try:
            client = _Client(self._address, timeout="10s", set_as_default=False)
        except (OSError, TimeoutError, ValueError) as e:
            raise HostError(f"no Dask scheduler answers at {self._address}: {e}") from None
        with client:
            futures = {
                client.submit(self._run, *part, pure=False, retries=_TRIES): part for part in parts
            }
            for future in _as_completed(list(futures), loop=client.loop):
                yield futures.pop(future), future.result()
                future.release()
