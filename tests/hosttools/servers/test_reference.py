"""What is special of the reference server's adapters, beyond the contract."""

import contextlib
import json
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.refserver import Kind, Policy, Status, Store
from hosttools.refserver.http.desk import ServerDesk
from hosttools.servers import Can, NotOfferedError, Outcome, ServerError
from hosttools.servers.reference import HttpReferenceServer, ReferenceServer, outcome_of
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


# Over HTTP.

Serve = Callable[[ServerDesk], str]
URL = "http://127.0.0.1:9"


def test_a_real_clock_is_not_offered(serve: Serve) -> None:
    """Of a server that judges by its host's clock."""
    with Store(":memory:") as store:
        url = serve(ServerDesk(store=store))
        with HttpReferenceServer(url) as server, pytest.raises(NotOfferedError, match="clock"):
            server.set_clock(START_NS)

        assert frozenset(Can) - {Can.CLOCK, Can.PROCEDURE} == server.can


def test_tells_its_holder(serve: Serve) -> None:
    """Whose a token is, and where it starts, come with the enrolment."""
    with Store(":memory:") as store:
        with HttpReferenceServer(serve(ServerDesk(store=store))) as server:
            server.enrol(EVENT)
        record = store.get(EVENT.serial)

    assert (EVENT.user, EVENT.secret, Status.ASSIGNED) == (
        record.holder, record.secret, record.status,
    )  # fmt: skip


def test_shows_its_bearer_token(serve: Serve) -> None:
    """Without it, nobody gets in."""
    with Store(":memory:") as store:
        url = serve(ServerDesk(store=store, bearer="s3cret"))
        with HttpReferenceServer(url, bearer="s3cret") as server:
            Fob(server)
        with pytest.raises(ServerError, match="bearer token is needed"):
            HttpReferenceServer(url)


def test_refusals_of_an_operators_act_are_errors(reference_url: str) -> None:
    """Unlocking what is not there has no answer."""
    with HttpReferenceServer(reference_url) as server, pytest.raises(ServerError, match="no token"):
        server.unlock("GALH99999999")


def test_a_serial_that_can_not_be_is_an_error(reference_url: str) -> None:
    """It gets into no path."""
    with HttpReferenceServer(reference_url) as server, pytest.raises(ServerError, match="serial"):
        server.verify("../clock", "123456")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://user:pass@127.0.0.1", "nothing"])
def test_an_address_that_is_none(url: str) -> None:
    """Says what one looks like, and shows no password."""
    with pytest.raises(ServerError, match="galh server --http prints it") as caught:
        HttpReferenceServer(url)

    assert "pass@" not in str(caught.value)


def test_nobody_is_there() -> None:
    """A connection that is refused is an error with the address."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ServerError, match=URL):
        HttpReferenceServer(URL, transport=httpx.MockTransport(refuse), delays_s=())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ANSWERS = st.builds(
    lambda status, value: (status, json.dumps(value).encode()),
    st.sampled_from((200, 204, 400, 404, 409, 429, 500)),
    JSON
    | st.fixed_dictionaries(
        {"accepted": JSON, "kind": JSON | st.sampled_from([k.value for k in Kind])},
        optional={"message": JSON, "view": JSON, "detail": JSON, "type": JSON},
    ),
) | st.tuples(st.integers(200, 599), st.binary())


@given(answer=ANSWERS)
def test_trusts_nothing_that_comes_back(answer: tuple[int, bytes]) -> None:
    """Whatever a server answers: it makes sense, or it is an error of the seam."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/clock"):
            return httpx.Response(200, json={"mode": "manual"})
        return httpx.Response(answer[0], content=answer[1])

    with HttpReferenceServer(URL, transport=httpx.MockTransport(reply)) as server:
        for ask in (
            lambda: server.verify(EVENT.serial, "123456"),
            lambda: server.view(EVENT.serial),
            lambda: server.enrol(EVENT),
            lambda: server.set_clock(START_NS),
        ):
            with contextlib.suppress(ServerError):
                ask()


@given(answer=ANSWERS)
def test_knows_what_is_no_reference_server(answer: tuple[int, bytes]) -> None:
    """Before it is asked anything."""
    transport = httpx.MockTransport(lambda _: httpx.Response(answer[0], content=answer[1]))
    with contextlib.suppress(ServerError):
        HttpReferenceServer(URL, transport=transport).close()
