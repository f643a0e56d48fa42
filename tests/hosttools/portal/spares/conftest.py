"""A doctor who orders, a drawer that fobs lie in, and how an order is paid for."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from firmware_model.nvm import Config
from hosttools.errors import BusyError
from hosttools.portal import Portal, Refusal, Why, sessions
from hosttools.portal.sessions import Session
from hosttools.portal.spares import orders, payments
from hosttools.portal.spares.book import Destination, Order

if TYPE_CHECKING:
    from tests.hosttools.postgres import Cluster


def why(verb: Callable[[], object]) -> Why | None:
    """Return why a verb is refused; ``None``: it is not."""
    try:
        verb()
    except Refusal as e:
        return e.code
    return None


class PlainDrawer:
    """A drawer that remembers, and that can be stuck."""

    def __init__(self) -> None:
        self.fobs: dict[str, Config] = {}
        self.notes: list[str] = []
        self.stuck = False

    def put(self, config: Config, note: str) -> None:
        """Lay a fob in, once."""
        if self.stuck:
            raise BusyError("the drawer is stuck")
        if config.serial not in self.fobs:
            self.fobs[config.serial] = config
            self.notes.append(note)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where an empty database is that several processes can have at once."""
    if request.param == "sqlite":
        return str(tmp_path / "portal.db")
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.fresh()


@pytest.fixture
def drawer(portal: Portal) -> PlainDrawer:
    """Return the portal's drawer."""
    plain = PlainDrawer()
    portal.drawer = plain
    return plain


@pytest.fixture
def doctor(portal: Portal) -> Session:
    """Return the session of a doctor."""
    return sessions.log_in(portal, "dr.adams", "practice-doctor")[1]


@pytest.fixture
def other(portal: Portal) -> Session:
    """Return the session of another doctor."""
    return sessions.log_in(portal, "dr.baker", "practice-doctor")[1]


@pytest.fixture
def placed(portal: Portal, doctor: Session) -> Order:
    """Return an order that is to be paid."""
    return orders.place(portal, doctor, Destination.PRACTICE, "form-0001")


@pytest.fixture
def paid(portal: Portal, doctor: Session, placed: Order) -> Order:
    """Return an order that is to be shipped."""
    payments.pay(portal, doctor, placed.id, "approved", "office@example.com", "62704")
    return orders.find(portal, doctor, placed.id)
