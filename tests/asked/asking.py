"""A bench as its users meet it: ``galh serve --http`` in a process of its own, and a client."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from hosttools.seedfiles import read_seeds, sample
from hosttools.testing import BACKSTOP_S, Serving

START: Final = "2026-01-05T08:00:00Z"
MANUAL: Final = ("--clock", f"manual:{START}")
START_NS: Final = int(datetime(2026, 1, 5, 8, tzinfo=UTC).timestamp()) * 1_000_000_000
SECOND: Final = 1_000_000_000
RFC: Final = "GALH00004226"
RFC_CODES: Final = ("755224", "287082", "359152", "969429", "338314")
"""RFC 4226 appendix D."""

EVENT, OTHER, TIMED = "GALH12345678", "GALH00000042", "GALT00000042"
"""Tokens of ward.csv; steps of the last one are 30 s."""

SECRETS: Final = {r.serial: r.secret for r in read_seeds(sample("ward.csv"))}


def expected_code(serial: str, factor: int) -> str:
    """Return a code of ward.csv's tokens as the ``cryptography`` package works it out."""
    secret = SECRETS[serial].reveal()
    oracle = HOTP(secret, 6, SHA1(), enforce_key_length=False)  # noqa: S303  # RFC 4226
    return oracle.generate(factor).decode()


class Asked:
    """A served bench, and somebody who asks it over HTTP.

    Args:
        options: of ``galh serve``, besides ``--http``.

    Attributes:
        serving: the process.
        url: where its API is.
    """

    def __init__(self, *options: str | Path) -> None:
        self.serving = Serving("--http", "127.0.0.1:0", *options)
        self.url = f"{self.serving.ready['http']}/api/v1"
        self.client = httpx.Client(base_url=self.url, timeout=BACKSTOP_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.serving.__exit__()

    def get(self, path: str, **params: object) -> Any:  # noqa: ANN401  # JSON
        """Return what an address answers."""
        chosen = {name: str(value) for name, value in params.items()}
        return self._json(self.client.get(path, params=chosen))

    def send(self, method: str, path: str, **body: object) -> Any:  # noqa: ANN401  # JSON
        """Send a body and return the answer."""
        return self._json(self.client.request(method, path, json=body))

    def refused(self, method: str, path: str, **body: object) -> int:
        """Send what is refused, and return the status."""
        response = self.client.request(method, path, json=body)
        assert response.is_client_error, response.text
        return response.status_code

    def press(self, serial: str) -> Any:  # noqa: ANN401  # JSON
        """Press and let go."""
        return self.send("POST", f"/tokens/{serial}/button", action="press-and-release")

    def fresh_code(self, serial: str) -> str:
        """Wait until the token is dark, and press."""
        self.wait(serial, "dark", timeout_s=120)
        code = self.press(serial)["code"]
        assert isinstance(code, str)
        return code

    def wait(self, serial: str, until: str, **more: object) -> Any:  # noqa: ANN401  # JSON
        """Wait for something."""
        return self.send("POST", "/wait", serial=serial, until=until, **more)

    def next_counter(self, serial: str) -> int:
        """Return the counter of the next press."""
        number = self.get(f"/tokens/{serial}/counter")["next"]
        assert isinstance(number, int)
        return number

    def now_ns(self) -> int:
        """Return bench time."""
        now_ns = self.get("/clock")["now_ns"]
        assert isinstance(now_ns, int)
        return now_ns

    def submit(self, serial: str, verb: str, *codes: str) -> str:
        """Hand codes to the attached server, and return its verdict in a word."""
        answer = self.send("POST", f"/tokens/{serial}/submissions", verb=verb, codes=codes)
        assert isinstance(answer["kind"], str)
        done = answer["kind"] in {"accepted", "active", "resynced"}
        assert done == answer["accepted"]
        return answer["kind"]

    def records(self, after: int = 0, **chosen: object) -> list[dict[str, Any]]:
        """Return the journal's records after a number."""
        found = self.get("/journal", after=after, limit=1000, **chosen)["records"]
        assert isinstance(found, list)
        return found

    @staticmethod
    def _json(response: httpx.Response) -> Any:  # noqa: ANN401  # JSON
        if not response.is_success:
            pytest.fail(f"{response.request.url}: {response.status_code} {response.text}")
        return response.json() if response.content else None


def told(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yield the records of a stream of server-sent events."""
    kind = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data" and kind == "record":
            yield json.loads(value)
