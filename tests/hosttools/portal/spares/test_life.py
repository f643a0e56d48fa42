"""Where an order's life leads, whatever is done to it in whatever order."""

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hosttools.portal import Refusal, Why, open_portal, sessions
from hosttools.portal.draws import SeededDraws
from hosttools.portal.passwords import CHEAP
from hosttools.portal.spares import mailbox, orders, payments, shipping
from hosttools.portal.spares.book import Destination
from hosttools.portal.spares.life import PAID_FOR, TABLE, OrderAct, OrderStatus
from hosttools.portal.spares.payments import Card
from hosttools.portal.spares.post import MailKind
from hosttools.refserver.http.clock import ServerClock
from tests.hosttools.portal.conftest import START_NS
from tests.hosttools.portal.spares.conftest import PlainDrawer, why

HOUR_NS = 3_600 * 10**9


def test_every_status_has_its_row() -> None:
    """No status is forgotten, and each can be reached."""
    assert {None, *OrderStatus} == set(TABLE)
    assert set(OrderStatus) == {to for leads in TABLE.values() for to in leads.values()}


def test_every_act_leads_somewhere() -> None:
    """No act is there for nothing."""
    assert set(OrderAct) == {act for leads in TABLE.values() for act in leads}


def test_what_is_on_its_way_is_not_cancelled() -> None:
    """Nor is what is at its end, or never began."""
    assert {OrderStatus.PLACED, OrderStatus.DECLINED, OrderStatus.PAID} == {
        status for status, leads in TABLE.items() if OrderAct.CANCEL in leads
    }


def test_nothing_is_paid_for_twice() -> None:
    """No way leads from a status where money was taken to a payment."""
    reached = set(PAID_FOR)
    for _ in TABLE:
        reached |= {to for status in reached for to in TABLE[status].values()}
    assert [] == [status for status in reached if OrderAct.PAY in TABLE[status]]


class Orders(RuleBasedStateMachine):
    """A doctor who does anything with an order, while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.drawer = ServerClock(START_NS), PlainDrawer()
        self.portal = open_portal(
            clock=self.clock, draws=SeededDraws(1), hashing=CHEAP, drawer=self.drawer
        )
        self.doctor = sessions.log_in(self.portal, "dr.adams", "practice-doctor")[1]
        self.passed: list[OrderStatus] = []
        self.taken = 0

    def teardown(self) -> None:
        """Let go of the database."""
        self.portal.close()

    @initialize(destination=st.sampled_from(Destination))
    def place(self, destination: Destination) -> None:
        """Begin with an order."""
        self.id = orders.place(self.portal, self.doctor, destination, "form-0001").id
        self._look()

    @rule(card=st.sampled_from(Card))
    def pay(self, card: Card) -> None:
        """Pay by any card."""
        before = self.passed[-1]
        refused = why(
            lambda: payments.pay(
                self.portal, self.doctor, self.id, card.value, "office@example.com", "62704"
            )
        )
        if refused is None:
            assert before in PAID_FOR or card is Card.APPROVED
            self.taken += before not in PAID_FOR
        else:
            assert refused is (Why.CONFLICT if before is OrderStatus.CANCELLED else Why.DECLINED)
        self._look()

    @rule()
    def cancel(self) -> None:
        """Cancel it."""
        possible = {OrderStatus.CANCELLED, *_cancellable()}
        before = self.passed[-1]
        refused = why(lambda: orders.cancel(self.portal, self.doctor, self.id))
        assert refused is (None if before in possible else Why.CONFLICT)
        self._look()

    @rule(hours=st.integers(0, 60))
    def time_passes(self, hours: int) -> None:
        """Let the portal's clock go on."""
        self.clock.set(self.clock.now_ns() + hours * HOUR_NS)
        shipping.advance(self.portal)
        self._look()

    @invariant()
    def moves_along_the_table(self) -> None:
        """Each status leads to the next by the table; a long time makes two moves at once."""
        for before, after in itertools.pairwise(self.passed):
            next_ones = set(TABLE[before].values())
            assert after in {before, *next_ones, *(t for n in next_ones for t in TABLE[n].values())}

    @invariant()
    def money_is_taken_once(self) -> None:
        """At most, and there is a receipt if and only if it was."""
        assert self.taken <= 1
        try:
            receipt = payments.receipt(self.portal, self.doctor, self.id)
        except Refusal:
            assert 0 == self.taken
        else:
            assert 1 == self.taken
            cancelled = self.passed[-1] is OrderStatus.CANCELLED
            assert cancelled == (receipt.refunded_ns is not None)

    @invariant()
    def a_fob_comes_with_the_parcel(self) -> None:
        """Exactly one, which is the doctor's and in one parcel."""
        delivered = self.passed[-1:] == [OrderStatus.DELIVERED]
        came = mailbox.messages(self.portal, self.doctor)
        parcels = [mail for mail in came if mail.kind is MailKind.PARCEL]
        assert int(delivered) == len(self.drawer.fobs) == len(parcels)
        for serial in self.drawer.fobs:
            assert "dr.adams" == self.portal.tokens.get(serial).holder

    def _look(self) -> None:
        self.passed.append(orders.find(self.portal, self.doctor, self.id).status)


def _cancellable() -> set[OrderStatus]:
    return {s for s, leads in TABLE.items() if s is not None and OrderAct.CANCEL in leads}


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
