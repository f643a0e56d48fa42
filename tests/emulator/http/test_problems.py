"""Errors as problem details."""

import errno
from typing import Final

import httpx
import pytest
from fastapi import FastAPI

from emulator import errors
from emulator.http import problems

pytestmark = pytest.mark.anyio

PRESS: Final = "/api/v1/tokens/GALH00004226/button"


def full_disk() -> errors.StateError:
    """Return the error of a full disk."""
    error = errors.StateError("it can't be written")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    return error


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.UsageError("what"), 422, "usage"),
        (errors.ClockError("real"), 409, "clock"),
        (errors.ConflictError("other"), 409, "conflict"),
        (errors.KeyReusedError("other body"), 422, "key-reused"),
        (errors.KeyBusyError("under way"), 409, "key-busy"),
        (errors.BusyError("held"), 409, "busy"),
        (errors.StateError("damaged"), 500, "state"),
        (errors.PortError("taken"), 500, "port"),
        (full_disk(), 507, "state"),
    ],
)
async def test_every_error_has_its_status(
    app: FastAPI,
    client: httpx.AsyncClient,
    error: errors.EmulatorError,
    status: int,
    kind: str,
) -> None:
    """And its words, and a type that a client can tell it by."""

    async def fail() -> None:
        raise error

    app.add_api_route("/fail", fail)
    answer = await client.get("/fail")
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    told = answer.json()
    assert (status, status) == (answer.status_code, told["status"])
    assert (f"urn:galh:{kind}", str(error), "/fail") == (
        told["type"],
        told["detail"],
        told["instance"],
    )


async def test_our_own_failure_tells_nothing_of_itself(
    app: FastAPI, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has it; and the next request is answered."""

    async def fail() -> None:
        raise RuntimeError("seed 3132333435")

    app.add_api_route("/fail", fail)
    answer = await client.get("/fail")
    assert (500, False) == (answer.status_code, "3132" in answer.text)
    assert "GET /fail failed" in caplog.text
    assert (await client.get("/healthz")).status_code == 200


async def test_a_wrong_request_is_told_field_by_field(client: httpx.AsyncClient) -> None:
    """Where, and what is allowed."""
    answer = await client.post(PRESS, json={"action": "press-and-release", "times": 0})
    assert answer.status_code == 422
    [field] = answer.json()["errors"]
    assert "times" in field["loc"]
    assert "greater than or equal to 1" in field["msg"]


async def test_what_was_sent_is_not_sent_back(client: httpx.AsyncClient) -> None:
    """It may be a secret."""
    secret = "3132333435363738393031323334353637383930zz"
    answer = await client.post(
        "/api/v1/tokens", json={"serial": "GALH00000042", "secret": secret, "counter": "x"}
    )
    assert answer.status_code == 422
    assert secret[:8] not in answer.text


async def test_what_is_no_json_is_a_bad_request(client: httpx.AsyncClient) -> None:
    """400, as the content can't even be read."""
    answer = await client.post(PRESS, content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/x-www-form-urlencoded"}])
@pytest.mark.parametrize("path", ["tokens/GALH00004226/button", "clock/advance", "wait"])
async def test_a_body_that_does_not_say_what_it_is_is_told_how(
    client: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    """As from a curl that was told nothing: what helps is the header."""
    answer = await client.post(f"/api/v1/{path}", content=b'{"seconds": 1}', headers=headers)
    assert answer.status_code == 415
    assert "add Content-Type: application/json" in answer.json()["detail"]


async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient) -> None:
    """In Allow."""
    answer = await client.delete("/api/v1/clock")
    assert (405, {"GET", "PUT"}) == (
        answer.status_code,
        {method.strip() for method in answer.headers["allow"].split(",")},
    )


async def test_a_token_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    """404, and the message names some that are."""
    answer = await client.get("/api/v1/tokens/GALH99999999")
    assert (404, "urn:galh:unknown-token") == (answer.status_code, answer.json()["type"])
    assert "GALH00004226" in answer.json()["detail"]
