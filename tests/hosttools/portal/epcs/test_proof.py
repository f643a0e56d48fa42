"""How a doctor opens device management, and what becomes of one who can't."""

from collections.abc import Callable

import pytest

from hosttools.portal import Portal, Refusal, Why, accounts, auditlog, sessions
from hosttools.portal.accounts import EpcsStatus
from hosttools.portal.epcs import challenges, devices, phone, proof, registration, tables
from hosttools.portal.epcs.forms import Form
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.sessions import Session
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.epcs.people import Doctor

SECOND = 1_000_000_000


def wrong(code: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def refused(act: Callable[[], object]) -> Why:
    """Return why something is refused."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


@pytest.mark.parametrize("channel", list(Channel))
def test_a_code_by_phone_opens_device_management(
    portal: Portal, adams: Doctor, channel: Channel
) -> None:
    """What the phone shows, text or call, opens it for ten minutes of this session."""
    proof.send(portal, adams.session, channel)
    message = phone.messages(portal, adams.session.account)[-1]

    session = proof.submit(portal, adams.session, message.code)

    assert channel is message.kind
    assert portal.clock.now_ns() + 600 * SECOND == session.proven_until_ns
    assert devices.begin(portal, session, Form.ADD).form_id


def test_a_code_may_have_spaces(portal: Portal, adams: Doctor) -> None:
    """A call reads digit by digit, and may be typed so."""
    proof.send(portal, adams.session, Channel.CALL)

    assert proof.submit(portal, adams.session, " ".join(adams.told())).proven_until_ns


def test_it_is_over_after_ten_minutes(portal: Portal, clock: ServerClock, adams: Doctor) -> None:
    """To the nanosecond, by the portal's clock."""
    adams.prove()
    opened = clock.now_ns()

    clock.set(opened + 600 * SECOND - 1)
    devices.begin(portal, adams.session, Form.ADD)
    clock.set(opened + 600 * SECOND)

    assert Why.NOT_PROVEN is refused(lambda: devices.begin(portal, adams.session, Form.ADD))


def test_it_is_open_in_one_session_only(
    portal: Portal, adams: Doctor, log_in: Callable[[str], Session]
) -> None:
    """Another browser of the same doctor has to prove it again."""
    adams.prove()
    other = log_in("dr.adams")

    assert Why.NOT_PROVEN is refused(lambda: devices.begin(portal, other, Form.ADD))


def test_a_logged_out_session_is_not_open(portal: Portal, adams: Doctor) -> None:
    """What a page still remembers of a session does not count."""
    adams.prove()
    sessions.log_out(portal, adams.session)

    assert Why.NOT_LOGGED_IN is refused(lambda: devices.begin(portal, adams.session, Form.ADD))


def test_a_code_works_once(portal: Portal, adams: Doctor) -> None:
    """The same code again is refused."""
    adams.prove()

    assert Why.WRONG_FACTOR is refused(lambda: proof.submit(portal, adams.session, adams.told()))


def test_only_the_newest_code_is_valid(portal: Portal, adams: Doctor) -> None:
    """Sending another makes the one before worth nothing."""
    proof.send(portal, adams.session, Channel.SMS)
    first = adams.told()
    proof.send(portal, adams.session, Channel.SMS)

    assert first != adams.told()
    assert Why.WRONG_FACTOR is refused(lambda: proof.submit(portal, adams.session, first))
    assert proof.submit(portal, adams.session, adams.told())


def test_a_code_expires(portal: Portal, clock: ServerClock, adams: Doctor) -> None:
    """It is good for five minutes, and for not a nanosecond more."""
    proof.send(portal, adams.session, Channel.SMS)
    clock.set(clock.now_ns() + 300 * SECOND + 1)

    assert Why.WRONG_FACTOR is refused(lambda: proof.submit(portal, adams.session, adams.told()))


def test_a_code_is_good_to_its_last_moment(
    portal: Portal, clock: ServerClock, adams: Doctor
) -> None:
    """Five minutes are five minutes."""
    proof.send(portal, adams.session, Channel.SMS)
    clock.set(clock.now_ns() + 300 * SECOND)

    assert proof.submit(portal, adams.session, adams.told())


def test_wrong_tries_use_a_code_up(portal: Portal, adams: Doctor) -> None:
    """After five wrong ones the right one is refused too; a new one is needed."""
    proof.send(portal, adams.session, Channel.SMS)
    for _ in range(challenges.TRIES):
        refused(lambda: proof.submit(portal, adams.session, wrong(adams.told())))

    assert Why.WRONG_FACTOR is refused(lambda: proof.submit(portal, adams.session, adams.told()))
    adams.prove()


def test_the_last_try_may_be_right(portal: Portal, adams: Doctor) -> None:
    """Four wrong ones leave one."""
    proof.send(portal, adams.session, Channel.SMS)
    for _ in range(challenges.TRIES - 1):
        refused(lambda: proof.submit(portal, adams.session, wrong(adams.told())))

    assert proof.submit(portal, adams.session, adams.told())


def test_all_refusals_read_the_same(portal: Portal, clock: ServerClock, adams: Doctor) -> None:
    """Wrong, expired, used and never sent: the user can't tell, and the operator can."""
    said: list[Refusal] = []

    def submit(code: str) -> None:
        with pytest.raises(Refusal) as caught:
            proof.submit(portal, adams.session, code)
        said.append(caught.value)

    submit("000000")
    proof.send(portal, adams.session, Channel.SMS)
    submit(wrong(adams.told()))
    clock.set(clock.now_ns() + 301 * SECOND)
    submit(adams.told())

    assert 1 == len({refusal.user for refusal in said})
    assert 3 == len({refusal.operator for refusal in said})


def test_sending_is_limited(portal: Portal, clock: ServerClock, adams: Doctor) -> None:
    """Five in ten minutes; then one has to wait, and the last one stays valid."""
    for _ in range(phone.MOST_SENT):
        proof.send(portal, adams.session, Channel.SMS)

    assert Why.TOO_MANY is refused(lambda: proof.send(portal, adams.session, Channel.CALL))
    assert phone.MOST_SENT == len(phone.messages(portal, adams.session.account))
    clock.set(clock.now_ns() + phone.WITHIN_S * SECOND)
    proof.send(portal, adams.session, Channel.CALL)


def test_the_server_keeps_no_code(portal: Portal, adams: Doctor) -> None:
    """Neither the challenge nor the log has the digits."""
    proof.send(portal, adams.session, Channel.SMS)
    code = adams.told()
    with portal.db.read() as at:
        kept = str(at.execute(tables.challenge.select()).all())

    assert code not in kept
    assert not any(code in entry.facts for entry in auditlog.entries(portal))


def test_no_code_is_in_a_repr(portal: Portal, adams: Doctor) -> None:
    """A message that a log or an error shows does not give its code away."""
    proof.send(portal, adams.session, Channel.SMS)
    message = phone.messages(portal, adams.session.account)[-1]

    assert message.code not in repr(message)


def test_a_code_of_another_account_is_no_good(portal: Portal, adams: Doctor, baker: Doctor) -> None:
    """The hash is of the account too."""
    proof.send(portal, adams.session, Channel.SMS)
    proof.send(portal, baker.session, Channel.SMS)

    assert Why.WRONG_FACTOR is refused(lambda: proof.submit(portal, baker.session, adams.told()))


@pytest.mark.parametrize("name", ["clark", "davis", "support"])
def test_only_doctors(portal: Portal, log_in: Callable[[str], Session], name: str) -> None:
    """Staff, administrators and support are told to log in as the doctor."""
    session = log_in(name)

    assert Why.DOCTORS_ONLY is refused(lambda: proof.send(portal, session, Channel.SMS))
    assert Why.DOCTORS_ONLY is refused(lambda: devices.begin(portal, session, Form.ADD))
    assert Why.DOCTORS_ONLY is refused(lambda: devices.list_of(portal, session))


def test_giving_up_loses_the_account(portal: Portal, adams: Doctor) -> None:
    """Device management is closed, and only registering leads back."""
    adams.prove()

    proof.give_up(portal, adams.session)

    assert EpcsStatus.LOST is accounts.find(portal, "dr.adams").epcs
    assert Why.NOT_REGISTERED is refused(lambda: devices.begin(portal, adams.session, Form.ADD))
    assert Why.NOT_REGISTERED is refused(lambda: proof.send(portal, adams.session, Channel.SMS))
    assert Why.NOT_REGISTERED is refused(lambda: devices.list_of(portal, adams.session))


def test_giving_up_closes_every_session(
    portal: Portal, adams: Doctor, log_in: Callable[[str], Session]
) -> None:
    """Not even registering anew opens again what another browser had open."""
    adams.prove()
    proof.give_up(portal, log_in("dr.adams"))
    with portal.db.write() as at:
        registration.complete(at, "dr.adams", portal.clock.now_ns())

    assert Why.NOT_PROVEN is refused(lambda: devices.begin(portal, adams.session, Form.ADD))


def test_a_code_that_was_sent_before_giving_up_is_no_good(portal: Portal, adams: Doctor) -> None:
    """Nothing that was open stays open."""
    proof.send(portal, adams.session, Channel.SMS)
    proof.give_up(portal, adams.session)

    assert Why.NOT_REGISTERED is refused(lambda: proof.submit(portal, adams.session, adams.told()))
