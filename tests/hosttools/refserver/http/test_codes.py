"""Codes over HTTP: judged, and nothing explained that would help somebody who guesses."""

import asyncio
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from hosttools.refserver import Record, Store

pytestmark = pytest.mark.anyio
Code = Callable[[int], str]


async def test_judges_a_code(client: httpx.AsyncClient, event: Record, code: Code) -> None:
    """A good one is accepted once; a refused one is an answer with status 200."""
    answers = [
        await client.post(f"/tokens/{event.serial}/verify", json={"code": code(10)})
        for _ in range(2)
    ]

    assert [200, 200] == [answer.status_code for answer in answers]
    assert {
        "accepted": True,
        "kind": "accepted",
        "message": "The code was accepted.",
    } == answers[0].json()
    assert (False, "replayed") == (answers[1].json()["accepted"], answers[1].json()["kind"])


async def test_explains_nothing(client: httpx.AsyncClient, event: Record, code: Code) -> None:
    """How far off a code was is in the history, and in no answer to it."""
    answer = await client.post(f"/tokens/{event.serial}/verify", json={"code": code(47)})
    history = await client.get(f"/tokens/{event.serial}/history")

    assert {"accepted", "kind", "message"} == set(answer.json())
    assert "37" not in answer.text
    assert "37 presses ahead" in history.json()["events"][-1]["said"]


async def test_forms_take_two_codes(client: httpx.AsyncClient, event: Record, code: Code) -> None:
    """The add form and the resync form, each with what it says."""
    pair = {"code1": code(40), "code2": code(41)}
    added = await client.post(f"/tokens/{event.serial}/sync", json=pair)
    back = await client.post(f"/tokens/{event.serial}/resync", json=pair)

    assert ["already_active", "resynced"] == [added.json()["kind"], back.json()["kind"]]
    assert "Token Status: Active" == back.json()["message"]


async def test_of_two_at_once_one_wins(
    client: httpx.AsyncClient, event: Record, code: Code
) -> None:
    """Ten requests with one code, all under way at once: it is accepted once."""
    requests = (
        client.post(f"/tokens/{event.serial}/verify", json={"code": code(10)}) for _ in range(10)
    )
    answers = await asyncio.gather(*requests)

    assert {"accepted": 1, "replayed": 9} == Counter(a.json()["kind"] for a in answers)


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "\x00", "\uff11\uff12\uff13\uff14\uff15\uff16", "9" * 10_000],
    ids=["empty", "short", "nul", "fullwidth", "long"],
)
async def test_takes_whatever_is_typed(
    client: httpx.AsyncClient, event: Record, typed: str
) -> None:
    """What is no code is refused as one."""
    answer = await client.post(f"/tokens/{event.serial}/verify", json={"code": typed})

    assert (200, "malformed") == (answer.status_code, answer.json()["kind"])


async def test_an_unknown_token_is_404(client: httpx.AsyncClient) -> None:
    """As a problem that names it."""
    answer = await client.post("/tokens/GALH99999999/verify", json={"code": "123456"})

    assert (404, "urn:galh:unknown-token") == (answer.status_code, answer.json()["type"])
    assert "GALH99999999" in answer.json()["detail"]


async def test_keeps_no_code(
    client: httpx.AsyncClient, store: Store, event: Record, code: Code
) -> None:
    """Neither in what it tells of a token nor in its history."""
    for factor in (10, 47, 5_000):
        await client.post(f"/tokens/{event.serial}/verify", json={"code": code(factor)})
    told = [(await client.get(f"/tokens/{event.serial}{path}")).text for path in ("", "/history")]
    told += [str(entry) for entry in store.audit()]

    assert [] == [text for text in told for n in (10, 47, 5_000) if code(n) in text]
