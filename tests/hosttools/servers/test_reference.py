"""What is special of the reference server's adapters, beyond the contract."""

import pytest

from hosttools.refserver import Kind, Policy, Status, Store
from hosttools.servers import Outcome, ServerError
from hosttools.servers.reference import ReferenceServer, outcome_of
from tests.hosttools.servers.fob import EVENT, START_NS, TIMED, Fob


@pytest.mark.parametrize("kind", Kind)
def test_only_what_was_done_is_accepted(kind: Kind) -> None:
    """A kind of verdict that is new is refused until somebody says what it lets on."""
    done = {Kind.ACCEPTED, Kind.ACTIVE, Kind.RESYNCED}
    assert (kind in done) is (outcome_of(kind) is Outcome.ACCEPTED)


def test_tells_a_replay_and_a_lock() -> None:
    """What the server lets on is told as it is."""
    with ReferenceServer(policy=Policy(lock_after=1)) as server:
        fob = Fob(server)
        code = fob.press()
        server.verify(fob.serial, code)
        outcomes = [server.verify(fob.serial, typed).outcome for typed in (code, *fob.wrong(1))]
        outcomes.append(server.verify(fob.serial, fob.press()).outcome)

    assert [Outcome.REPLAYED, Outcome.REFUSED, Outcome.LOCKED] == outcomes


def test_works_on_a_store_of_somebody_else() -> None:
    """Its tokens are that store's, and it is left open."""
    with Store(":memory:") as store:
        with ReferenceServer(store, name="staging") as server:
            Fob(server)
            assert "staging" == server.view(EVENT.serial).name

        record = store.get(EVENT.serial)
        assert (Status.ACTIVE, "mallory") == (record.status, record.holder)


def test_takes_its_time_from_the_clock_given() -> None:
    """Until it is told to stand still somewhere."""
    with ReferenceServer(clock=lambda: START_NS - 10**15) as server:
        server.enrol(TIMED)
        codes = "123456", "654321"
        server.sync(TIMED.serial, *codes)
        [_, before] = server._store.audit()
        server.set_clock(START_NS)
        server.sync(TIMED.serial, *codes)
        [_, _, after] = server._store.audit()

    assert [START_NS - 10**15, START_NS] == [before.at_ns, after.at_ns]


def test_an_unknown_token_is_an_error() -> None:
    """It was never enrolled: that is a mistake of the test, and no refusal."""
    with ReferenceServer() as server, pytest.raises(ServerError, match="no token"):
        server.verify("GALH99999999", "123456")


def test_a_revoked_token_can_not_be_unlocked() -> None:
    """Unlocking has no answer, so it says so by an error."""
    with Store(":memory:") as store, ReferenceServer(store) as server:
        server.enrol(EVENT)
        store.revoke(EVENT.serial, 0)
        with pytest.raises(ServerError, match="revoked"):
            server.unlock(EVENT.serial)
