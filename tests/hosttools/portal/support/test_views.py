"""What an operator finds."""

import json

import pytest

from hosttools.portal import Portal, Refusal, Why, open_portal, sessions, support
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import Session
from hosttools.portal.spares import orders, payments
from hosttools.portal.spares.book import Destination
from hosttools.refserver import Policy
from hosttools.refserver.http.clock import ServerClock
from hosttools.seedfiles import SeedRecord
from tests.hosttools.portal.support.conftest import SERIAL, WHY, Code

YEAR_NS = 366 * 86_400 * 10**9


@pytest.mark.parametrize(
    ("counters", "presses", "words"),
    [
        ((2,), 0, "in step"),
        ((14,), 12, "12 presses ahead: a resync brings it back"),
        ((1,), -1, "1 press behind: an old code; its next press may do"),
        ((3000, 3001), 2998, "2998 presses ahead: only a reset brings it back"),
    ],
)
def test_says_how_far_off_a_token_is(
    portal: Portal,
    operator: Session,
    added: str,
    code: Code,
    *,
    counters: tuple[int, ...],
    presses: int,
    words: str,
) -> None:
    """By its last code, and what brings it back."""
    now_ns = portal.clock.now_ns()
    if len(counters) == 1:
        portal.tokens.verify(added, code(counters[0]), now_ns)
    else:
        portal.tokens.resync(added, code(counters[0]), code(counters[1]), now_ns)
    distance = support.token(portal, operator, added).row.distance

    assert (presses, now_ns, words) == (distance.presses, distance.at_ns, distance.words)


def test_a_wider_window_brings_it_back(
    portal: Portal, operator: Session, added: str, code: Code
) -> None:
    """What helps hangs on the policy that there is now."""
    portal.tokens.verify(added, code(14), portal.clock.now_ns())
    portal.set_policy(Policy(look_ahead=20))
    found = support.token(portal, operator, added)

    assert "12 presses ahead: its next code is accepted" == found.row.distance.words
    assert "custom" == found.policy


def test_knows_nothing_of_what_was_never_pressed(
    portal: Portal, operator: Session, seed: SeedRecord
) -> None:
    """It says so."""
    support.enrol(portal, operator, [seed], "dr.adams", WHY)
    (row,) = support.tokens(portal, operator, SERIAL)

    assert (None, "not known: no code of it was seen yet") == (
        row.distance.presses, row.distance.words,
    )  # fmt: skip


@pytest.mark.parametrize("find", [SERIAL, "galh 0000-4711", "4711", "DR.ADAMS", "adams"])
def test_finds_tokens(portal: Portal, operator: Session, added: str, find: str) -> None:
    """By a part of the number, as people type it, or of the holder."""
    assert added in [row.serial for row in support.tokens(portal, operator, find)]


def test_finds_no_other(portal: Portal, operator: Session, added: str) -> None:
    """What does not fit is left out, and so is what was seen on the page before."""
    assert () == support.tokens(portal, operator, "GALH99999999")
    assert added not in [row.serial for row in support.tokens(portal, operator, after=added)]
    assert 1 == len(support.tokens(portal, operator, limit=1))


def test_tells_all_of_a_token(portal: Portal, operator: Session, added: str, code: Code) -> None:
    """Where the server is, what happened, what is possible; no digits and no secret."""
    portal.tokens.verify(added, code(14), portal.clock.now_ns())
    found = support.token(portal, operator, "galh-0000-4711")
    told = json.dumps(found.as_dict())

    assert (2, 10, 1000) == (
        found.view.next_counter, found.view.look_ahead, found.view.resync_window,
    )  # fmt: skip
    assert ["enrol", "sync", "verify"] == [event.act for event in found.history]
    assert ("unlock", "reset", "revoke", "replace", "expire") == found.possible
    assert (1, None) == (found.row.failures, found.order_id)
    assert not any(secret in told for secret in (code(14), code(0)))


def test_looking_is_not_acting(portal: Portal, operator: Session, added: str) -> None:
    """The server's audit of the token stays as it is."""
    before = portal.tokens.audit(added)
    support.token(portal, operator, added)
    support.tokens(portal, operator)

    assert before == portal.tokens.audit(added)


def test_a_token_has_to_be_there(portal: Portal, operator: Session) -> None:
    """One that is not is not found."""
    with pytest.raises(Refusal) as refused:
        support.token(portal, operator, "GALH99999999")
    assert Why.NOT_FOUND is refused.value.code


def test_finds_people(portal: Portal, operator: Session) -> None:
    """By any part of what is known of them."""
    assert ["dr.adams"] == [who.name for who in support.people(portal, operator, "alice")]
    assert "clark" in [who.name for who in support.people(portal, operator)]


def test_finds_orders_and_their_tokens(
    portal: Portal, operator: Session, doctor: Session, clock: ServerClock
) -> None:
    """What is due has come by then."""
    order = orders.place(portal, doctor, Destination.HOME, "form-0001")
    payments.pay(portal, doctor, order.id, "approved", "office@example.com", "62704")
    clock.set(clock.now_ns() + YEAR_NS)
    (found,) = support.orders(portal, operator)

    assert order.id == found.id == support.token(portal, operator, found.serial).order_id
    assert (found,) == support.orders(portal, operator, "dr.adams")
    assert () == support.orders(portal, operator, "dr.baker")


def test_sees_mail_from_outside(portal: Portal, operator: Session, doctor: Session) -> None:
    """An envelope has no body."""
    order = orders.place(portal, doctor, Destination.HOME, "form-0001")
    payments.pay(portal, doctor, order.id, "approved", "office@example.com", "62704")
    envelopes = support.mail(portal, operator, "dr.adams")

    assert ["Receipt 1 for order 1", "Order 1 confirmed"] == [one.subject for one in envelopes]
    assert not hasattr(envelopes[0], "body")


def test_reads_the_log(portal: Portal, operator: Session, added: str) -> None:
    """Of one subject, or all."""
    assert ["token enrol"] == [entry.act for entry in support.log(portal, operator, added)]
    assert 2 == len(support.log(portal, operator, limit=2))


@pytest.mark.parametrize("typed", ["\0", "\ud800"])
def test_what_no_database_takes_is_found_nowhere(shared_url: str, typed: str) -> None:
    """Whatever an address had in it, the desk goes on."""
    with open_portal(shared_url, hashing=CHEAP) as portal:
        _, operator = sessions.log_in(portal, "support", "practice-support")

        assert support.tokens(portal, operator) == support.tokens(portal, operator, after=typed)
        assert () == support.tokens(portal, operator, find=typed)
        assert () == support.log(portal, operator, typed)
        assert () == support.people(portal, operator, typed)
