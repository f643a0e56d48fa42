"""The journal in pages."""

from typing import Final

import httpx
import pytest

from emulator.http.desk import Desk

pytestmark = pytest.mark.anyio

SERIAL: Final = "GALH00004226"
JOURNAL: Final = "/api/v1/journal"


async def test_pages_follow_each_other(client: httpx.AsyncClient, desk: Desk) -> None:
    """With `next` as the next `after`, every record comes once."""
    desk.bench.press(SERIAL)
    found, cursor = [], 0
    while cursor < desk.bench.journal.visible:
        page = (await client.get(JOURNAL, params={"after": cursor, "limit": 3})).json()
        found += [record["sequence"] for record in page["records"]]
        cursor = page["next"]
    assert [*range(1, desk.bench.journal.visible + 1)] == found


async def test_the_last_page_leads_to_what_comes_next(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    """Its cursor is the newest number, whatever a filter left out."""
    page = (await client.get(JOURNAL, params={"kind": "lit"})).json()
    visible = desk.bench.journal.visible
    assert ([], visible, visible, 1) == (
        page["records"],
        page["next"],
        page["visible"],
        page["oldest"],
    )


async def test_it_can_be_about_some_tokens_and_kinds(client: httpx.AsyncClient, desk: Desk) -> None:
    """Both filters can be repeated."""
    for serial in desk.bench.serials():
        desk.bench.press(serial)
    page = await client.get(JOURNAL, params={"serial": SERIAL, "kind": ["lit", "accepted"]})
    found = [(record["serial"], record["kind"]) for record in page.json()["records"]]
    assert [(SERIAL, "accepted"), (SERIAL, "lit")] == found


async def test_it_says_who_did_it(client: httpx.AsyncClient) -> None:
    """The client stands in the record, the code does not."""
    press = await client.post(
        f"/api/v1/tokens/{SERIAL}/button", json={"action": "press-and-release"}
    )
    told = await client.get(JOURNAL, params={"kind": "edge"})
    assert {record["by"] for record in told.json()["records"]} == {"http 127.0.0.1"}
    assert press.json()["code"] not in (await client.get(JOURNAL)).text


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=-1", "kind=nonsense"])
async def test_what_is_out_of_range_is_refused(client: httpx.AsyncClient, query: str) -> None:
    """With a problem."""
    assert (await client.get(f"{JOURNAL}?{query}")).status_code == 422
