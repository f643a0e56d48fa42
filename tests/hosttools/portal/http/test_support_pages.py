"""The support desk, without scripts."""

import pytest

from tests.hosttools.portal.http.surfing import CODES, Surfer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(surfer: Surfer, fob: str) -> Surfer:
    """Somebody at the support desk; dr.adams has a fob."""
    del fob
    await surfer.log_in("support")
    return surfer


@pytest.mark.parametrize("name", ["dr.adams", "clark", "davis"])
@pytest.mark.parametrize(
    "path", ["", "/tokens/GALH00004226", "/people", "/people/dr.adams", "/policy", "/log"]
)
async def test_it_is_for_support_only(surfer: Surfer, name: str, path: str) -> None:
    """Everybody else is told."""
    await surfer.log_in(name)
    page = await surfer.open(f"/support{path}")
    assert (403, True) == (page.status, "This is for the support desk." in page.text)


async def test_a_token_is_found_and_told(desk: Surfer, fob: str) -> None:
    """With all that an operator may know, and no secret."""
    page = await desk.open("/support?find=adams")
    assert f"/support/tokens/{fob}" in page.links
    page = await desk.open(f"/support/tokens/{fob}")
    assert "no code of it was seen yet" in page.text
    assert "3132333435" not in page.html


async def test_an_act_needs_a_reason(desk: Surfer, fob: str) -> None:
    """What was done stands in the token's history."""
    page = await desk.open(f"/support/tokens/{fob}")
    page = await desk.send(page, f"/support/tokens/{fob}/revoke", reason="")
    assert (422, True) == (page.status, "It is kept in the log." in page.text)
    page = await desk.send(page, f"/support/tokens/{fob}/revoke", reason="lost")
    assert (200, True) == (page.status, "Status revoked" in page.text)


async def test_what_is_no_act_is_not_done(desk: Surfer, fob: str) -> None:
    """Whatever is asked for."""
    page = await desk.open(f"/support/tokens/{fob}")
    csrf = page.forms[0].fields["csrf"]
    answer = await desk.client.post(f"/support/tokens/{fob}/remove", data={"csrf": csrf})
    assert 404 == answer.status_code


async def test_codes_of_a_reset_are_not_shown_again(desk: Surfer, fob: str) -> None:
    """Also if it is refused."""
    page = await desk.open(f"/support/tokens/{fob}")
    form = f"/support/tokens/{fob}/assign"
    page = await desk.send(page, form, holder="dr.baker", reason="mixed up")
    assert "Holder dr.baker" in page.text
    for each in page.forms:
        if each.action.endswith("/reset"):
            page = await desk.send(page, each.action, code1="918273", code2="918274", reason="far")
            assert "918273" not in page.html


async def test_the_policy_is_switched(desk: Surfer) -> None:
    """For every token, from the next code on."""
    page = await desk.send(await desk.open("/support/policy"), policy="rfc-strict", reason="a test")
    assert "In use: rfc-strict" in page.text
    page = await desk.send(page, policy="none-such", reason="a test")
    assert (422, True) == (page.status, "rfc-strict" in page.text)


async def test_the_log_is_verified(desk: Surfer) -> None:
    """By a button."""
    page = await desk.send(await desk.open("/support/log"), "/support/log/verify")
    assert "The log is as it was written" in page.text


async def test_a_letter_is_sent_again(desk: Surfer, another: Surfer) -> None:
    """Of somebody whose orders and mail support sees from outside."""
    await another.log_in("dr.adams")
    page = await another.send(await another.open("/admin/order"), destination="home")
    await another.send(
        page, card="approved", billing_email="office@practice.example", billing_zip="62704"
    )
    page = await desk.open("/support/people/dr.adams")
    assert "Order 1 paid" in page.text
    page = await desk.send(page, "/support/people/dr.adams/resend", reason="asked for it")
    assert "Sent again:" in page.text


async def test_codes_stand_in_no_log(desk: Surfer, another: Surfer, fob: str) -> None:
    """What a doctor types is in the audit log neither."""
    await another.log_in("dr.adams")
    await another.authenticate()
    await another.add(fob, "918273", "918274")
    await another.add(fob, *CODES[:2])
    page = await desk.open("/support/log")
    assert not [code for code in ("918273", "918274", *CODES[:2]) if code in page.html]
