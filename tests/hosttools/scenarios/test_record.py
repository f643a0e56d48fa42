"""Recording: what was done becomes a scenario that does it again."""

from collections.abc import Iterator

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.journalform import to_mapping
from firmware_model.profile import SECOND
from hosttools.attached import AttachedReference
from hosttools.benchanswers import Event, read_event
from hosttools.errors import UsageError
from hosttools.hand.opening import sample_config
from hosttools.scenarios import Status, read_scenario, run, write_scenario
from hosttools.scenarios.model import START_NS
from hosttools.scenarios.record import Recorded, recorded

SERIAL = "GALH00004226"


class Session:
    """Somebody at a bench with a server attached."""

    def __init__(self, serial: str = SERIAL) -> None:
        self.bench = Bench(VirtualClock(START_NS))
        self.bench.open(sample_config(serial))
        self.server = AttachedReference(self.bench)
        self.serial = serial

    def press(self) -> str:
        """Wait until it is dark, press, and return the code."""
        self.bench.wait(self.serial, lit=False, timeout_ns=100 * SECOND)
        code = self.bench.press(self.serial).result.code
        assert code is not None
        return code

    def submit(self, *codes: str) -> None:
        """Submit one code, or the resync form."""
        self.server.submit(self.serial, "resync" if codes[1:] else "verify", list(codes))

    def events(self) -> list[Event]:
        """Return what the journal tells."""
        return [read_event(to_mapping(record)) for record in self.bench.journal.since(0)]

    def recorded(self) -> Recorded:
        """Make a scenario of it."""
        return recorded(self.events())


@pytest.fixture
def session() -> Iterator[Session]:
    """Return a session."""
    made = Session()
    yield made
    made.bench.close()


def replayed(made: Recorded) -> list[str]:
    """Write, read and play what was recorded; return the server's verdicts."""
    result = run(read_scenario(write_scenario(made.scenario)))
    assert (Status.PASSED, "") == (result.status, result.reason)
    return [step.kind for step in result.steps if step.do in {"submit", "resync"}]


def test_story(session: Session) -> None:
    """A story of a token that is pressed too often ends as it did."""
    first = session.press()
    session.submit(first)
    session.submit(first)
    for _ in range(15):
        last = session.press()
    session.submit(last)
    session.submit(session.press(), session.press())
    session.submit(session.press())
    made = session.recorded()
    assert () == made.left_out
    assert ["accepted", "replayed", "out_of_sync", "resynced", "accepted"] == replayed(made)


def test_times(session: Session) -> None:
    """Waits are as long as they were, and holds too."""
    session.bench.press(SERIAL, SECOND)
    session.bench.advance(3_600 * SECOND)
    session.press()
    lines = write_scenario(session.recorded().scenario)
    assert "hold_s = 1\n" in lines
    result = run(session.recorded().scenario)
    again = [step.moment.at_ns for step in result.steps if step.do == "press" and step.moment]
    lit = [e.at_ns for e in session.events() if e.kind == "edge" and not e.data["closed"]]
    assert all(0 <= at - up <= SECOND // 10 for at, up in zip(again, lit, strict=True))


def test_refused_press(session: Session) -> None:
    """A press that was refused is refused again."""
    session.press()
    assert "lit" == session.bench.press(SERIAL).result.refused
    session.submit(session.press())
    assert ["accepted"] == replayed(session.recorded())


def test_unknown_code(session: Session) -> None:
    """A code that the server did not know is a wrong one again, and that is told."""
    session.submit(session.press())
    session.submit("000000")
    made = session.recorded()
    assert ["accepted", "invalid"] == replayed(made)
    assert "guessed" in made.scenario.steps[-1].note


def test_ahead_from_the_start() -> None:
    """A token that was out of step when the journal begins is so again."""
    session = Session()
    for _ in range(30):
        session.press()
    since = session.bench.journal.visible
    session.bench.set_server_view(SERIAL, session.bench.server_view(SERIAL))  # type: ignore[arg-type]  # a server is attached
    session.submit(session.press())
    kept = [event for event in session.events() if event.sequence > since]
    placed = Event(0, SERIAL, "placed", kept[0].at_ns, "", {"counter": 30})
    assert ["out_of_sync"] == replayed(recorded([placed, *kept]))
    session.bench.close()


def test_time_token() -> None:
    """A time token's codes are named by the step that they are of."""
    session = Session("GALT00000042")
    session.bench.advance(60 * SECOND)
    code = session.press()
    session.submit(code)
    session.submit(code)
    assert ["accepted", "replayed"] == replayed(session.recorded())
    session.bench.close()


def test_left_out(session: Session) -> None:
    """What has no step is told."""
    session.press()
    session.bench.reset(SERIAL)
    assert ("supply_dip of GALH00004226 (1 times)",) == session.recorded().left_out


def test_nothing() -> None:
    """A journal of nothing makes no scenario."""
    with pytest.raises(UsageError, match="tells of nothing"):
        recorded([])


def test_no_secret(session: Session) -> None:
    """Neither digits nor secrets are in a recorded scenario."""
    session.submit(session.press())
    text = write_scenario(session.recorded().scenario)
    assert "755224" not in text
    assert "31323334" not in text
    assert "sample" not in text
