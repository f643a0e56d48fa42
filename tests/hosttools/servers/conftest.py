"""The adapters that the contract holds for. A new one is one line more in ``ADAPTERS``."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pytest

from hosttools.servers import Server
from hosttools.servers.reference import ReferenceServer

MakeServer = Callable[[pytest.FixtureRequest], Server]
"""Makes a server that knows no token, or those of ``fob.py`` if it can't enrol any.

It may skip the test if what it needs is missing (in CI: fail it), and ask the request for
fixtures, which clean up after it. The server itself is closed by the contract.
"""

ADAPTERS: Final[Mapping[str, MakeServer]] = {
    "reference": lambda _: ReferenceServer(),
}


@pytest.fixture(params=ADAPTERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a server of each kind."""
    with ADAPTERS[request.param](request) as made:
        yield made
