"""The reference server attached to a bench."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from emulator.annotations import ServerPlaced, ServerSeen, Submitted
from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.errors import ConflictError, StateError, UsageError
from emulator.http.app import make_app
from emulator.http.desk import Desk
from emulator.journal import Journal
from emulator.serverview import ServerView
from firmware_model.nvm import Config, configure
from firmware_model.oath import Secret
from firmware_model.physics import new_physics
from firmware_model.products import GALH
from firmware_model.profile import SECOND
from hosttools.attached import AttachedReference, as_bench_errors
from hosttools.errors import BusyError, HostError
from hosttools.keptrecord import read_kept
from hosttools.manufacture import config_of
from hosttools.recipes import NotApplicable
from hosttools.refserver import Kind, Policy, Record, Status, Store
from hosttools.refserver.view import DEFAULT_NAME
from hosttools.seedfiles import read_seeds, sample

EVENT, TIME = "GALH12345678", "GALT00000042"
START_NS = parse_utc("2026-01-05T08:00:00Z")
CONFIGS = {record.serial: config_of(record) for record in read_seeds(sample("ward.csv"))}
MakeBench = Callable[..., Bench]


@pytest.fixture
def make_bench() -> MakeBench:
    """Return a function that puts sample tokens on a bench with a manual clock."""

    def make(*serials: str) -> Bench:
        bench = Bench(VirtualClock(START_NS))
        for serial in serials:
            bench.open(CONFIGS[serial])
        return bench

    return make


@pytest.fixture
def store() -> Iterator[Store]:
    """Return an empty server."""
    with Store(":memory:") as made:
        yield made


def _code(bench: Bench, serial: str = EVENT) -> str:
    bench.wait(serial, lit=False, timeout_ns=120 * SECOND)
    code = bench.press(serial).result.code
    assert code is not None
    return code


def _told(bench: Bench, kind: type[Submitted] | type[ServerSeen]) -> list[Submitted | ServerSeen]:
    return [r.event for r in bench.journal.since(0) if isinstance(r.event, kind)]


def test_starts_in_step(make_bench: MakeBench) -> None:
    """A token that was pressed before is known with its present counter, as active."""
    bench = make_bench(EVENT)
    for _ in range(3):
        _code(bench)
    server = AttachedReference(bench)
    view = bench.server_view(EVENT)

    assert view == ServerView(
        name=DEFAULT_NAME, next_counter=3, look_ahead=10, resync_window=1000, locked=False
    )
    assert server.submit(EVENT, "verify", [_code(bench)])["accepted"]


def test_time_token_starts_in_step() -> None:
    """The server knows from the first day by how many steps a clock is off."""
    config, bench = CONFIGS[TIME], Bench(VirtualClock(START_NS))
    bench.open(config, physics=new_physics(config.profile, START_NS, offset_ns=125 * SECOND))
    server = AttachedReference(bench)
    view = bench.server_view(TIME)

    assert view is not None
    assert (4, None, 1, 120) == (
        view.step_offset,
        view.next_counter,
        view.look_ahead,
        view.resync_window,
    )
    assert server.submit(TIME, "verify", [_code(bench, TIME)])["accepted"]


def test_tokens_to_be_added(make_bench: MakeBench) -> None:
    """If wanted, a token waits to be added with two codes."""
    bench = make_bench(EVENT)
    server = AttachedReference(bench, active=False)
    first, second = _code(bench), _code(bench)

    assert "not_active" == server.submit(EVENT, "verify", [first])["kind"]
    assert {"accepted": True, "kind": "active", "message": "Token Status: Active"} == server.submit(
        EVENT, "sync", [first, second]
    )


def test_submission_is_told(make_bench: MakeBench) -> None:
    """The journal tells verb, operator's reason and counter, with bench time and no digits."""
    bench = make_bench(EVENT)
    server = AttachedReference(bench)
    code = _code(bench)
    with bench.acting("http 127.0.0.1"):
        server.submit(EVENT, "verify", [code])
    (told,) = _told(bench, Submitted)

    said = "accepted at counter 0 (server was at 0)"
    assert told == Submitted(
        bench.now_ns(), DEFAULT_NAME, "verify", True, said, 0, verdict="accepted"
    )
    assert ["http 127.0.0.1"] == [
        r.by for r in bench.journal.since(0) if isinstance(r.event, Submitted)
    ]
    assert code not in repr(list(bench.journal.since(0)))


def test_keeps_is_told(make_bench: MakeBench, store: Store) -> None:
    """The journal tells all that the server keeps, and again only if somebody else changed it."""
    bench = make_bench(EVENT)
    server = AttachedReference(bench, store=store)
    server.submit(EVENT, "verify", [_code(bench)])
    server.submit(EVENT, "verify", ["000000"])
    (first,) = _placed(bench)
    store.revoke(EVENT, START_NS)
    server.submit(EVENT, "verify", [_code(bench)])
    (_, second) = _placed(bench)

    read = [read_kept(placed.kept, CONFIGS[EVENT].secret) for placed in (first, second)]
    assert [(Status.ACTIVE, 0, 0), (Status.REVOKED, 1, 1)] == [
        (kept.record.status, kept.record.next_factor, kept.record.failures) for kept in read
    ]
    assert store.policy == read[0].policy


def test_keeps_is_told_before_it_is_forgotten() -> None:
    """A journal that forgets old records still says where the server was."""
    bench = Bench(VirtualClock(START_NS), journal=Journal(20))
    bench.open(CONFIGS[EVENT])
    server = AttachedReference(bench)
    for _ in range(20):
        server.submit(EVENT, "verify", [_code(bench)])
        assert _placed(bench)


def _placed(bench: Bench) -> list[ServerPlaced]:
    return [r.event for r in bench.journal.since(0) if isinstance(r.event, ServerPlaced)]


def test_view_follows(make_bench: MakeBench) -> None:
    """After each act the bench knows what the server believes."""
    bench = make_bench(EVENT)
    server = AttachedReference(bench)
    server.submit(EVENT, "verify", [_code(bench)])
    seen = [event.view.next_counter for event in _told(bench, ServerSeen)]  # type: ignore[union-attr]  # chosen above

    assert [0, 1] == seen


def test_holder_reads_what_holders_read(make_bench: MakeBench) -> None:
    """The answer has the verdict's kind and the user's text, not the operator's."""
    bench = make_bench(EVENT)
    server = AttachedReference(bench)
    for _ in range(37):
        _code(bench)
    answer = server.submit(EVENT, "verify", [_code(bench)])

    assert (False, "out_of_sync") == (answer["accepted"], answer["kind"])
    assert "37" not in answer["message"]


def test_lock_and_unlock(make_bench: MakeBench) -> None:
    """A token that is locked by refusals is shown as locked until it is unlocked."""
    bench = make_bench(EVENT)
    with Store(":memory:", Policy(lock_after=1)) as strict:
        server = AttachedReference(bench, store=strict)
        server.submit(EVENT, "verify", ["000000"])
        locked = bench.server_view(EVENT)
        server.unlock(EVENT)
        unlocked = bench.server_view(EVENT)

    assert (True, False) == (locked and locked.locked, unlocked and unlocked.locked)
    assert ["verify", "unlock"] == [event.verb for event in _told(bench, Submitted)]  # type: ignore[union-attr]  # chosen above


def test_later_token(make_bench: MakeBench) -> None:
    """A token that comes later is known once it is asked for."""
    bench = make_bench()
    server = AttachedReference(bench)
    bench.open(CONFIGS[EVENT])

    assert not server.enrolled(EVENT)
    assert server.submit(EVENT, "verify", [_code(bench)])["kind"] == "replayed"
    assert server.enrolled(EVENT)
    assert server.submit(EVENT, "verify", [_code(bench)])["accepted"]


def test_kept_record_stays(make_bench: MakeBench, store: Store) -> None:
    """What the server knows already is not replaced."""
    store.add(replace(Record.of_token(CONFIGS[EVENT]), status=Status.ACTIVE, next_factor=7))
    bench = make_bench(EVENT)

    assert 7 == AttachedReference(bench, store=store).enrol(EVENT).next_factor


def test_another_secret(make_bench: MakeBench, store: Store) -> None:
    """A token of a known serial number and another secret is refused, and neither is shown."""
    other = configure(EVENT, GALH, Secret(b"another secret, longer"))
    store.add(Record.of_token(other))
    bench = make_bench(EVENT)
    with pytest.raises(ConflictError, match="another secret") as refused:
        AttachedReference(bench, store=store)

    assert other.secret.reveal().hex() not in str(refused.value)


@pytest.mark.parametrize(
    ("verb", "codes"),
    [("verify", []), ("verify", ["1", "2"]), ("resync", ["123456"]), ("revoke", ["123456"])],
)
def test_what_verbs_take(make_bench: MakeBench, verb: str, codes: list[str]) -> None:
    """Another verb, or another number of codes, says what is allowed and shows no code."""
    server = AttachedReference(make_bench(EVENT))
    with pytest.raises(UsageError, match=r"verify \(1\), sync \(2\), resync \(2\)") as refused:
        server.submit(EVENT, verb, codes)

    assert "123456" not in str(refused.value)


def test_unknown_token(make_bench: MakeBench) -> None:
    """A token that is not on the bench is not on the server."""
    server = AttachedReference(make_bench(EVENT))
    with pytest.raises(UsageError, match="no token"):
        server.submit(TIME, "verify", ["123456"])

    assert not server.enrolled(TIME)


def _record(config: Config, **changed: object) -> Record:
    return replace(Record.of_token(config), **changed)  # type: ignore[arg-type]  # as each test says


@pytest.mark.parametrize(
    ("raised", "wanted"),
    [
        (NotApplicable("x"), ConflictError),
        (HostError("x"), ConflictError),
        (BusyError("x"), "BusyError"),
    ],
)
def test_errors_of_the_host_side(raised: HostError, wanted: type[Exception] | str) -> None:
    """What the host's side refuses becomes an error that HTTP has a status for."""
    with pytest.raises(Exception, match="x") as found, as_bench_errors():
        raise raised

    name = wanted if isinstance(wanted, str) else wanted.__name__
    assert (name, "emulator.errors") == (found.type.__name__, found.type.__module__)


def test_closed_store(make_bench: MakeBench, store: Store) -> None:
    """A store that is gone is an error of the bench's, not of SQLite."""
    server = AttachedReference(make_bench(EVENT), store=store)
    store.close()
    with pytest.raises((UsageError, StateError), match="open it again"):
        server.submit(EVENT, "verify", ["123456"])


def test_kinds_are_the_servers(make_bench: MakeBench) -> None:
    """The kind in an answer is a value of the reference server's own enum."""
    server = AttachedReference(make_bench(EVENT))

    assert Kind.MALFORMED == Kind(server.submit(EVENT, "verify", ["12"])["kind"])


@pytest.mark.anyio
async def test_a_token_that_is_made_over_http_is_known() -> None:
    """A new token, and a fork, can be compared with the server at once."""
    bench = Bench(VirtualClock(START_NS))
    bench.open(CONFIGS[EVENT])
    desk = Desk(bench=bench, server=AttachedReference(bench))
    transport = httpx.ASGITransport(make_app(desk))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        made = await client.post("/api/v1/tokens", json={"serial": "GALH00000777"})
        fork = await client.post(f"/api/v1/tokens/{EVENT}/fork", json={})
    assert (201, 201) == (made.status_code, fork.status_code)
    assert 0 == made.json()["server"]["next_counter"] == fork.json()["server"]["next_counter"]


def test_what_a_kept_server_believes_is_told_at_once(tmp_path: Path) -> None:
    """A bench that hears of a server for the first time learns where it is."""
    with Store(tmp_path / "s.sqlite") as store:
        store.add(replace(Record.of_token(CONFIGS[EVENT]), status=Status.ACTIVE, next_factor=7))
        bench = Bench(VirtualClock(START_NS))
        bench.open(CONFIGS[EVENT])
        AttachedReference(bench, store=store)
        view = bench.server_view(EVENT)
    assert view is not None
    assert 7 == view.next_counter
