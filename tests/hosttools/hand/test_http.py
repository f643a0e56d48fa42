"""What of a token over HTTP the contract of all hands doesn't say."""

from fractions import Fraction

import httpx
import pytest

from emulator.clock import VirtualClock
from hosttools.benchclient import BenchClient
from hosttools.errors import HostError
from hosttools.hand import HttpHand
from tests.hosttools.conftest import START_NS, Serve

SERIAL = "GALH12345678"


class Patience(httpx.HTTPTransport):
    """A network that notes how long each request may take."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: dict[str, float] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request."""
        self.seconds[request.url.path] = request.extensions["timeout"]["read"]
        return super().handle_request(request)


def test_slow_clock_is_waited_for(serve: Serve) -> None:
    """A second of the bench takes a hundred of ours: an answer has as long."""
    url = serve(SERIAL, clock=VirtualClock(START_NS, Fraction(1, 100))).url
    network = Patience()
    hand = HttpHand(BenchClient(url, transport=network, timeout_s=5))
    hand.wait_dark(timeout_s=3)

    assert 5 + 300 == network.seconds["/api/v1/wait"]
    hand.close()


def test_request_after_the_end(serve: Serve) -> None:
    """A client that was closed says so."""
    client = BenchClient(serve(SERIAL).url)
    client.close()

    with pytest.raises(HostError, match="was closed; open a new one"):
        HttpHand(client, SERIAL)
