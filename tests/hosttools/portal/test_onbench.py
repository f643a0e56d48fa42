"""A bench beside the portal: its clock, its drawer, and the gauge's other side."""

from collections.abc import Iterator

import pytest

from emulator.annotations import Note, ServerPlaced, Submitted
from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from emulator.runner import Runner
from firmware_model.nvm import Config
from firmware_model.profile import SECOND
from hosttools.hand import BenchHand
from hosttools.hand.opening import sample_config
from hosttools.portal.onbench import NAME, BesideBench
from hosttools.refserver import Policy, Record, Store

START_NS = parse_utc("2026-01-05T08:00:00Z")
SERIAL = "GALH12345678"


@pytest.fixture
def runner() -> Iterator[Runner]:
    """Return a bench with nothing on it, which lives."""
    with Runner(lambda: Bench(VirtualClock(START_NS))) as runner:
        yield runner


@pytest.fixture
def store() -> Iterator[Store]:
    """Return a server that waits for a token to be added."""
    with Store(":memory:") as store:
        store.enrol(Record.of_token(sample_config(SERIAL)), START_NS)
        yield store


@pytest.fixture
def beside(runner: Runner, store: Store) -> BesideBench:
    """Return the bench as the portal has it, with the token on it."""
    beside = BesideBench(runner)
    beside.put(sample_config(SERIAL), "handed out")
    beside.follow(store)
    return beside


def _next(runner: Runner) -> int | None:
    view = runner.call(lambda: runner.bench.server_view(SERIAL))
    return None if view is None else view.next_counter


def _pair(runner: Runner) -> tuple[str, str]:
    first, second = BenchHand(runner, SERIAL).press_many(2)
    assert first.code is not None
    assert second.code is not None
    return first.code, second.code


def test_one_clock(runner: Runner, beside: BesideBench) -> None:
    """The portal's time is the bench's."""
    runner.call(lambda: runner.bench.advance(86_400 * SECOND))

    assert START_NS + 86_400 * SECOND == beside.now_ns()


def test_gauge_follows(runner: Runner, store: Store, beside: BesideBench) -> None:
    """The bench knows what is believed of its token, from the start and after each act."""
    assert 0 == _next(runner)
    store.sync(SERIAL, *_pair(runner), beside.now_ns())

    assert 2 == _next(runner)


def test_journal_has_what_was_said(runner: Runner, store: Store, beside: BesideBench) -> None:
    """What is kept of the token at the start, then each submission, so that it can be replayed."""
    store.sync(SERIAL, *_pair(runner), beside.now_ns())
    store.verify(SERIAL, "000000", beside.now_ns())
    records = runner.call(lambda: [*runner.bench.journal.since(0)])
    told = [r.event for r in records if isinstance(r.event, ServerPlaced | Submitted)]

    assert [ServerPlaced, Submitted, Submitted] == [type(event) for event in told]
    assert ["sync", "verify"] == [event.verb for event in told if isinstance(event, Submitted)]
    assert {NAME} == {event.server for event in told}


def test_operators_acts_are_told_by_what_is_kept(
    runner: Runner, store: Store, beside: BesideBench
) -> None:
    """What no holder does is no submission: the journal has the record anew."""
    store.revoke(SERIAL, beside.now_ns())
    records = runner.call(lambda: [*runner.bench.journal.since(0)])

    assert 2 == sum(isinstance(record.event, ServerPlaced) for record in records)
    assert not any(isinstance(record.event, Submitted) for record in records)


def test_another_policy_moves_the_windows(
    runner: Runner, store: Store, beside: BesideBench
) -> None:
    """The gauge's windows are those of the policy in use."""
    store.policy = Policy(look_ahead=3, resync_window=30)
    view = runner.call(lambda: runner.bench.server_view(SERIAL))

    assert view is not None
    assert (3, 30) == (view.look_ahead, view.resync_window)
    assert START_NS == beside.now_ns()


def test_spare_lies_on_the_bench(runner: Runner, store: Store, beside: BesideBench) -> None:
    """A spare appears once, with where it came from, and the gauge knows it."""
    spare: Config = sample_config("GALH00000042")
    store.enrol(Record.of_token(spare), START_NS)
    for _ in range(2):
        beside.put(spare, "from the post")
    records = runner.call(lambda: [*runner.bench.journal.since(0)])

    notes = [r.event.text for r in records if isinstance(r.event, Note)]
    assert ["handed out", "from the post"] == notes
    assert runner.call(lambda: runner.bench.server_view(spare.serial)) is not None


def test_tokens_elsewhere_do_not_matter(runner: Runner, store: Store, beside: BesideBench) -> None:
    """What is said to a token that is not on the bench is not told there."""
    other = sample_config("GALH00000042")
    store.enrol(Record.of_token(other), beside.now_ns())

    assert (SERIAL,) == tuple(runner.call(runner.bench.serials))
