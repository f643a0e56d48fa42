"""Snapshots over HTTP: taken, listed, put back, deleted; secrets only with a passphrase."""

import asyncio
import os
from pathlib import Path

import httpx
import pytest

from emulator.bench import Bench
from emulator.http import snapshots
from emulator.http.desk import Desk
from emulator.snapshots import SnapshotKey

pytestmark = pytest.mark.anyio

SNAPSHOTS = "/api/v1/snapshots"
TOKEN = "GALH00004226"
PASSPHRASE = "correct horse"


@pytest.fixture(autouse=True)
def folder(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the first snapshot makes; passphrases cost nothing."""
    desk.snapshots = tmp_path / "snapshots"

    def cheap(passphrase: str | None) -> SnapshotKey | None:
        return None if passphrase is None else SnapshotKey.from_passphrase(passphrase, n=2)

    monkeypatch.setattr(snapshots, "_key", cheap)
    return desk.snapshots


def files(folder: Path) -> list[str] | None:
    """Return the files in a folder; ``None``: there is no folder."""
    return [path.name for path in folder.iterdir()] if folder.exists() else None


async def test_taken_and_listed(client: httpx.AsyncClient, bench: Bench) -> None:
    """A snapshot says when it was taken, of what, and what became of the secrets."""
    assert {"snapshots": [], "damaged": []} == (await client.get(SNAPSHOTS)).json()
    answer = await client.post(SNAPSHOTS, json={"name": "before", "note": "in step"})
    info = answer.json()
    assert (201, f"{SNAPSHOTS}/before") == (answer.status_code, answer.headers["location"])
    assert (bench.now_ns(), "in step", "left out") == (
        info["now_ns"],
        info["note"],
        info["secrets"],
    )
    assert list(bench.serials()) == info["tokens"]
    assert [info] == (await client.get(SNAPSHOTS)).json()["snapshots"]
    assert info == (await client.get(f"{SNAPSHOTS}/before")).json()


async def test_restored(client: httpx.AsyncClient, bench: Bench) -> None:
    """A token goes back to where it was, with its secret; the journal says by whom."""
    await client.post(SNAPSHOTS, json={"name": "a", "passphrase": PASSPHRASE})
    bench.press(TOKEN)
    bench.remove(TOKEN)
    body = {"passphrase": PASSPHRASE, "tokens": [TOKEN]}
    told = (await client.post(f"{SNAPSHOTS}/a/restore", json=body)).json()
    assert ([TOKEN], []) == (told["tokens"], told["rekeyed"])
    bench.advance(60 * 10**9)
    assert "755224" == bench.press(TOKEN).result.code
    assert "http 127.0.0.1" in {r.by for r in bench.journal.since(0) if r.serial == TOKEN}


async def test_without_passphrase_it_is_rekeyed(client: httpx.AsyncClient, bench: Bench) -> None:
    """A token whose secret was left out gets a new one, and that is said."""
    await client.post(SNAPSHOTS, json={"name": "a", "tokens": [TOKEN]})
    old = bench.config(TOKEN).key_id
    bench.remove(TOKEN)
    told = (await client.post(f"{SNAPSHOTS}/a/restore", json={})).json()
    assert [TOKEN] == told["rekeyed"]
    assert old != bench.config(TOKEN).key_id


async def test_wrong_passphrase(client: httpx.AsyncClient, bench: Bench) -> None:
    """A wrong passphrase is 403, is not repeated, and nothing changes."""
    await client.post(SNAPSHOTS, json={"name": "a", "passphrase": PASSPHRASE})
    before = bench.journal.visible
    answer = await client.post(f"{SNAPSHOTS}/a/restore", json={"passphrase": "wrong horse"})
    assert (403, before) == (answer.status_code, bench.journal.visible)
    assert "horse" not in answer.text


@pytest.mark.parametrize("passphrase", ["seven77", "", 12345678])
async def test_short_passphrase(
    client: httpx.AsyncClient, folder: Path, passphrase: object
) -> None:
    """A passphrase has 8 characters at least; a shorter one is not repeated."""
    answer = await client.post(SNAPSHOTS, json={"name": "a", "passphrase": passphrase})
    assert (422, None) == (answer.status_code, files(folder))
    assert not passphrase or str(passphrase) not in answer.text


async def test_none_is_overwritten(client: httpx.AsyncClient) -> None:
    """A name that is taken is a conflict."""
    first = await client.post(SNAPSHOTS, json={"name": "a"})
    assert (await client.post(SNAPSHOTS, json={"name": "a", "note": "x"})).status_code == 409
    assert first.json() == (await client.get(f"{SNAPSHOTS}/a")).json()


async def test_deleted(client: httpx.AsyncClient) -> None:
    """What is deleted is gone."""
    await client.post(SNAPSHOTS, json={"name": "a"})
    assert (await client.delete(f"{SNAPSHOTS}/a")).status_code == 204
    for answer in (
        await client.get(f"{SNAPSHOTS}/a"),
        await client.delete(f"{SNAPSHOTS}/a"),
        await client.post(f"{SNAPSHOTS}/a/restore", json={}),
    ):
        assert answer.status_code == 404


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "%2e%2e%2fx", "x" * 81, "a b"])
async def test_names_stay_in_the_folder(client: httpx.AsyncClient, name: str) -> None:
    """A name that leads elsewhere is refused, and finds nothing."""
    assert (await client.post(SNAPSHOTS, json={"name": name})).status_code == 422
    assert (await client.get(f"{SNAPSHOTS}/{name}")).status_code in {404, 405}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "a", "tokens": ["GALH00000001"]}, 404),
        ({"name": "a", "tokens": []}, 422),
        ({"name": "a", "at": 10**6}, 409),
        ({"name": "a", "note": "two\nlines"}, 422),
        ({}, 422),
    ],
)
async def test_what_cannot_be_taken(
    client: httpx.AsyncClient, folder: Path, body: object, status: int
) -> None:
    """What can't be taken is refused, and no file is left."""
    assert status == (await client.post(SNAPSHOTS, json=body)).status_code
    assert files(folder) is None


async def test_token_that_is_not_in_it(client: httpx.AsyncClient) -> None:
    """A token that the snapshot doesn't have is 404."""
    await client.post(SNAPSHOTS, json={"name": "a", "tokens": [TOKEN]})
    body = {"tokens": ["GALT00006238"]}
    assert (await client.post(f"{SNAPSHOTS}/a/restore", json=body)).status_code == 404


async def test_damaged_file(client: httpx.AsyncClient, folder: Path) -> None:
    """A damaged file is listed as such, beside those that are whole."""
    await client.post(SNAPSHOTS, json={"name": "a"})
    (folder / "b.galh-snapshot.json").write_text("{}")
    told = (await client.get(SNAPSHOTS)).json()
    assert (["a"], ["b"]) == (
        [info["name"] for info in told["snapshots"]],
        [info["name"] for info in told["damaged"]],
    )


async def test_the_end_waits_for_none_in_the_queue(client: httpx.AsyncClient, desk: Desk) -> None:
    """Each takes a good part of a second, and there may be many."""
    async with desk.aside:
        waiting = asyncio.create_task(client.get(SNAPSHOTS))
        while not desk.aside._waiters:  # noqa: ASYNC110  # a lock tells nobody who comes
            await asyncio.sleep(0)
        desk.seats.close()
    assert (await waiting).status_code == 503


async def test_bench_that_keeps_none(client: httpx.AsyncClient, desk: Desk) -> None:
    """Without a folder every request is a conflict."""
    desk.snapshots = None
    assert (await client.get(SNAPSHOTS)).status_code == 409
    assert (await client.post(SNAPSHOTS, json={"name": "a"})).status_code == 409
    assert (await client.get(f"{SNAPSHOTS}/a")).status_code == 409


@pytest.fixture
def strangers(folder: Path) -> None:
    """Put what is no snapshot into the folder."""
    folder.mkdir(exist_ok=True)
    (folder / "bad.galh-snapshot.json").write_text("{}")
    os.mkfifo(folder / "pipe.galh-snapshot.json")


@pytest.mark.usefixtures("strangers")
async def test_a_file_that_is_no_snapshot(client: httpx.AsyncClient) -> None:
    """A damaged or foreign file in the folder is the folder's fault, and not the bench's."""
    listed = await client.get("/api/v1/snapshots")
    assert ["bad"] == [entry["name"] for entry in listed.json()["damaged"]]
    for answer in (
        await client.get("/api/v1/snapshots/bad"),
        await client.post("/api/v1/snapshots/bad/restore", json={}),
    ):
        assert (409, "urn:galh:snapshot") == (answer.status_code, answer.json()["type"])
