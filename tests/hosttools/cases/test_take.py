"""Taking a case of a bench, or of stored tokens."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.annotations import Placed
from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.errors import UsageError
from emulator.faults.engine import arm
from emulator.faults.spec import FaultPlan
from emulator.journal import Journal
from emulator.journallog import JournalLog
from emulator.statedir import StateDir
from firmware_model.nvm import configure
from firmware_model.oath import Key, Secret, hotp
from firmware_model.products import GALH
from firmware_model.profile import SECOND
from hosttools.cases import Case, replay, save, take, take_stored
from hosttools.refserver import Store
from tests.hosttools.cases.scene import EVENT, SECRETS, START_NS, TIME, Scene


def test_header(busy: Scene) -> None:
    """A case says what it is about, where its chance came from, and what was still armed."""
    arm(busy.bench, FaultPlan(seed=5))
    case = take(busy.bench, [EVENT], title="two\nlines", note="a note", seed=7)
    assert ("two lines", "a note") == (case.title, case.note)
    assert {"all": "7", "faults": "5"} == case.seeds
    assert (EVENT,) == case.serials
    assert busy.bench.digest(EVENT) == case.tokens[0].digest


def test_serials_stay(scene: Scene) -> None:
    """What looks like a code is blotted out of a title, but for serial numbers."""
    case = take(scene.bench, title=f"{EVENT} refused 755224, then x287082y")
    assert f"{EVENT} refused ******, then x******y" == case.title


def test_seed_that_no_file_holds(scene: Scene) -> None:
    """A seed that could not be read back is refused."""
    with pytest.raises(UsageError, match="seed 'all'"):
        take(scene.bench, seed="a\nb")


def test_takes_nothing_away(busy: Scene) -> None:
    """The bench is as it was before."""
    head, digest = busy.bench.journal.head, busy.bench.digest(EVENT)
    take(busy.bench)
    assert (head, digest) == (busy.bench.journal.head, busy.bench.digest(EVENT))


def test_no_secrets_and_no_codes(busy: Scene, tmp_path: Path) -> None:
    """Neither a secret, however it is written, nor any code near is in the file."""
    told = " ".join(busy.shown) + " " + " ".join(s.reveal().hex() for s in SECRETS.values())
    case = take(busy.bench, title=busy.shown[0], note=told, failure=f"expected\n{told}")
    path = tmp_path / "x.galh-case.json"
    save(path, case)
    text = path.read_text()
    for secret in SECRETS.values():
        raw = secret.reveal()
        forms = (raw.hex(), base64.b32encode(raw).decode(), base64.b64encode(raw).decode())
        for form in (*forms, raw.decode()):
            assert form.rstrip("=").lower() not in text.lower()
    # Among 16 hex digits of a digest any six may stand; a code would stand alone.
    codes = {hotp(Key(SECRETS[EVENT]), counter) for counter in range(40)} | set(busy.shown)
    assert [] == [code for code in codes if f'"{code}"' in text or f" {code}" in text]


def test_own_secrets(busy: Scene) -> None:
    """The explicit export has them, and says so."""
    case = take(busy.bench, own_secrets=True)
    assert case.own_secrets
    assert set(SECRETS.values()) == set(case.keys.values())
    assert replay(case).same


def test_draws_again(scene: Scene) -> None:
    """A made-up secret under which a verdict comes out otherwise is not taken."""
    key = Key(SECRETS[EVENT])
    scene.submit("verify", scene.code())
    for _ in range(30):
        scene.code()
    assert "out_of_sync" == scene.submit("verify", scene.shown[-1])
    # Under the first secret the code of counter 30 is that of one inside the window too.
    unlucky = _colliding(30, range(1, 12))
    drawn = iter((unlucky, bytes(20)))
    case = take(scene.bench, [EVENT], random=lambda _: next(drawn))
    assert {Secret(bytes(20))} == set(case.keys.values())
    assert replay(case).same
    assert key.key_id in case.keys


def _colliding(factor: int, window: range) -> bytes:
    """Return a secret under which a counter has the code of another one in a window."""
    for number in range(1_000_000):
        raw = number.to_bytes(20, "big")
        key = Key(Secret(raw))
        code = key.truncated(factor) % 10**6
        if any(key.truncated(other) % 10**6 == code for other in window):
            return raw
    raise AssertionError


def test_old_beginning_is_gone(take_it: Callable[..., Case]) -> None:
    """When the journal has forgotten the beginning, the case begins at a checkpoint."""
    scene = Scene()
    bench = scene.bench = Bench(VirtualClock(START_NS), journal=Journal(200))
    bench.open(configure(EVENT, GALH, SECRETS[EVENT]))
    for _ in range(100):
        scene.code()
    case = take_it(scene)
    first = case.records[0].event
    assert isinstance(first, Placed)
    assert "checkpoint" == first.why
    assert replay(case).same


def test_since(busy: Scene) -> None:
    """A case may begin later: at the last start before a record."""
    case = take(busy.bench, [TIME], since=busy.bench.journal.head)
    assert case.records[0].sequence <= busy.bench.journal.head
    assert replay(case).same


def test_no_token() -> None:
    """A case of no token is refused."""
    with pytest.raises(UsageError, match="no token"):
        take(Bench(VirtualClock(START_NS)))


def test_asks_servers(busy: Scene) -> None:
    """A server that is handed in says what it keeps, and the key is that of the token."""
    with Store(":memory:") as store:
        store.add(busy.server.enrol(EVENT))
        case = take(busy.bench, servers={"a store": store})
    (end,) = case.servers
    assert ("a store", EVENT) == (end.server, end.serial)
    assert case.kept(end).record.secret != SECRETS[EVENT]
    assert case.kept(end).key_id == Key(SECRETS[EVENT]).key_id


def test_stored(tmp_path: Path) -> None:
    """A state directory's tokens, started twice, give a case; lives and boots replay."""
    for at_ns in (START_NS, START_NS + 3600 * SECOND):
        with StateDir(tmp_path / "state") as store:
            bench = Bench(VirtualClock(at_ns), store=store)
            if EVENT in store:
                bench.load(EVENT)
            else:
                bench.open(configure(EVENT, GALH, SECRETS[EVENT]))
            bench.press(EVENT)
            bench.close()
    with StateDir(tmp_path / "state") as store:
        log = JournalLog(store.path / "journal")
        case = take_stored(Journal(log=log), [store.load(EVENT).config])
        log.close()
    done = replay(case)
    assert done.same
    assert 2 == len(done.outcome.lives[EVENT])
    assert 2 == done.outcome.lives[EVENT][-1].state.counter
