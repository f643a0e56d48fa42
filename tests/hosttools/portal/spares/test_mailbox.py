"""The practice's mail."""

import pytest

from hosttools.portal import Portal, Refusal, Why
from hosttools.portal.sessions import Session
from hosttools.portal.spares import mailbox, orders
from hosttools.portal.spares.book import Order
from hosttools.portal.spares.post import MailKind
from hosttools.refserver.http.clock import ServerClock


def test_a_letter_comes_at_once(portal: Portal, doctor: Session, other: Session) -> None:
    """To whom it is written, and to nobody else."""
    with portal.db.write() as at:
        mailbox.letter(portal, at, doctor.account, "Welcome", "Dear doctor,\n\nwelcome.")

    (letter,) = mailbox.messages(portal, doctor)
    assert (MailKind.LETTER, "Welcome", ("Dear doctor,", "welcome."), portal.clock.now_ns()) == (
        letter.kind, letter.subject, letter.paragraphs, letter.at_ns,
    )  # fmt: skip
    assert () == mailbox.messages(portal, other)


def test_a_letter_is_a_part_of_its_change(portal: Portal, doctor: Session) -> None:
    """If that is not kept, nothing was written."""

    def breaks() -> None:
        with portal.db.write() as at:
            mailbox.letter(portal, at, doctor.account, "Welcome", "Dear doctor")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        breaks()

    assert () == mailbox.messages(portal, doctor)


def test_reading_marks_it(portal: Portal, doctor: Session, paid: Order, clock: ServerClock) -> None:
    """Once; opening it again changes nothing."""
    first = mailbox.messages(portal, doctor)[0]
    opened = mailbox.read(portal, doctor, first.id)
    clock.set(clock.now_ns() + 10**9)

    assert [None, opened.read_ns] == [first.read_ns, mailbox.read(portal, doctor, first.id).read_ns]
    assert paid.id == opened.order_id
    assert [True, False] == [mail.as_dict()["read"] for mail in mailbox.messages(portal, doctor)]


def test_mail_is_private(portal: Portal, doctor: Session, other: Session, paid: Order) -> None:
    """Another's is as if it were not there, and is not read by the attempt."""
    number = mailbox.messages(portal, doctor)[0].id
    for mail_id in (number, number + 100, 0, -1, 2**63, 10**30):
        with pytest.raises(Refusal) as refused:
            mailbox.read(portal, other, mail_id)
        assert Why.NOT_FOUND is refused.value.code

    assert mailbox.messages(portal, doctor)[0].read_ns is None
    assert paid == orders.find(portal, doctor, paid.id)


def test_newest_comes_first(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock
) -> None:
    """By when it came, not by when somebody looked: time may have been jumped over."""
    assert paid.arrives_ns is not None
    clock.set(paid.arrives_ns + 10**15)
    came = mailbox.messages(portal, doctor)

    assert ["parcel", "e-mail", "e-mail", "e-mail"] == [mail.kind.value for mail in came]
    assert [paid.arrives_ns, paid.ships_ns] == [mail.at_ns for mail in came[:2]]
    assert sorted((mail.at_ns for mail in came), reverse=True) == [mail.at_ns for mail in came]
