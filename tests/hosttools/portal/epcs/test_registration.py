"""Registration: identity proofing, and a credential over two channels."""

import re

import pytest

from hosttools.errors import UsageError
from hosttools.portal import Portal, Refusal, Why, accounts, auditlog
from hosttools.portal.accounts import EpcsStatus
from hosttools.portal.epcs import phone, proof, registration
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.epcs.registration import Stage
from hosttools.portal.sessions import Session
from hosttools.portal.spares import mailbox
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.epcs.people import Doctor

SECOND = 1_000_000_000
NAME = "Nina Novak, MD"
DEA = "BN0000036"


def begin(portal: Portal, doctor: Doctor, name: str = NAME, dea_number: str = DEA) -> None:
    """Say who one is."""
    registration.prove_identity(portal, doctor.session, name, dea_number, Channel.SMS)


def letter(portal: Portal, session: Session) -> str:
    """Return the code of the newest letter."""
    newest = mailbox.messages(portal, session)[0]
    (code,) = re.findall(r"\b\d{8}\b", mailbox.read(portal, session, newest.id).body)
    return str(code)


def why(caught: pytest.ExceptionInfo[Refusal]) -> Why:
    """Return why something was refused."""
    return caught.value.code


def test_both_codes_register(portal: Portal, novak: Doctor) -> None:
    """Who has the letter and the phone can manage tokens; signing is another matter."""
    begin(portal, novak)
    assert Stage.PROOFED is registration.stage(portal, novak.session)

    registration.activate(portal, novak.session, letter(portal, novak.session), novak.told())

    assert Stage.REGISTERED is registration.stage(portal, novak.session)
    assert EpcsStatus.NONE is accounts.find(portal, "dr.novak").epcs
    novak.prove()
    assert novak.add().accepted


def test_a_lost_account_is_registered_again(portal: Portal, adams: Doctor) -> None:
    """And is without access until two people let the doctor in again."""
    proof.give_up(portal, adams.session)
    begin(portal, adams, "Alice Adams, MD", "BA0000012")

    registration.activate(portal, adams.session, letter(portal, adams.session), adams.told())

    assert EpcsStatus.NONE is accounts.find(portal, "dr.adams").epcs
    adams.prove()


@pytest.mark.parametrize(
    ("name", "dea_number"),
    [
        ("Nina Nowak, MD", DEA),
        (NAME, "BN0000047"),
        (NAME, "BA0000012"),
        (NAME, ""),
        ("", ""),
        ("Nina Nowak, MD", "BN0000047"),
    ],
)
def test_who_is_not_who_was_claimed(
    portal: Portal, novak: Doctor, name: str, dea_number: str
) -> None:
    """Nobody is told which was wrong, and nothing is sent."""
    with pytest.raises(Refusal, match="could not be checked") as caught:
        begin(portal, novak, name, dea_number)

    assert Why.WRONG_FACTOR is why(caught)
    assert "registration refused" == auditlog.entries(portal)[-1].act
    assert () == phone.messages(portal, novak.session.account)
    assert () == mailbox.messages(portal, novak.session)


def test_a_name_is_taken_as_people_type_it(portal: Portal, novak: Doctor) -> None:
    """Case and spaces do not matter, of the number neither."""
    begin(portal, novak, "  nina  NOVAK ", "bn 0000036")

    assert Stage.PROOFED is registration.stage(portal, novak.session)


def test_claims_are_limited(portal: Portal, novak: Doctor, clock: ServerClock) -> None:
    """Five an hour."""
    for _ in range(registration.MOST):
        with pytest.raises(Refusal):
            begin(portal, novak, "Somebody Else")
    with pytest.raises(Refusal) as caught:
        begin(portal, novak)
    assert Why.TOO_MANY is why(caught)

    clock.set(clock.now_ns() + registration.WITHIN_S * SECOND)
    begin(portal, novak)


@pytest.mark.parametrize("right", ["letter", "phone"])
def test_one_code_alone_is_not_enough(portal: Portal, novak: Doctor, right: str) -> None:
    """Nobody is told which was wrong."""
    begin(portal, novak)
    codes = (
        letter(portal, novak.session) if right == "letter" else "00000000",
        novak.told() if right == "phone" else "000000",
    )

    with pytest.raises(Refusal, match="codes were not accepted") as caught:
        registration.activate(portal, novak.session, *codes)

    assert Why.WRONG_FACTOR is why(caught)
    assert Stage.PROOFED is registration.stage(portal, novak.session)


def test_the_letter_stays_good_while_another_code_is_sent(
    portal: Portal, novak: Doctor, clock: ServerClock
) -> None:
    """A letter takes days, and a code by phone five minutes."""
    begin(portal, novak)
    clock.set(clock.now_ns() + 3 * 86_400 * SECOND)
    registration.send(portal, novak.session, Channel.CALL)

    assert registration.activate(portal, novak.session, letter(portal, novak.session), novak.told())


def test_a_wrong_code_by_phone_does_not_use_the_letter_up(portal: Portal, novak: Doctor) -> None:
    """A typo is no reason for another letter."""
    begin(portal, novak)
    code = letter(portal, novak.session)
    with pytest.raises(Refusal):
        registration.activate(portal, novak.session, code, "000000")

    assert registration.activate(portal, novak.session, code, novak.told())


def test_codes_before_a_claim(portal: Portal, novak: Doctor) -> None:
    """There is nothing to activate or to send."""
    with pytest.raises(Refusal, match="Say who you are first"):
        registration.activate(portal, novak.session, "00000000", "000000")
    with pytest.raises(Refusal, match="Say who you are first"):
        registration.send(portal, novak.session, Channel.SMS)


def test_who_is_registered_need_not_be(portal: Portal, adams: Doctor, clark: Session) -> None:
    """Nor can staff."""
    with pytest.raises(Refusal, match="registered already"):
        begin(portal, adams)
    with pytest.raises(Refusal) as caught:
        registration.stage(portal, clark)
    assert Why.DOCTORS_ONLY is why(caught)


def test_too_many_messages_send_no_letter(portal: Portal, novak: Doctor) -> None:
    """What is refused in the middle leaves nothing half done."""
    begin(portal, novak)
    for _ in range(phone.MOST_SENT - 1):
        registration.send(portal, novak.session, Channel.SMS)
    with pytest.raises(Refusal) as caught:
        begin(portal, novak)

    assert Why.TOO_MANY is why(caught)
    assert 1 == len(mailbox.messages(portal, novak.session))


def test_a_dea_number_is_set(portal: Portal, novak: Doctor) -> None:
    """It is checked for its form, is of a doctor, and is what is proofed from then on."""
    with pytest.raises(UsageError, match="no DEA number"):
        registration.set_dea_number(portal, "dr.novak", "BN0000037", actor="test")
    with pytest.raises(UsageError, match="only a doctor"):
        registration.set_dea_number(portal, "clark", DEA, actor="test")

    assert "BX1234563" == registration.set_dea_number(
        portal, "dr.novak", "bx 1234563", actor="test"
    )
    begin(portal, novak, dea_number="BX1234563")
