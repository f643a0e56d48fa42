"""Tokens that are kept: seeds, lineages, and flash that fails."""

import os
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

from emulator.annotations import Note
from emulator.bench import Bench
from emulator.clock import RealClock, VirtualClock
from emulator.errors import ConflictError, StateError, UsageError
from emulator.flash import FileFlash
from emulator.results import PressResult
from emulator.serverview import ServerView
from emulator.slotfile import SlotFile
from emulator.statedir import StateDir
from emulator.testing import HandHost, pace
from firmware_model import GALH, GALT, Algorithm, Config, Secret, configure
from firmware_model.climate import steady
from firmware_model.nvm import SLOT_A, SLOT_SIZE
from firmware_model.oath import MAX_COUNTER
from firmware_model.profile import Profile
from firmware_model.profile_file import profile_from_mapping
from firmware_model.state import LAST_NS
from firmware_model.stimuli import Ambient, ClockJump, Lit, SetCounter

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
SECRET: Final = Secret(b"12345678901234567890")
CONFIG: Final = configure("GALH00004226", GALH, SECRET)
SERIAL: Final = CONFIG.serial


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the state directory is."""
    return tmp_path / "state"


def start(store: StateDir | None, config: Config = CONFIG) -> Bench:
    """Open a token on a manual clock."""
    now_ns = store.now_ns if store is not None else None
    bench = Bench(VirtualClock(now_ns or START_NS), store=store)
    bench.open(config)
    return bench


def images(path: Path) -> dict[str, bytes]:
    """Return the images of the token, by lineage."""
    return {file.stem: file.read_bytes() for file in (path / "tokens" / SERIAL).glob("*.nvm")}


# Seeds.


def test_a_seed_makes_a_token_once(path: Path) -> None:
    """A token that has state goes on from it, whatever counter its seed says."""
    with StateDir(path) as store:
        start(store).press(SERIAL)
    with StateDir(path) as store:
        seed = configure(SERIAL, GALH, SECRET, first_counter=77)
        assert start(store, seed).look(SERIAL).counter == 1


@pytest.mark.parametrize(
    ("seed", "what"),
    [
        (configure(SERIAL, GALH, Secret(b"another secret, 20 b")), "secret"),
        (configure(SERIAL, GALH, SECRET, digits=8), "digits"),
        (configure(SERIAL, GALH, SECRET, algorithm=Algorithm.SHA256), "algorithm"),
        (configure(SERIAL, GALH, SECRET, step_s=60), "time step"),
        (configure(SERIAL, GALH, SECRET, t0_s=1), "T0"),
        (configure(SERIAL, profile_from_mapping({"base": "GALH", "lit_ns": S}), SECRET), "profile"),
        (configure(SERIAL, GALT, SECRET), "profile"),
    ],
)
def test_a_seed_that_contradicts(path: Path, seed: Config, what: str) -> None:
    """A seed of another token is refused, and says in what; no secret is named."""
    with StateDir(path) as store:
        start(store).press(SERIAL)
    before = images(path)
    with StateDir(path) as store, pytest.raises(ConflictError, match=f"another {what}") as caught:
        start(store, seed)
    assert caught.value.exit_code == 2
    assert "another secret" not in str(caught.value).replace("another secret than", "")
    assert images(path) == before


def test_a_token_that_is_not_kept(path: Path) -> None:
    """Loading needs a token that is there."""
    with StateDir(path) as store, pytest.raises(UsageError, match="no token GALH00000001"):
        Bench(VirtualClock(START_NS), store=store).load("GALH00000001")
    with pytest.raises(UsageError, match="no token"):
        Bench(VirtualClock(START_NS)).load(SERIAL)


def test_its_profile_is_kept_with_it(path: Path) -> None:
    """A token of a profile that nobody has any more still behaves by it."""
    profile = profile_from_mapping({"base": "GALH", "name": "MINE", "press_while_lit": "new_code"})
    with StateDir(path) as store:
        start(store, configure(SERIAL, profile, SECRET))
    with StateDir(path) as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        bench.load(SERIAL)
        assert bench.profile(SERIAL) == profile
        assert [bench.press(SERIAL).result.factor for _ in range(2)] == [0, 1]


def test_power_on_is_dark(path: Path) -> None:
    """A token that was lit when its process ended starts dark, one counter on."""
    with StateDir(path) as store:
        start(store).press(SERIAL)
    with StateDir(path) as store:
        view = start(store).look(SERIAL)
        assert (view.lcd.text, view.mode, view.counter) == ("", "asleep", 1)


def test_a_damaged_slot_is_repaired_at_power_on(path: Path) -> None:
    """One broken slot costs a counter; the repair is durable before the token is there."""
    with StateDir(path) as store:
        start(store).press(SERIAL)
    image = images(path)["0001"]
    (path / "tokens" / SERIAL / "0001.nvm").write_bytes(image[:SLOT_A] + b"x" + image[SLOT_A + 1 :])
    with StateDir(path) as store:
        counter = start(store).look(SERIAL).counter
    repaired = images(path)["0001"]
    with StateDir(path) as store:
        again = start(store).look(SERIAL).counter
    assert counter is not None
    assert counter == again
    assert images(path)["0001"] == repaired


# Lineages.


def test_forward_is_the_same_lineage(path: Path) -> None:
    """Setting a counter forward uses up what lies between, in the same image."""
    with StateDir(path) as store:
        start(store).set_counter(SERIAL, 500)
    assert list(images(path)) == ["0001"]
    with StateDir(path) as store:
        assert start(store).press(SERIAL).result.factor == 500


def test_back_is_a_new_one(path: Path) -> None:
    """Setting a counter back leaves the image that says what was used untouched."""
    with StateDir(path) as store:
        bench = start(store)
        bench.set_counter(SERIAL, 500)
        before = images(path)["0001"]
        bench.set_counter(SERIAL, 3)
        assert bench.press(SERIAL).result.factor == 3
    assert sorted(images(path)) == ["0001", "0002"]
    assert images(path)["0001"] == before
    with StateDir(path) as store:
        assert start(store).press(SERIAL).result.factor == 4
    assert images(path)["0001"] == before


def test_a_new_lineage_has_the_same_clock(path: Path) -> None:
    """Time goes on in it as it did, and it is noted in the journal before it begins."""
    with StateDir(path) as store:
        bench = start(store)
        bench.press(SERIAL)
        bench.set_counter(SERIAL, 0)
        events = [record.event for record in bench.journal.since(0)]
    at = next(i for i, event in enumerate(events) if isinstance(event, SetCounter))
    note = events[at - 1]
    assert isinstance(note, Note)
    assert note.text == "a new lineage begins"


def test_out_of_error_is_a_new_one(path: Path) -> None:
    """A token whose memory is broken gets its counter in a new lineage."""
    with StateDir(path) as store:
        start(store)
    nvm = path / "tokens" / SERIAL / "0001.nvm"
    nvm.write_bytes(nvm.read_bytes()[:SLOT_A] + bytes(2 * SLOT_SIZE))
    before = images(path)["0001"]
    with StateDir(path) as store:
        bench = start(store)
        assert bench.look(SERIAL).counter is None
        bench.set_counter(SERIAL, 9)
        bench.advance(S)
        assert bench.press(SERIAL).result.factor == 9
    assert images(path)["0001"] == before


def test_back_without_a_store() -> None:
    """What is kept nowhere can be set back too."""
    bench = start(None)
    bench.set_counter(SERIAL, 5)
    bench.set_counter(SERIAL, 2)
    assert bench.press(SERIAL).result.factor == 2


def test_a_lineage_that_can_not_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the new lineage can't be made, the token goes on in the old one."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with StateDir(path) as store:
        bench = start(store)
        bench.set_counter(SERIAL, 5)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StateError, match="No space left"):
                bench.set_counter(SERIAL, 2)
        assert bench.press(SERIAL).result.factor == 5
    assert list(images(path)) == ["0001"]


@pytest.mark.parametrize("counter", [-1, MAX_COUNTER, 2**70])
def test_a_counter_out_of_range(counter: int) -> None:
    """No token has such a counter; nothing changes."""
    bench = start(None)
    with pytest.raises(UsageError, match="allowed are 0 to"):
        bench.set_counter(SERIAL, counter)
    assert bench.journal.head == 1


def test_what_has_no_counter_to_set() -> None:
    """A time token has none, and one that is busy takes none."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open(CONFIG)
    bench.open(configure("GALT00006238", GALT, SECRET))
    with pytest.raises(UsageError, match="time token"):
        bench.set_counter("GALT00006238", 1)
    bench.press(SERIAL)
    pace(bench, host, 25_000_000)
    with pytest.raises(UsageError, match="busy"):
        bench.set_counter(SERIAL, 7)


# Flash that fails.


def break_disk(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let every sync of an image under a path fail."""
    real = FileFlash.sync

    def failing(flash: FileFlash) -> None:
        if path in flash._path.parents:
            raise StateError("the disk is broken")
        real(flash)

    monkeypatch.setattr(FileFlash, "sync", failing)


def lit(bench: Bench) -> set[str]:
    """Return which tokens have lit a code."""
    return {record.serial for record in bench.journal.since(0) if isinstance(record.event, Lit)}


def test_a_failing_flash_shows_no_code(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token whose counter can't be kept lights nothing and stops; the others live on."""
    other = configure("GALH00000002", GALH, SECRET)
    with StateDir(path) as store:
        bench = start(store)
        bench.open(other)
        break_disk(monkeypatch, path / "tokens" / SERIAL)
        result = bench.press(SERIAL).result
        assert (result.code, result.refused) == (None, "failed")
        assert bench.press(other.serial).result.code == "755224"
        assert lit(bench) == {other.serial}
        with pytest.raises(StateError, match="mend the disk"):
            bench.look(SERIAL)
        with pytest.raises(StateError, match="mend the disk"):
            bench.press(SERIAL)
        notes = [r.event for r in bench.journal.since(0) if isinstance(r.event, Note)]
        assert len(notes) == 1
        assert bench.next_event_ns() is not None  # the other goes dark by itself
    monkeypatch.undo()
    with StateDir(path) as store:
        factor = start(store).press(SERIAL).result.factor
        assert factor in (0, 1)


def test_a_failing_flash_ends_waits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a token that stopped is told; on a manual clock, at once."""
    with StateDir(path) as store:
        bench = start(store)
        break_disk(monkeypatch, path / "tokens" / SERIAL)
        bench.down(SERIAL)
        with pytest.raises(StateError, match="stopped"):
            bench.wait(SERIAL, lit=True, timeout_ns=S)


def test_a_failing_flash_in_real_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pump survives a token that fails; press and wait end."""
    host = HandHost(START_NS)
    with StateDir(path) as store:
        bench = Bench(RealClock(host), store=store)
        bench.open(CONFIG)
        break_disk(monkeypatch, path / "tokens" / SERIAL)
        press = bench.press(SERIAL)
        wait = bench.wait(SERIAL, lit=True, timeout_ns=60 * S)
        pace(bench, host, S)
        assert (press.result.refused, wait.result) == ("failed", False)
        assert bench.next_event_ns() is None
        host.set_utc(0)
        bench.pump()
        bench.pump()
        notes = [r.event for r in bench.journal.since(0) if isinstance(r.event, Note)]
        assert len(notes) == 1


def test_a_repair_that_fails_puts_no_token_on_the_bench(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token whose repair at power-on isn't durable is not there."""
    with StateDir(path) as store:
        start(store)
    nvm = path / "tokens" / SERIAL / "0001.nvm"
    nvm.write_bytes(nvm.read_bytes()[:SLOT_A] + b"x" + nvm.read_bytes()[SLOT_A + 1 :])
    break_disk(monkeypatch, path / "tokens" / SERIAL)
    with StateDir(path) as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        with pytest.raises(StateError, match="disk is broken"):
            bench.load(SERIAL)
        assert bench.serials() == ()


def test_a_time_that_can_not_be_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verb says so; the code was kept and lit, and who waits for it is told."""

    def broken(*_: object) -> None:
        raise StateError("the disk is broken")

    host = HandHost(START_NS)
    answers: list[PressResult] = []
    with StateDir(path) as store:
        bench = Bench(RealClock(host), store=store)
        bench.open(CONFIG)
        bench.press(SERIAL).then(answers.append)
        host.pass_time(S)
        with monkeypatch.context() as patch:
            patch.setattr(SlotFile, "put", broken)
            with pytest.raises(StateError, match="disk is broken"):
                bench.pump()
        assert [answer.factor for answer in answers] == [0]
        assert bench.look(SERIAL).lcd.text == "755224"


def test_a_setting_that_can_not_be_kept_is_kept_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock set while the disk refused is not forgotten."""
    config = configure("GALT00006238", GALT, SECRET)

    def broken(*_: object) -> None:
        raise StateError("the disk is broken")

    with StateDir(path) as store:
        host = HandHost(START_NS)
        bench = Bench(RealClock(host), store=store)
        bench.open(config)
        host.set_utc(START_NS + 1000 * S)
        with monkeypatch.context() as patch:
            patch.setattr(SlotFile, "put", broken)
            with pytest.raises(StateError, match="disk is broken"):
                bench.pump()
        bench.close()
    with StateDir(path) as store:
        bench = Bench(RealClock(HandHost(START_NS + 1000 * S)), store=store)
        bench.load(config.serial)
        assert bench.look(config.serial).token_time_ns == START_NS + 1000 * S


def test_profiles_are_values() -> None:
    """What a bench says of a token is what it was made with."""
    bench = start(None)
    profile: Profile = bench.profile(SERIAL)
    assert (profile, bench.config(SERIAL), bench.serials()) == (GALH, CONFIG, (SERIAL,))
    assert bench.token_type(SERIAL) is GALH.token_type


# One token's trouble is its own.


def test_files_that_were_taken_away(path: Path) -> None:
    """A token whose files are gone stops; the others go on, and it can be removed."""
    other = configure("GALT00006238", GALT, SECRET)
    with StateDir(path) as store:
        bench = start(store)
        bench.open(other)
        shutil.rmtree(path / "tokens" / other.serial)
        with pytest.raises(StateError, match="stopped"):
            bench.happen(other.serial, Ambient(0, steady(1_000)))
        assert bench.press(SERIAL).result.code is not None
        bench.remove(other.serial)
        assert (SERIAL,) == bench.serials()
        bench.close()


def test_a_clock_that_cannot_be_set_along() -> None:
    """When the host's clock is set, a token at the end of time stops, and only that one."""
    host = HandHost(START_NS)
    bench = Bench(RealClock(host))
    bench.open_many([(CONFIG, None), (configure("GALT00006238", GALT, SECRET), None)])
    bench.happen("GALT00006238", ClockJump(0, LAST_NS - START_NS - S))
    host.set_utc(START_NS + 3600 * S)
    assert START_NS + 3600 * S == bench.now_ns()
    assert bench.failure("GALT00006238") is not None
    assert None is bench.failure(SERIAL)


def test_the_same_token_twice() -> None:
    """Without a store, too, a bench has one token of a serial number."""
    bench = Bench(VirtualClock(START_NS))
    with pytest.raises(ConflictError, match="2 times"):
        bench.open_many([(CONFIG, None), (CONFIG, None)])
    assert () == bench.serials()


def test_a_kill_on_a_running_clock(path: Path) -> None:
    """What was told is not later than where the bench resumes, though nothing was pressed."""
    host = HandHost(START_NS)
    with StateDir(path) as store:
        bench = Bench(VirtualClock(START_NS, Fraction(60), host), store=store)
        bench.open(CONFIG)
        host.pass_time(100 * S)
        bench.happen(SERIAL, Ambient(0, steady(1_000)))
        assert START_NS + 6_000 * S == store.now_ns


def test_what_a_server_said_goes_with_its_token(path: Path) -> None:
    """After a restart, too, nobody has said anything of a token that came back."""
    with StateDir(path) as store:
        bench = start(store)
        bench.set_server_view(SERIAL, ServerView(name="server", next_counter=3))
        bench.remove(SERIAL)
        bench.close()
    with StateDir(path) as store:
        assert None is start(store).server_view(SERIAL)


def test_a_checkpoint_that_failed_is_made_up_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time that could not be kept is kept with the next verb that does something."""

    def full(_: SlotFile, __: object) -> None:
        raise StateError("bench.slots can't be written: No space left on device")

    with StateDir(path) as store:
        bench = start(store)
        with monkeypatch.context() as patch:
            patch.setattr(SlotFile, "put", full)
            with pytest.raises(StateError, match="No space"):
                bench.advance(40 * S)
        assert store.now_ns != bench.settled_ns
        bench.down(SERIAL)
        assert store.now_ns == bench.settled_ns
        bench.close()
