"""The same walk as that of the pages, for programs."""

import httpx
import pytest

from hosttools.portal import Portal
from hosttools.portal.http.statuses import STATUS
from hosttools.portal.refusals import Why
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.http.conftest import ApiOf
from tests.hosttools.portal.http.surfing import CODES

pytestmark = pytest.mark.anyio

DRUG = {"drug": "samplodone-5", "quantity": 20, "directions": "One a day"}


@pytest.fixture
async def doctor(api_of: ApiOf) -> httpx.AsyncClient:
    """A doctor's program."""
    return await api_of("dr.adams")


async def authenticate(doctor: httpx.AsyncClient) -> None:
    """Open device management by a text."""
    assert 204 == (await doctor.post("/proof/send", json={"channel": "sms"})).status_code
    text = (await doctor.get("/phone/messages")).json()[-1]["text"]
    code = "".join(char for char in text if char.isdigit())
    answer = await doctor.post("/proof", json={"code": code})
    assert answer.json()["proven_until_ns"] > 0


async def add(doctor: httpx.AsyncClient, serial: str, *codes: str) -> httpx.Response:
    """Open the add form and submit it."""
    form = (await doctor.post("/devices/forms", json={"form": "add"})).json()
    body = {"form_id": form["form_id"], "serial": serial, "code1": codes[0], "code2": codes[1]}
    return await doctor.post("/devices/add", json=body)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return a refusal's status and code."""
    assert "application/problem+json" == answer.headers["content-type"]
    return answer.status_code, answer.json()["code"]


def test_every_reason_has_a_status() -> None:
    """None is left to chance."""
    assert set(Why) == set(STATUS)


async def test_a_token_is_added_signs_and_is_resynced(doctor: httpx.AsyncClient, fob: str) -> None:
    """From the phone's code to a signature."""
    await authenticate(doctor)
    added = (await add(doctor, fob, *CODES[:2])).json()
    assert (True, "Token Status: Active") == (added["accepted"], added["message"])
    assert ["active"] == [device["status"] for device in (await doctor.get("/devices")).json()]

    rx = (await doctor.post("/patients/mara-ivers/prescriptions", json=DRUG)).json()
    name = rx["prescription_id"]
    ready = await doctor.post(f"/prescriptions/{name}/ready", json={"version": rx["version"]})
    assert "ready" == ready.json()["state"]
    assert [name] == [each["prescription_id"] for each in (await doctor.get("/ready")).json()]
    factors = {"known": "password", "secret": "practice-doctor", "code": CODES[2]}
    signed = await doctor.post("/sign", json={"prescriptions": [name], **factors})
    assert [name] == [record["prescription_id"] for record in signed.json()["records"]]
    record = (await doctor.get(f"/prescriptions/{name}/record")).json()
    assert (True, 128) == (record["finding"]["ok"], len(record["record"]["signature"]))

    form = (await doctor.post("/devices/forms", json={"form": "resync", "serial": fob})).json()
    body = {"form_id": form["form_id"], "serial": fob, "code1": CODES[7], "code2": CODES[8]}
    assert (await doctor.post("/devices/resync", json=body)).json()["accepted"]
    kept = (await doctor.get(f"/devices/forms/{form['form_id']}")).json()
    assert "resynced" == kept["verdict"]


async def test_a_second_submission_is_the_documented_error(
    doctor: httpx.AsyncClient, fob: str
) -> None:
    """And changes nothing."""
    await authenticate(doctor)
    form = (await doctor.post("/devices/forms", json={"form": "add"})).json()
    body = {"form_id": form["form_id"], "serial": fob, "code1": CODES[0], "code2": CODES[1]}
    assert (await doctor.post("/devices/add", json=body)).json()["accepted"]
    assert (409, "double_submit") == code_of(await doctor.post("/devices/add", json=body))


async def test_without_proof_no_form_is_opened(doctor: httpx.AsyncClient) -> None:
    """The code says what is missing."""
    answer = await doctor.post("/devices/forms", json={"form": "add"})
    assert (403, "not_proven") == code_of(answer)


@pytest.mark.parametrize("name", ["clark", "davis", "support"])
async def test_who_is_no_doctor_is_told(api_of: ApiOf, name: str) -> None:
    """Tokens are managed under the doctor's own login."""
    client = await api_of(name)
    assert (403, "doctors_only") == code_of(await client.get("/devices"))


async def test_an_app_opens_device_management(
    doctor: httpx.AsyncClient, clock: ServerClock
) -> None:
    """One that was enrolled, scanned and confirmed; with a new phone it is gone."""
    await authenticate(doctor)
    enrolment = (await doctor.post("/phone/authenticator")).json()
    assert enrolment["uri"].startswith("otpauth://totp/")
    await doctor.post("/phone/authenticator/scan")
    shown = (await doctor.get("/phone/authenticator/code")).json()
    state = await doctor.post("/phone/authenticator/confirm", json={"code": shown["code"]})
    assert state.json()["confirmed"]
    clock.set(clock.now_ns() + 30 * 10**9)
    shown = (await doctor.get("/phone/authenticator/code")).json()
    answer = await doctor.post("/proof/app", json={"code": shown["code"]})
    assert 200 == answer.status_code
    await doctor.post("/phone/new")
    assert (await doctor.get("/phone/authenticator/code")).json() is None


async def test_who_gives_up_registers_again(doctor: httpx.AsyncClient) -> None:
    """Over two channels; what is wrong with the codes is told to nobody."""
    assert 204 == (await doctor.post("/proof/give-up")).status_code
    assert (403, "not_registered") == code_of(await doctor.get("/devices"))
    wrong = {"full_name": "Alice Adams, MD", "dea_number": "XX0000000", "channel": "sms"}
    assert (403, "wrong_factor") == code_of(await doctor.post("/registration", json=wrong))


async def test_an_order_is_placed_once_and_paid(doctor: httpx.AsyncClient) -> None:
    """The same form again is the same order; a card that is declined is 402."""
    body = {"destination": "home", "idempotency": "order-0001"}
    order = (await doctor.post("/orders", json=body)).json()
    assert order == (await doctor.post("/orders", json=body)).json()
    pay = f"/orders/{order['id']}/pay"
    billing = {"billing_email": "office@practice.example", "billing_zip": "62704"}
    declined = await doctor.post(pay, json={"card": "declined", **billing})
    assert (402, "declined") == code_of(declined)
    receipt = (await doctor.post(pay, json={"card": "approved", **billing})).json()
    assert receipt == (await doctor.get(f"/orders/{order['id']}/receipt")).json()
    assert {"e-mail"} == {mail["kind"] for mail in (await doctor.get("/mailbox")).json()}


async def test_a_card_number_is_told_to_nobody(doctor: httpx.AsyncClient) -> None:
    """What is no practice card is refused without being quoted."""
    order = await doctor.post("/orders", json={"destination": "home", "idempotency": "order-0001"})
    body = {"card": "4111111111111111", "billing_email": "a@b.example", "billing_zip": "62704"}
    answer = await doctor.post(f"/orders/{order.json()['id']}/pay", json=body)
    assert (422, False) == (answer.status_code, "4111" in answer.text)


async def test_support_takes_in_and_tells(support: httpx.AsyncClient, fob: str) -> None:
    """A token with its holder, without its secret."""
    answer = await support.get(f"/support/tokens/{fob}")
    assert ("dr.adams", "assigned") == (
        answer.json()["row"]["holder"],
        answer.json()["row"]["status"],
    )
    assert "3132333435" not in answer.text
    body = {"holder": "dr.baker", "reason": "mixed up"}
    done = await support.post(f"/support/tokens/{fob}/assign", json=body)
    assert "assigned" == done.json()["status"]
    await support.post(f"/support/tokens/{fob}/remove", json={"reason": "a test"})
    assert (404, "not_found") == code_of(await support.get(f"/support/tokens/{fob}"))


async def test_support_sets_policy_and_clock(
    support: httpx.AsyncClient, clock: ServerClock, portal: Portal
) -> None:
    """Both hold at once."""
    body = {"policy": "rfc-strict", "reason": "a test"}
    assert {"policy": "rfc-strict"} == (await support.put("/support/policy", json=body)).json()
    assert "rfc-strict" == portal.policy_name
    to_ns = clock.now_ns() + 10**9
    await support.put("/support/clock", json={"now_ns": to_ns, "reason": "a test"})
    assert {"now_ns": to_ns} == (await support.get("/clock")).json()


async def test_a_clock_that_people_live_by_is_not_set(
    support: httpx.AsyncClient, clock: ServerClock, portal: Portal
) -> None:
    """It is the host's, or the bench's."""
    portal.clock = ServerClock(host=clock.now_ns)
    answer = await support.put("/support/clock", json={"now_ns": 1, "reason": "a test"})
    assert (409, "conflict") == code_of(answer)


async def test_no_such_bug_is_a_bad_input(support: httpx.AsyncClient, portal: Portal) -> None:
    """And none is on from then."""
    body = {"bugs": ["none-such"], "reason": "a test"}
    assert (422, "bad_input") == code_of(await support.put("/support/bugs", json=body))
    assert frozenset() == portal.bugs


async def test_the_log_is_told_and_verified(support: httpx.AsyncClient) -> None:
    """Entry by entry."""
    entries = (await support.get("/support/log")).json()
    found = (await support.post("/support/log/verify")).json()
    assert (None, len(entries)) == (found["wrong"], found["entries"])


async def test_who_tries_too_often_is_told_for_how_long(
    doctor: httpx.AsyncClient,
) -> None:
    """In the header that programs look for."""
    for _ in range(30):
        answer = await doctor.post("/session", json={"name": "dr.baker", "password": "wrong"})
        if answer.status_code == 429:
            break
    assert (429, "too_many") == code_of(answer)
    assert int(answer.headers["retry-after"]) > 0


async def test_operators_words_go_to_operators_only(doctor: httpx.AsyncClient, fob: str) -> None:
    """A refused code is refused, and no more."""
    await authenticate(doctor)
    answer = await add(doctor, fob, CODES[9], CODES[8])
    assert not answer.json()["accepted"]
    assert "counter" not in answer.text
    assert CODES[8] not in answer.text
