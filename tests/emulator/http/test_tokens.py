"""Tokens over HTTP: listed, made, told of, taken away."""

import httpx
import pytest

from emulator.bench import Bench
from emulator.errors import StateError
from emulator.http.desk import Desk
from emulator.http.schemas.tokens import NewToken
from emulator.http.tokens import config_of
from firmware_model import GALH, Secret, configure

pytestmark = pytest.mark.anyio

TOKENS = "/api/v1/tokens"
EVENT, TIME = f"{TOKENS}/GALH00004226", f"{TOKENS}/GALT00006238"


async def test_all_that_is_told_of_a_token(client: httpx.AsyncClient, desk: Desk) -> None:
    """A token is told of whole: product, button, display, counter, ports; never its secret."""
    desk.ports = {"GALH00004226": [{"kind": "pty", "address": "/dev/pts/7"}]}
    told = (await client.get(EVENT)).json()
    assert told.pop("display")["lit"] is False
    assert told.pop("sequence") == desk.bench.journal.visible
    assert told == {
        "serial": "GALH00004226",
        "profile": "GALH",
        "type": "event",
        "digits": 6,
        "step_s": None,
        "pressed": False,
        "mode": "asleep",
        "counter": {"next": 0, "step": None, "step_s": None, "token_time_ns": None},
        "server": None,
        "ports": [{"kind": "pty", "address": "/dev/pts/7"}],
        "failure": None,
    }


async def test_time_token_has_a_step(client: httpx.AsyncClient, bench: Bench) -> None:
    """A time token tells the step of its own clock in the place of a counter."""
    told = (await client.get(TIME)).json()
    assert told["step_s"] == 30
    now_ns = bench.now_ns()
    expected = {"next": None, "step": now_ns // 30 // 10**9, "step_s": 30, "token_time_ns": now_ns}
    assert told["counter"] == expected


async def test_unknown_token(client: httpx.AsyncClient) -> None:
    """A token that is not on the bench is 404, with those that are."""
    answer = await client.get(f"{TOKENS}/GALH00000001")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GALH00004226" in answer.json()["detail"]


async def test_pages_in_order(client: httpx.AsyncClient, bench: Bench) -> None:
    """Pages follow each other by serial number until there is no next one."""
    for number in (3, 1, 2):
        bench.open(configure(f"GALH0000000{number}", GALH, Secret(bytes(20))))
    seen, after = [], None
    while True:
        query = {"limit": 2} | ({} if after is None else {"after": after})
        page = (await client.get(TOKENS, params=query)).json()
        assert (page["total"], page["matched"]) == (5, 5)
        seen += [token["serial"] for token in page["tokens"]]
        after = page["next"]
        if after is None:
            break
    assert seen == sorted(bench.serials())


@pytest.mark.parametrize("search", ["galt", "0000 6238", "galt-0000"])
async def test_search(client: httpx.AsyncClient, search: str) -> None:
    """A search finds part of a serial number, as people type it."""
    page = (await client.get(TOKENS, params={"search": search})).json()
    assert (page["total"], page["matched"]) == (2, 1)
    assert [token["serial"] for token in page["tokens"]] == ["GALT00006238"]


async def test_token_that_failed(
    client: httpx.AsyncClient, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token whose memory failed is listed, dark, with the reason."""

    def fail(_serial: str) -> None:
        raise StateError("no room on the disk")

    monkeypatch.setattr(bench, "look", fail)
    page = (await client.get(TOKENS)).json()
    assert [t["failure"] for t in page["tokens"]] == ["no room on the disk"] * 2
    assert [t["mode"] for t in page["tokens"]] == ["failed"] * 2
    assert [t["display"]["lit"] for t in page["tokens"]] == [False] * 2


async def test_token_is_made(client: httpx.AsyncClient, bench: Bench) -> None:
    """The serial number says which product it is; the secret given is its own."""
    wanted = {"serial": "galh 0000-0042", "secret": "aB" * 20, "counter": 7, "digits": 8}
    answer = await client.post(TOKENS, json=wanted)
    assert (201, f"{TOKENS}/GALH00000042") == (answer.status_code, answer.headers["location"])
    assert (7, 8) == (answer.json()["counter"]["next"], answer.json()["digits"])
    assert bench.config("GALH00000042").secret == Secret(b"\xab" * 20)


async def test_other_profile(client: httpx.AsyncClient, bench: Bench) -> None:
    """A profile that is asked for wins over the serial number's."""
    await client.post(TOKENS, json={"serial": "GALH00000042", "profile": "VIP-FOB"})
    assert bench.profile("GALH00000042").name == "VIP-FOB"


def test_secret_is_drawn() -> None:
    """Without a secret the bench draws one of 20 bytes."""
    asked: list[int] = []

    def random(count: int) -> bytes:
        asked.append(count)
        return b"\x07" * count

    config = config_of(NewToken(serial="GALH00000042"), random)
    assert (asked, config.secret) == ([20], Secret(b"\x07" * 20))


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"serial": "GALH00004226"}, 409),
        ({"serial": "GALH1"}, 422),
        ({"serial": ""}, 422),
        ({}, 422),
        ({"serial": "GALH00000042", "profile": "NONE"}, 422),
        ({"serial": "GALH00000042", "digits": 9}, 422),
        ({"serial": "GALH00000042", "counter": -1}, 422),
        ({"serial": "GALT00000042", "counter": 1}, 409),
        ({"serial": "GALH00000042", "colour": "red"}, 422),
    ],
)
async def test_token_that_cannot_be(
    client: httpx.AsyncClient, bench: Bench, wanted: dict[str, object], status: int
) -> None:
    """What can't be made is refused, and nothing is left on the bench."""
    answer = await client.post(TOKENS, json=wanted)
    assert (status, 2) == (answer.status_code, len(bench.serials()))


@pytest.mark.parametrize(
    "secret", ["5ec2e7" * 5, "5ec2e7" * 22, "5ec2e7" * 7 + "5", "5ec2e7xx" * 6]
)
async def test_bad_secret_is_not_told(client: httpx.AsyncClient, secret: str) -> None:
    """A secret that can't be one is refused, and not repeated."""
    answer = await client.post(TOKENS, json={"serial": "GALH00000042", "secret": secret})
    assert answer.status_code == 422
    assert "5ec2e7" not in answer.text


async def test_journal_says_who_made_it(client: httpx.AsyncClient, bench: Bench) -> None:
    """What is done over HTTP is done by its client's address."""
    await client.post(TOKENS, json={"serial": "GALH00000042"})
    made = [r for r in bench.journal.since(0) if r.serial == "GALH00000042"]
    assert {r.by for r in made} == {"http 127.0.0.1"}


async def test_token_is_taken_away(client: httpx.AsyncClient, bench: Bench) -> None:
    """A token that is deleted is gone from the bench."""
    assert (await client.delete(EVENT)).status_code == 204
    assert (await client.get(EVENT)).status_code == 404
    assert tuple(bench.serials()) == ("GALT00006238",)


async def test_forget(
    client: httpx.AsyncClient, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state is kept, unless it is to be forgotten."""
    asked = []
    monkeypatch.setattr(bench, "remove", lambda serial, *, forget: asked.append((serial, forget)))
    await client.delete(EVENT)
    await client.delete(EVENT, params={"forget": "true"})
    assert asked == [("GALH00004226", False), ("GALH00004226", True)]
