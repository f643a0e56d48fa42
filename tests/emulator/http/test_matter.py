"""Environment and faults over HTTP."""

import httpx
import pytest

from emulator.bench import Bench

pytestmark = pytest.mark.anyio

TOKEN = "GALH00004226"
ENVIRONMENT, FAULTS = f"/api/v1/tokens/{TOKEN}/environment", f"/api/v1/tokens/{TOKEN}/faults"


async def test_new_token(client: httpx.AsyncClient) -> None:
    """A new token is at 25 °C, with a full battery, a right crystal, and whole."""
    assert (await client.get(ENVIRONMENT)).json() == {
        "temperature_c": 25.0,
        "battery": {"present": True, "percent": 100, "millivolts": 3199},
        "crystal_ppm": 0.0,
        "damage": {
            "dead": [],
            "stuck": [],
            "jammed": False,
            "bounce": [],
            "chatter": [],
            "cells": [],
        },
    }


async def test_all_of_it_changes(client: httpx.AsyncClient, bench: Bench) -> None:
    """What is given changes, to the thousandth, and is told as it is then."""
    wanted = {
        "temperature_c": -10.5,
        "battery": {"percent": 20.5},
        "crystal_ppm": 3.8,
        "damage": {"dead": [0, 2], "chatter": [{"after_ns": 1000, "open_ns": 10}]},
    }
    told = (await client.patch(ENVIRONMENT, json=wanted)).json()
    assert (-10.5, 20, 3.8) == (
        told["temperature_c"],
        told["battery"]["percent"],
        told["crystal_ppm"],
    )
    assert wanted["damage"] == {
        "dead": told["damage"]["dead"],
        "chatter": told["damage"]["chatter"],
    }
    assert bench.condition(TOKEN).temperature_mc == -10_500
    assert told == (await client.get(ENVIRONMENT)).json()


async def test_what_is_left_out_stays(client: httpx.AsyncClient, bench: Bench) -> None:
    """Each part changes alone; parts of the damage too."""
    await client.patch(ENVIRONMENT, json={"temperature_c": 40, "damage": {"dead": [1]}})
    await client.patch(ENVIRONMENT, json={"damage": {"stuck": [0, 4]}})
    await client.patch(ENVIRONMENT, json={"crystal_ppm": -7})
    condition = bench.condition(TOKEN)
    assert (40_000, -7_000) == (condition.temperature_mc, condition.crystal.tolerance_ppb)
    assert ((1,), (0, 4)) == (condition.damage.dead, condition.damage.stuck)


async def test_battery(client: httpx.AsyncClient, bench: Bench) -> None:
    """The battery goes out and in; asked for twice, it is as it was after the first time."""
    for _ in range(2):
        told = (await client.patch(ENVIRONMENT, json={"battery": {"present": False}})).json()
        assert {"present": False, "percent": 0, "millivolts": 0} == told["battery"]
    assert bench.look(TOKEN).mode == "off"
    for _ in range(2):
        told = (await client.patch(ENVIRONMENT, json={"battery": {"present": True}})).json()
        assert (True, 100) == (told["battery"]["present"], told["battery"]["percent"])


async def test_used_battery(client: httpx.AsyncClient) -> None:
    """A battery can be put in that is not fresh."""
    await client.patch(ENVIRONMENT, json={"battery": {"present": False}})
    told = (await client.patch(ENVIRONMENT, json={"battery": {"percent": 40}})).json()
    assert (True, 40) == (told["battery"]["present"], told["battery"]["percent"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature_c": 150.1},
        {"temperature_c": "warm"},
        {"crystal_ppm": 100_000.1},
        {"battery": {"percent": 101}},
        {"battery": {"present": False, "percent": 20}},
        {"battery": {"millivolts": 3000}},
        {"damage": {"dead": [128]}},
        {"damage": {"stuck": [1] * 9}},
        {"damage": {"cells": [{"offset": 0, "mask": 1, "value": 0}]}},
        {"damage": {"chatter": [{"after_ns": 9, "open_ns": 9}, {"after_ns": 9, "open_ns": 9}]}},
        {"humidity": 1},
    ],
)
async def test_all_or_nothing(client: httpx.AsyncClient, bench: Bench, wrong: object) -> None:
    """If a part can't be, nothing of the change happens."""
    assert isinstance(wrong, dict)
    before = bench.journal.visible
    answer = await client.patch(ENVIRONMENT, json={"temperature_c": 40, "damage": {}} | wrong)
    assert (422, before) == (answer.status_code, bench.journal.visible)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_fault_is_armed_and_fires(client: httpx.AsyncClient, bench: Bench) -> None:
    """A fault has a name, is listed until it fired, and does what it says."""
    answer = await client.post(FAULTS, json={"fault": "{press = 1, tear = {byte = 13}}"})
    name = answer.json()["name"]
    armed = (await client.get(FAULTS)).json()["faults"]
    assert (201, armed) == (answer.status_code, answer.json()["faults"])
    assert [name in line for line in armed] == [True]
    assert bench.press(TOKEN).result.refused is not None
    assert [] == (await client.get(FAULTS)).json()["faults"]


async def test_faults_are_cleared(client: httpx.AsyncClient, bench: Bench) -> None:
    """Clearing disarms all faults and mends all damage."""
    await client.post(FAULTS, json={"fault": "{press = 9, tear = {byte = 13}}"})
    await client.patch(ENVIRONMENT, json={"damage": {"jammed": True}})
    assert (await client.delete(FAULTS)).status_code == 204
    assert [] == (await client.get(FAULTS)).json()["faults"]
    assert not bench.condition(TOKEN).damage.jammed


@pytest.mark.parametrize("fault", ["", "nonsense", "{press = 1}", "{", "x" * 2001])
async def test_fault_that_cannot_be(client: httpx.AsyncClient, fault: str) -> None:
    """What is no fault is 422 with what there is."""
    answer = await client.post(FAULTS, json={"fault": fault})
    assert answer.status_code == 422
    assert [] == (await client.get(FAULTS)).json()["faults"]


async def test_bench_without_faults(client: httpx.AsyncClient, bench: Bench) -> None:
    """Where nothing arms faults, that is a conflict: 409."""
    bench.faults = None
    assert (await client.get(FAULTS)).status_code == 409
    assert (await client.post(FAULTS, json={"fault": "tear 13"})).status_code == 409
