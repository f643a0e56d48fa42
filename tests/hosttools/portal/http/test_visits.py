"""Who asks, and whether our own page asked for it."""

from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from tests.hosttools.portal.http.conftest import ApiOf
from tests.hosttools.portal.http.surfing import BASE, Surfer

pytestmark = pytest.mark.anyio

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("data", [{"x": "1"}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "ü"}])
async def test_a_form_without_proof_changes_nothing(surfer: Surfer, data: dict[str, str]) -> None:
    """Whatever is sent in the place of it."""
    await surfer.log_in("dr.adams")
    body = urlencode(data)
    answer = await surfer.client.post("/logout", content=body, headers={"content-type": FORM})
    assert (403, True) == (answer.status_code, "This form is out of date" in answer.text)
    assert "/patients" == (await surfer.open("/")).path


async def test_the_proof_of_another_session_is_none(surfer: Surfer) -> None:
    """A form that was opened before somebody else logged in is not theirs."""
    page = await surfer.log_in("dr.adams")
    await surfer.send(page, "/logout")
    await surfer.log_in("clark")
    assert 403 == (await surfer.send(page, "/logout")).status


async def test_logging_in_needs_proof_too(surfer: Surfer) -> None:
    """Else another page could log somebody in as somebody else."""
    answer = await surfer.client.post(
        "/login", data={"name": "dr.adams", "password": "practice-doctor"}
    )
    assert 403 == answer.status_code
    assert "/login" == (await surfer.open("/")).path


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        (FORM, b"\xff", 422),
        (FORM, b"a=%ff", 422),
        (FORM, b"&".join(b"a=1" for _ in range(101)), 422),
        (FORM, b"a=" + b"1" * 10_001, 422),
    ],
)
async def test_what_is_no_form_is_refused(
    surfer: Surfer, kind: str, body: bytes, status: int
) -> None:
    """As a page, and without a word of it."""
    await surfer.log_in("dr.adams")
    answer = await surfer.client.post("/logout", content=body, headers={"content-type": kind})
    assert (status, True) == (answer.status_code, "Practice and test server." in answer.text)


async def test_a_page_of_another_origin_may_not_send_a_form(surfer: Surfer) -> None:
    """As anywhere behind the bench's guard."""
    await surfer.log_in("dr.adams")
    answer = await surfer.client.post(
        "/logout", data={"csrf": "x"}, headers={"origin": "http://evil.example"}
    )
    assert 403 == answer.status_code


async def test_a_cookie_alone_changes_nothing_over_the_api(surfer: Surfer) -> None:
    """With the header that our page knows it does; to read, it is enough."""
    page = await surfer.log_in("dr.adams")
    assert 200 == (await surfer.client.get("/api/v1/session")).status_code
    refused = await surfer.client.delete("/api/v1/session")
    assert 403 == refused.status_code
    assert "application/problem+json" == refused.headers["content-type"]
    csrf = page.form("/logout").fields["csrf"]
    done = await surfer.client.delete("/api/v1/session", headers={"X-CSRF-Token": csrf})
    assert 204 == done.status_code


async def test_a_program_needs_no_proof(api_of: ApiOf) -> None:
    """Its bearer token is one; once it is logged out it is none."""
    client = await api_of("dr.adams")
    assert 204 == (await client.delete("/session")).status_code
    answer = await client.get("/session")
    assert (401, "Bearer") == (answer.status_code, answer.headers["www-authenticate"])
    assert "not_logged_in" == answer.json()["code"]


async def test_a_wrong_bearer_token_is_not_made_good_by_a_cookie(surfer: Surfer) -> None:
    """Who shows one is asked for nothing else."""
    await surfer.log_in("dr.adams")
    answer = await surfer.client.get("/api/v1/session", headers={"authorization": "Bearer x"})
    assert 401 == answer.status_code


async def test_nobody_is_led_anywhere_by_the_api(surfer: Surfer) -> None:
    """Who is not logged in gets a problem, no page."""
    async with httpx.AsyncClient(transport=surfer.client._transport, base_url=BASE) as client:
        answer = await client.get("/api/v1/devices")
    assert (401, "not_logged_in") == (answer.status_code, answer.json()["code"])


async def test_every_route_but_three_needs_a_session(app: FastAPI, surfer: Surfer) -> None:
    """To log in, to tell the time, and to tell that it lives."""
    open_to_all = {("/api/v1/session", "post"), ("/api/v1/clock", "get"), ("/healthz", "get")}
    paths = app.openapi()["paths"]
    found = {(path, method) for path, methods in paths.items() for method in methods}
    for path, method in sorted(found - open_to_all):
        answer = await surfer.client.request(method, path.replace("{", "").replace("}", ""))
        assert answer.status_code in {401, 422}, (path, method)
        if answer.status_code == 422:  # looked at before anybody is asked who it is
            assert "code" not in answer.json()
