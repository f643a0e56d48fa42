"""A portal to open in a browser: served in this process, on a clock that stands."""

import asyncio
import threading
from typing import Any, Final, Self

from emulator.http.server import HttpPort
from hosttools.portal import open_portal, sessions, support
from hosttools.portal.draws import SeededDraws
from hosttools.portal.http.app import make_app
from hosttools.portal.http.desk import PortalDesk
from hosttools.portal.passwords import CHEAP
from hosttools.refserver.http.clock import ServerClock
from hosttools.seedfiles import SeedRecord
from tests.page.house import EVENT, SECRET, START_NS

CODES: Final = ("755224", "287082", "359152", "969429", "338314", "254676", "287922")
"""What the fob of dr.adams shows, press by press: RFC 4226, appendix D."""


class PortalHouse:
    """A practice whose dr.adams has a fob in the hand, not added yet."""

    def __init__(self) -> None:
        self.clock = ServerClock(START_NS)
        self.portal = open_portal(clock=self.clock, draws=SeededDraws(3), hashing=CHEAP)
        _, session = sessions.log_in(self.portal, "support", "practice-support")
        seeds = [SeedRecord(serial=EVENT, secret=SECRET)]
        support.enrol(self.portal, session, seeds, "dr.adams", "a test")
        self.desk = PortalDesk(portal=self.portal)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="portal house")
        self._thread.start()
        self._served: HttpPort = self._call(
            HttpPort.serve(make_app(self.desk), self.desk, "127.0.0.1", 0)
        )
        self.url = self._served.url.rstrip("/")

    def close(self) -> None:
        """End it."""
        self._call(self._served.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, work: Any) -> Any:  # noqa: ANN401  # whatever it returns
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
