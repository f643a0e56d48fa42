"""Log in, log out, and what every page has."""

from collections.abc import Callable

import httpx
import pytest

from hosttools.portal import Portal
from hosttools.portal.sessions import IDLE_S
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.http.surfing import Surfer

pytestmark = pytest.mark.anyio

ClientOf = Callable[[], httpx.AsyncClient]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("dr.adams", "/patients"),
        ("clark", "/patients"),
        ("davis", "/admin"),
        ("support", "/support"),
    ],
)
async def test_each_role_begins_where_its_work_is(surfer: Surfer, name: str, path: str) -> None:
    """Doctor and staff with patients, the administrator with Admin, support with tokens."""
    page = await surfer.log_in(name)
    assert (200, path) == (page.status, page.path)


@pytest.mark.parametrize("name", ["dr.adams", "nobody", "'; --", ""])
async def test_what_is_wrong_with_a_login_is_told_to_nobody(surfer: Surfer, name: str) -> None:
    """A wrong password and an unknown name read the same, and neither is shown again."""
    page = await surfer.open("/login")
    page = await surfer.send(page, name=name, password="hunter2hunter2")
    assert (401, True) == (page.status, "Name or password is not right." in page.text)
    assert "hunter2" not in page.html


async def test_the_cookie_is_for_this_server_alone(surfer: Surfer) -> None:
    """No script reads it, no other site sends it, and it ends with the browser."""
    page = await surfer.open("/login")
    answer = await surfer.client.post(
        "/login",
        data={**page.form().fields, "name": "dr.adams", "password": "practice-doctor"},
        follow_redirects=False,
    )
    [cookie] = answer.headers.get_list("set-cookie")
    assert "galh-portal-session-0=" in cookie
    assert {"HttpOnly", "SameSite=strict", "Path=/"} == set(cookie.split("; ")[1:])


async def test_over_tls_the_cookie_goes_nowhere_else(client_of: ClientOf) -> None:
    """It is Secure, and bound to the host by its name."""
    client = client_of()
    client.base_url = "https://localhost"
    answer = await client.get("/login")
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-galh-portal-guest-")
    assert "Secure" in cookie.split("; ")


async def test_who_logged_out_has_to_log_in_again(surfer: Surfer) -> None:
    """Also with the cookie of before."""
    page = await surfer.log_in("dr.adams")
    before = dict(surfer.client.cookies)
    page = await surfer.send(page, "/logout")
    assert "/login" == page.path
    surfer.client.cookies.update(before)
    page = await surfer.open("/patients")
    assert (401, True) == (page.status, "Your session has ended" in page.text)


async def test_who_was_idle_is_told(surfer: Surfer, clock: ServerClock) -> None:
    """And the next page is the log-in's, without another word about it."""
    await surfer.log_in("dr.adams")
    clock.set(clock.now_ns() + IDLE_S * 10**9)
    page = await surfer.open("/patients")
    assert (401, True) == (page.status, "Your session has ended" in page.text)
    page = await surfer.open("/patients")
    assert (200, "/login") == (page.status, page.path)


async def test_what_an_idle_doctor_sends_is_not_done(surfer: Surfer, clock: ServerClock) -> None:
    """The form is answered by the page that says so."""
    page = await surfer.log_in("dr.adams")
    page = await surfer.open("/patients/mara-ivers/compose")
    clock.set(clock.now_ns() + IDLE_S * 10**9)
    page = await surfer.send(page, drug="samplodone-5", quantity="1", directions="One", refills="0")
    assert (401, True) == (page.status, "Your session has ended" in page.text)


@pytest.mark.parametrize("path", ["/login", "/about", "/nothing"])
async def test_every_page_says_what_it_is(surfer: Surfer, path: str) -> None:
    """Also to who is not logged in, and where there is no page."""
    page = await surfer.open(path)
    assert "Practice and test server." in page.text


async def test_passwords_of_practice_accounts_are_told_in_practice_only(
    surfer: Surfer, portal: Portal
) -> None:
    """A portal with other accounts does not show any."""
    assert "practice-doctor" in (await surfer.open("/login")).text
    portal.practice = False
    assert "practice-doctor" not in (await surfer.open("/login")).text


async def test_pages_send_their_origin_with_forms_and_no_address_to_others(surfer: Surfer) -> None:
    """A page without any referrer would send its forms with the origin ``null``."""
    headers = (await surfer.open("/login")).headers
    assert "same-origin" == headers["referrer-policy"]
    assert "no-store" == headers["cache-control"]
    assert "form-action 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize("name", ["common.css", "js/theme.js", "portal.css", "js/portal.js"])
async def test_files_are_served(surfer: Surfer, name: str) -> None:
    """The portal's own, and those that it shares with the bench's page."""
    answer = await surfer.client.get(f"/static/{name}")
    assert 200 == answer.status_code
