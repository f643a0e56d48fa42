"""The server's side over HTTP: recipes, what a server believes, submissions."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from emulator.annotations import ServerSeen, Submitted
from emulator.bench import Bench
from emulator.http.desk import Desk, RecipeInfo
from emulator.serverview import ServerView
from firmware_model.profile import TokenType

pytestmark = pytest.mark.anyio

TOKEN = "GALH00004226"
EVENT, TIME = f"/api/v1/tokens/{TOKEN}", "/api/v1/tokens/GALT00006238"
POCKET = RecipeInfo("pocket", "Pressed in a pocket", "presses", 37, 1, 20_000)
SLOW = RecipeInfo("slow", "A slow clock", "steps", None, 1, 100)


class Book:
    """A recipe for each type of token."""

    def __init__(self) -> None:
        self.played: list[tuple[str, str, float | None]] = []

    def names(self, token_type: TokenType) -> Sequence[RecipeInfo]:
        """Return the one of a type."""
        return [POCKET if token_type is TokenType.EVENT else SLOW]

    async def play(self, serial: str, name: str, by: float | None) -> Mapping[str, Any]:
        """Note what was played."""
        self.played.append((serial, name, by))
        return {
            "recipe": name,
            "serial": serial,
            "history": ["pressed"],
            "token": 37,
            "server": 0,
            "distance": 37,
            "more": True,
        }


class Server:
    """A server that knows one token, and tells the bench what it was sent."""

    name = "staging"

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def enrol(self, serial: str) -> None:
        """Know every token anyway."""

    def enrolled(self, serial: str) -> bool:
        """It knows one."""
        return serial == TOKEN

    def submit(self, serial: str, verb: str, codes: Sequence[str]) -> Mapping[str, Any]:
        """Take the code of counter 0."""
        good = codes == ["755224"]
        event = Submitted(self._bench.now_ns(), self.name, verb, good, "", 0)
        self._bench.annotate(serial, event)
        return {"accepted": good, "kind": "accepted" if good else "wrong", "message": "so"}

    def unlock(self, serial: str) -> None:
        """Nothing is locked."""


async def test_recipes_by_type(client: httpx.AsyncClient, desk: Desk) -> None:
    """All recipes are listed, or those of one type of token."""
    desk.recipes = Book()
    found = (await client.get("/api/v1/recipes")).json()["recipes"]
    assert [POCKET._asdict(), SLOW._asdict()] == found
    timed = await client.get("/api/v1/recipes", params={"type": "time"})
    assert [SLOW._asdict()] == timed.json()["recipes"]
    assert (await client.get("/api/v1/recipes", params={"type": "x"})).status_code == 422


async def test_bench_without_recipes(client: httpx.AsyncClient) -> None:
    """Where there are none, the list is empty and each is unknown."""
    assert [] == (await client.get("/api/v1/recipes")).json()["recipes"]
    assert (await client.post(f"{EVENT}/recipes/pocket", json={})).status_code == 404


async def test_recipe_is_played(client: httpx.AsyncClient, desk: Desk) -> None:
    """A recipe is played with its number, and all that it tells is passed on."""
    desk.recipes = book = Book()
    told = (await client.post(f"{EVENT}/recipes/pocket", json={"by": 12})).json()
    assert [(TOKEN, "pocket", 12)] == book.played
    assert (["pressed"], 37, True) == (told["history"], told["distance"], told["more"])
    assert (await client.post(f"{EVENT}/recipes/slow", json={})).status_code == 404


async def test_server_view(client: httpx.AsyncClient, bench: Bench) -> None:
    """What a server believes is told, kept, and in the journal."""
    assert (await client.get(f"{EVENT}/server")).status_code == 404
    wanted = {"name": "staging", "next_counter": 3, "look_ahead": 10, "resync_window": 100}
    told = (await client.put(f"{EVENT}/server", json=wanted)).json()
    assert wanted | {"step_offset": None, "locked": False} == told
    assert told == (await client.get(f"{EVENT}/server")).json()
    assert told == (await client.get(EVENT)).json()["server"]
    view = ServerView(name="staging", next_counter=3, look_ahead=10, resync_window=100)
    assert view == bench.server_view(TOKEN)
    assert [view] == [r.event.view for r in bench.journal.since(0) if type(r.event) is ServerSeen]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (EVENT, {"name": "s", "step_offset": 1}, 409),
        (TIME, {"name": "s", "next_counter": 1}, 409),
        (TIME, {"name": "s", "step_offset": -2}, 200),
        (EVENT, {"name": "s"}, 422),
        (EVENT, {"name": "s", "next_counter": 1, "step_offset": 1}, 422),
        (EVENT, {"name": "", "next_counter": 1}, 422),
        (EVENT, {"name": "s", "next_counter": -1}, 422),
        (EVENT, {"name": "s", "next_counter": 1, "look_ahead": -1}, 422),
        (EVENT, {"name": "s", "next_counter": 1, "secret": "x"}, 422),
    ],
)
async def test_server_view_fits_the_token(
    client: httpx.AsyncClient, path: str, body: object, status: int
) -> None:
    """Counters are for event tokens, offsets for time tokens."""
    assert status == (await client.put(f"{path}/server", json=body)).status_code


async def test_submission(client: httpx.AsyncClient, desk: Desk, bench: Bench) -> None:
    """Codes go to the attached server; its verdict is the answer, and in the journal by whom."""
    desk.server = Server(bench)
    path = f"{EVENT}/submissions"
    good = await client.post(path, json={"verb": "verify", "codes": ["755224"]})
    bad = await client.post(path, json={"verb": "verify", "codes": ["000000"]})
    assert (200, True, "accepted") == (good.status_code, *list(good.json().values())[:2])
    assert (200, False, "wrong") == (bad.status_code, *list(bad.json().values())[:2])
    told = [r for r in bench.journal.since(0) if isinstance(r.event, Submitted)]
    assert ["http 127.0.0.1"] * 2 == [r.by for r in told]


async def test_submission_that_reaches_nobody(
    client: httpx.AsyncClient, desk: Desk, bench: Bench
) -> None:
    """Without a server, or with one that doesn't know the token, it is a conflict."""
    body = {"verb": "verify", "codes": ["755224"]}
    assert (await client.post(f"{EVENT}/submissions", json=body)).status_code == 409
    desk.server = Server(bench)
    assert (await client.post(f"{TIME}/submissions", json=body)).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"verb": "unlock", "codes": ["755224"]},
        {"verb": "verify", "codes": []},
        {"verb": "verify", "codes": ["75522x"]},
        {"verb": "verify", "codes": "755224"},
    ],
)
async def test_no_submission(
    client: httpx.AsyncClient, desk: Desk, bench: Bench, body: object
) -> None:
    """What is no submission is 422, and no code is repeated."""
    desk.server = Server(bench)
    answer = await client.post(f"{EVENT}/submissions", json=body)
    assert answer.status_code == 422
    assert "7552" not in answer.text


async def test_report(client: httpx.AsyncClient, bench: Bench) -> None:
    """Another server's verdict goes into the journal, without the digits of codes."""
    body = {
        "server": "other",
        "verb": "login",
        "accepted": False,
        "reason": "755224 is outside the window of 10",
        "factor": 0,
    }
    answer = await client.post(f"{EVENT}/submissions/report", json=body)
    assert (201, bench.journal.visible) == (answer.status_code, answer.json()["sequence"])
    (event,) = (r.event for r in bench.journal.since(0) if isinstance(r.event, Submitted))
    assert event.reason == "****** is outside the window of 10"
    assert ("other", "login", False, 0) == (
        event.server,
        event.verb,
        event.accepted,
        event.factor,
    )
