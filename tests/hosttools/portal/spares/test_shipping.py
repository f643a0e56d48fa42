"""Parcels that leave and arrive as time goes on."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_model.oath import Key, hotp
from hosttools.portal import Portal, Why, auditlog, open_portal, sessions
from hosttools.portal.passwords import CHEAP
from hosttools.portal.sessions import Session
from hosttools.portal.spares import book, delivery, mailbox, orders, payments, shipping
from hosttools.portal.spares.book import Destination, Order
from hosttools.portal.spares.life import OrderAct, OrderStatus
from hosttools.portal.spares.post import MailKind
from hosttools.portal.spares.workdays import business_day_after, day_of
from hosttools.refserver import Kind, Status
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.spares.conftest import PlainDrawer, why

YEARS_NS = 5 * 366 * 86_400 * 10**9


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4_500_000_000))
def test_arrives_in_3_to_5_business_days(portal: Portal, paid_s: int) -> None:
    """Whenever it was paid for; it leaves on the next one."""
    ships_ns, arrives_ns = shipping.schedule(portal, paid_s * 10**9)
    paid = day_of(paid_s * 10**9)

    assert business_day_after(paid, 1) == day_of(ships_ns)
    assert day_of(arrives_ns) in {business_day_after(paid, days) for days in (3, 4, 5)}


def test_each_of_them_is_drawn(portal: Portal) -> None:
    """3, 4 and 5."""
    assert 3 == len({shipping.schedule(portal, 0)[1] for _ in range(60)})


def test_nothing_comes_too_early(portal: Portal, paid: Order, clock: ServerClock) -> None:
    """Until the very moment nothing moves; what is drawn is drawn once."""
    assert paid.ships_ns is not None
    assert paid.arrives_ns is not None
    moves = []
    for moment_ns in (paid.ships_ns - 1, paid.ships_ns, paid.arrives_ns - 1, paid.arrives_ns):
        clock.set(moment_ns)
        moves.append([order.status for order in shipping.advance(portal)])

    assert [[], [OrderStatus.SHIPPED], [], [OrderStatus.DELIVERED]] == moves


def test_the_server_knows_it_with_the_right_dates(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock
) -> None:
    """Even if nobody looked for years."""
    clock.set(clock.now_ns() + YEARS_NS)
    (order,) = shipping.advance(portal)
    record = portal.tokens.get(order.serial)
    past = portal.tokens.audit(order.serial)

    assert (Status.ASSIGNED, doctor.account.name) == (record.status, record.holder)
    assert ["order", "ship", "assign"] == [entry.act for entry in past]
    assert [paid.ships_ns, paid.arrives_ns] == [entry.at_ns for entry in past[1:]]
    assert day_of(past[0].at_ns) == day_of(past[1].at_ns)
    assert past[0].at_ns < past[1].at_ns


def test_a_fob_arrives_that_fits(
    portal: Portal, drawer: PlainDrawer, paid: Order, clock: ServerClock
) -> None:
    """What it shows makes it active, as its secret came to the server by the file."""
    clock.set(clock.now_ns() + YEARS_NS)
    (order,) = shipping.advance(portal)
    key = Key(drawer.fobs[order.serial].secret)
    verdict = portal.tokens.sync(order.serial, hotp(key, 0), hotp(key, 1), clock.now_ns())

    assert Kind.ACTIVE is verdict.kind
    assert [f"Spare token of order {paid.id}, for dr.adams"] == drawer.notes


def test_the_old_one_can_never_be_used_again(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock, drawer: PlainDrawer
) -> None:
    """Once the new one took its place; the new one goes on."""
    clock.set(clock.now_ns() + YEARS_NS)
    (old,) = shipping.advance(portal)
    second = orders.place(portal, doctor, Destination.HOME, "form-0002")
    payments.pay(portal, doctor, second.id, "approved", "office@example.com", "62704")
    clock.set(clock.now_ns() + YEARS_NS)
    (new,) = shipping.advance(portal)
    keys = {serial: Key(fob.secret) for serial, fob in drawer.fobs.items()}

    assert portal.tokens.replace(old.serial, new.serial, clock.now_ns()).accepted
    found = {
        serial: portal.tokens.sync(serial, hotp(key, 0), hotp(key, 1), clock.now_ns()).kind
        for serial, key in keys.items()
    }
    assert {old.serial: Kind.REPLACED, new.serial: Kind.ACTIVE} == found
    assert paid.id == old.id


def test_nothing_of_a_half_step_is_kept(
    portal: Portal,
    doctor: Session,
    paid: Order,
    clock: ServerClock,
    drawer: PlainDrawer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever dies while a parcel moves leaves all as it was; the next one does it once."""
    whole = book.move

    def dies(*args: object, **changed: object) -> Order:
        if args[2] is OrderAct.DELIVER:
            raise KeyboardInterrupt
        return whole(*args, **changed)  # type: ignore[arg-type]  # passed on as it came

    known = portal.tokens.list()
    monkeypatch.setattr(book, "move", dies)
    clock.set(clock.now_ns() + YEARS_NS)
    with pytest.raises(KeyboardInterrupt):
        shipping.advance(portal)
    monkeypatch.undo()

    assert known == portal.tokens.list()
    assert {} == drawer.fobs
    assert [OrderStatus.DELIVERED] == [order.status for order in shipping.advance(portal)]
    assert OrderStatus.DELIVERED is orders.find(portal, doctor, paid.id).status
    assert 1 == len(drawer.fobs) == len(portal.tokens.list()) - len(known)


def test_a_lost_fob_is_put_again(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock, drawer: PlainDrawer
) -> None:
    """If the drawer could not take it, or whoever put it did not live to say so."""
    drawer.stuck = True
    clock.set(clock.now_ns() + YEARS_NS)
    shipping.advance(portal)
    assert ({}, False) == (drawer.fobs, orders.find(portal, doctor, paid.id).in_drawer)

    drawer.stuck = False
    assert () == shipping.advance(portal)
    assert orders.find(portal, doctor, paid.id).in_drawer
    with portal.db.write() as at:
        book.change(at, paid.id, in_drawer=False)
    shipping.advance(portal)
    assert 1 == len(drawer.fobs) == len(drawer.notes)


def test_a_drawer_may_come_later(portal: Portal, paid: Order, clock: ServerClock) -> None:
    """What arrived before is put into it as soon as there is one."""
    clock.set(clock.now_ns() + YEARS_NS)
    (order,) = shipping.advance(portal)
    portal.drawer = late = PlainDrawer()
    shipping.advance(portal)

    assert [order.serial] == list(late.fobs)
    assert paid.id == order.id


def test_what_was_revoked_on_its_way_arrives(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock, drawer: PlainDrawer
) -> None:
    """It is in the drawer, and stays out of use; the log says so."""
    assert paid.ships_ns is not None
    clock.set(paid.ships_ns)
    (shipped,) = shipping.advance(portal)
    portal.tokens.revoke(shipped.serial, clock.now_ns())
    clock.set(clock.now_ns() + YEARS_NS)
    shipping.advance(portal)

    assert Status.REVOKED is portal.tokens.get(shipped.serial).status
    assert [shipped.serial] == list(drawer.fobs)
    assert auditlog.entries(portal, "order 1")[-1].told()["assigned"] is False
    assert MailKind.PARCEL is mailbox.messages(portal, doctor)[0].kind


def test_a_token_that_was_forgotten_holds_up_nobody(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock
) -> None:
    """There is no fob of it, and orders can be looked at."""
    clock.set(clock.now_ns() + YEARS_NS)
    (order,) = shipping.advance(portal)
    portal.tokens.remove(order.serial)
    portal.drawer = drawer = PlainDrawer()

    assert OrderStatus.DELIVERED is orders.find(portal, doctor, paid.id).status
    assert {} == drawer.fobs


def test_what_was_forgotten_on_its_way_holds_up_nobody(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock, drawer: PlainDrawer
) -> None:
    """The parcel arrives, with a token that nobody knows."""
    assert paid.ships_ns is not None
    clock.set(paid.ships_ns)
    (shipped,) = shipping.advance(portal)
    portal.tokens.remove(shipped.serial)
    clock.set(clock.now_ns() + YEARS_NS)

    assert OrderStatus.DELIVERED is orders.find(portal, doctor, paid.id).status
    assert {} == drawer.fobs


def test_no_secret_is_told(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock, drawer: PlainDrawer
) -> None:
    """Neither in the mail, nor in the log, nor in what is returned."""
    clock.set(clock.now_ns() + YEARS_NS)
    moved = shipping.advance(portal)
    (fob,) = drawer.fobs.values()
    with portal.db.write() as at:
        key = delivery.transport_key(portal, at)
    told = [
        *map(repr, moved),
        *map(repr, mailbox.messages(portal, doctor)),
        *map(repr, auditlog.entries(portal, limit=1_000)),
        repr(paid),
    ]

    for secret in (fob.secret.reveal().hex(), key.hex(), repr(fob.secret.reveal()), repr(key)):
        assert [] == [text for text in told if secret in text]


def test_two_processes_deliver_once(url: str, clock: ServerClock) -> None:
    """Each with several threads, all of which ask at once."""
    drawers = PlainDrawer(), PlainDrawer()
    with (
        open_portal(url, clock=clock, hashing=CHEAP, drawer=drawers[0]) as one,
        open_portal(url, clock=clock, hashing=CHEAP, drawer=drawers[1]) as two,
        ThreadPoolExecutor(8) as pool,
    ):
        doctor = sessions.log_in(one, "dr.adams", "practice-doctor")[1]
        for number in range(3):
            order = orders.place(one, doctor, Destination.HOME, f"form-{number:04}")
            payments.pay(one, doctor, order.id, "approved", "office@example.com", "62704")
        clock.set(clock.now_ns() + YEARS_NS)
        start = Barrier(8)

        def ask(number: int) -> tuple[Order, ...]:
            start.wait()
            return shipping.advance((one, two)[number % 2])

        moved = [order.id for orders_ in pool.map(ask, range(8)) for order in orders_]

        assert [1, 2, 3] == sorted(moved)
        serials = {order.serial for order in orders.of(one, doctor)}
        assert 3 == len(serials & {record.serial for record in one.tokens.list()})
        assert serials == {*drawers[0].fobs, *drawers[1].fobs}
        parcels = [m for m in mailbox.messages(one, doctor) if m.kind is MailKind.PARCEL]
        assert 3 == len(parcels)


def test_a_fob_is_unpacked_once(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock
) -> None:
    """By whoever ordered it, when it has arrived; then its parcel is empty, and the log tells."""
    assert Why.CONFLICT is why(lambda: shipping.unpack(portal, doctor, paid.id))
    assert paid.arrives_ns is not None
    clock.set(paid.arrives_ns)
    _, again = sessions.log_in(portal, "dr.adams", "practice-doctor")
    _, other = sessions.log_in(portal, "dr.baker", "practice-doctor")
    assert Why.NOT_FOUND is why(lambda: shipping.unpack(portal, other, paid.id))

    record = shipping.unpack(portal, again, paid.id)
    assert portal.tokens.get(record.serial) == record
    assert Why.CONFLICT is why(lambda: shipping.unpack(portal, again, paid.id))
    (told,) = [e for e in auditlog.entries(portal) if e.act == "fob taken out"]
    assert {"serial": record.serial} == told.told()


def test_a_fob_on_the_bench_is_not_unpacked(
    portal: Portal, doctor: Session, paid: Order, clock: ServerClock, drawer: PlainDrawer
) -> None:
    """There is one of it; and outside of practice nobody gets a secret."""
    assert paid.arrives_ns is not None
    clock.set(paid.arrives_ns)
    assert Why.CONFLICT is why(lambda: shipping.unpack(portal, doctor, paid.id))
    assert 1 == len(drawer.fobs)
    portal.practice = False
    assert Why.NOT_ALLOWED is why(lambda: shipping.unpack(portal, doctor, paid.id))
