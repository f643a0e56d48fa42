"""Tokens over HTTP: taken in with their secret, told of without."""

from collections.abc import Callable

import httpx
import pytest

from hosttools.refserver import Record, Status, Store
from tests.hosttools.refserver.http.conftest import START_NS

pytestmark = pytest.mark.anyio
SECRET = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
NEW = {"serial": "galh00000099", "type": "event", "secret": SECRET}


async def test_takes_a_token_in(client: httpx.AsyncClient, store: Store) -> None:
    """With what a seed file tells of it; it waits for its holder."""
    asked = {
        **NEW,
        "digits": 8,
        "counter": 7,
        "holder": "alice",
        "expires_ns": 2**61,
        "actor": "ci",
    }
    answer = await client.post("/tokens", json=asked)
    told, record = answer.json(), store.get("GALH00000099")

    assert (201, "/api/v1/tokens/GALH00000099") == (answer.status_code, answer.headers["Location"])
    assert ("assigned", 8, "alice", 2**61, 7) == (
        told["status"], told["digits"], told["holder"], told["expires_ns"],
        told["view"]["next_counter"],
    )  # fmt: skip
    assert (bytes.fromhex(SECRET), 7) == (record.secret.reveal(), record.next_factor)
    assert "ci" == store.audit("GALH00000099")[0].actor


async def test_a_secret_goes_in_and_never_out(client: httpx.AsyncClient) -> None:
    """No answer has it, whether it was taken or refused."""
    answers = [
        await client.post("/tokens", json=NEW),
        await client.post("/tokens", json=NEW),
        await client.post("/tokens", json={**NEW, "secret": SECRET + "x"}),
        await client.post("/tokens", json={**NEW, "digits": 5}),
        await client.get("/tokens"),
        await client.get("/tokens/GALH00000099"),
        await client.get("/tokens/GALH00000099/history"),
    ]

    assert [201, 409, 422, 422, 200, 200, 200] == [answer.status_code for answer in answers]
    assert [] == [answer.text for answer in answers if SECRET in answer.text]


async def test_imports_all_or_none(client: httpx.AsyncClient, store: Store, event: Record) -> None:
    """One that is there already keeps out those before it."""
    other = {**NEW, "serial": "GALH00000098"}
    taken = await client.post("/import", json={"tokens": [NEW, other]})
    fresh = {**NEW, "serial": "GALH00000097"}
    refused = await client.post(
        "/import", json={"tokens": [fresh, {**NEW, "serial": event.serial}]}
    )

    assert (201, ["GALH00000099", "GALH00000098"]) == (taken.status_code, taken.json()["serials"])
    assert (409, 4) == (refused.status_code, len(store.list()))


async def test_lists_page_by_page(client: httpx.AsyncClient, event: Record, timed: Record) -> None:
    """By serial number; the cursor leads to the rest."""
    first = (await client.get("/tokens", params={"limit": 1})).json()
    second = (await client.get("/tokens", params={"after": first["next"]})).json()

    assert [event.serial] == [token["serial"] for token in first["tokens"]]
    assert [timed.serial] == [token["serial"] for token in second["tokens"]]
    assert (event.serial, None) == (first["next"], second["next"])


async def test_forgets_a_token(client: httpx.AsyncClient, event: Record) -> None:
    """Its past is still told."""
    gone = await client.delete(f"/tokens/{event.serial}")
    again = await client.delete(f"/tokens/{event.serial}")
    past = (await client.get(f"/tokens/{event.serial}/history")).json()

    assert [204, 404] == [gone.status_code, again.status_code]
    assert (None, ["enrol"]) == (past["status"], [event["act"] for event in past["events"]])


async def test_leads_a_token_through_its_life(client: httpx.AsyncClient) -> None:
    """From order to its replacement; each act says what became of it."""
    await client.post("/tokens", json={**NEW, "ordered": True})
    path = "/tokens/GALH00000099"
    said = [
        (await client.post(f"{path}/{act}", json={"actor": "help desk", **body})).json()["said"]
        for act, body in (
            ("ship", {}),
            ("assign", {"holder": "alice"}),
            ("unlock", {}),
            ("replace", {"by": "GALH00000042"}),
        )
    ]
    past = (await client.get(f"{path}/history")).json()

    assert [
        "shipped",
        "assigned to alice",
        "unlocked by an operator, assigned",
        "replaced by GALH00000042",
    ] == said
    assert ("replaced", "alice", "GALH00000042") == (
        past["status"], past["holder"], past["replaced_by"],
    )  # fmt: skip
    assert [(None, "ordered"), ("ordered", "shipped"), ("shipped", "assigned")] == [
        (event["from"], event["to"]) for event in past["events"][:3]
    ]


@pytest.mark.parametrize(("act", "status"), [("revoke", "revoked"), ("expire", "expired")])
async def test_takes_a_token_out_of_use(
    client: httpx.AsyncClient, event: Record, act: str, status: str
) -> None:
    """For good: what would bring it back is 409, with the reason."""
    done = await client.post(f"/tokens/{event.serial}/{act}", json={})
    refused = await client.post(f"/tokens/{event.serial}/unlock", json={})

    assert (200, status) == (done.status_code, done.json()["status"])
    assert (409, "urn:galh:conflict") == (refused.status_code, refused.json()["type"])
    assert status in refused.json()["detail"]


async def test_what_a_status_does_not_allow_is_409(
    client: httpx.AsyncClient, store: Store, event: Record
) -> None:
    """With what it does allow; nothing changes."""
    answer = await client.post(f"/tokens/{event.serial}/ship", json={})

    assert 409 == answer.status_code
    assert (
        "no ship of a token that is active; possible: unlock, reset, revoke, replace, expire"
        in (answer.json()["detail"])
    )
    assert Status.ACTIVE is store.get(event.serial).status


async def test_resets_what_is_out_of_reach(
    client: httpx.AsyncClient, store: Store, event: Record, code: Callable[[int], str]
) -> None:
    """By two codes; others are 409 with the distance, and no code is in either answer."""
    typed = {"code1": code(5000), "code2": code(5001)}
    far = {"code1": code(20_000), "code2": code(20_001)}
    refused = await client.post(f"/tokens/{event.serial}/reset", json=far)
    done = await client.post(f"/tokens/{event.serial}/reset", json={**typed, "actor": "desk"})

    assert (409, 200) == (refused.status_code, done.status_code)
    assert "outside of the re-activation window: not found" in refused.json()["detail"]
    assert "4990 presses ahead" in done.json()["said"]
    assert (5002, "desk") == (
        store.get(event.serial).next_factor,
        store.audit(event.serial)[-1].actor,
    )
    said = done.text + refused.text
    assert [] == [digits for digits in (*typed.values(), *far.values()) if digits in said]


@pytest.mark.parametrize("by", ["GALH00000042", "GALH99999999"])
async def test_replaces_by_no_token_that_is_none(
    client: httpx.AsyncClient, store: Store, event: Record, by: str
) -> None:
    """Itself, or one that is not there."""
    answer = await client.post(f"/tokens/{event.serial}/replace", json={"by": by})

    assert answer.status_code in {404, 409}
    assert by in answer.json()["detail"]
    assert Status.ACTIVE is store.get(event.serial).status


async def test_tells_when_a_token_expired(client: httpx.AsyncClient) -> None:
    """A server whose clock is past its last day says so by itself."""
    await client.post("/tokens", json={**NEW, "expires_ns": START_NS})
    await client.put("/clock", json={"now_ns": START_NS + 1})
    looked_at = await client.get("/tokens/GALH00000099")
    answer = await client.post(
        "/tokens/GALH00000099/sync", json={"code1": "123456", "code2": "654321"}
    )

    assert ("expired", True) == (looked_at.json()["status"], looked_at.json()["view"]["locked"])
    assert "expired" == answer.json()["kind"]
    assert "expired" == (await client.get("/tokens/GALH00000099")).json()["status"]
