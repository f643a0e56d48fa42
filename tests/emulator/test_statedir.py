"""The state directory, and what it refuses."""

import contextlib
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import emulator.newfiles
import emulator.statedir
from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.errors import BusyError, ConflictError, StateError
from emulator.flash import commit
from emulator.slotfile import SlotFile
from emulator.statedir import StateDir
from firmware_model import GALH, Secret, configure, image, manufacture
from firmware_model.nvm import SLOT_A, SLOT_SIZE
from tests.emulator.dying import Killed, dying

S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
CONFIG: Final = configure("GALH00004226", GALH, Secret(b"12345678901234567890"))
SERIAL: Final = CONFIG.serial
HOLD: Final = """
import sys
from pathlib import Path
from emulator.statedir import StateDir
with StateDir(Path(sys.argv[1]), holder="galh serve"):
    print("holding", flush=True)
    sys.stdin.read()
"""


def contents(path: Path) -> dict[str, bytes]:
    """Return every file under a folder, with its bytes; the empty lock file aside."""
    return {
        str(file.relative_to(path)): file.read_bytes() if file.is_file() else b"folder"
        for file in sorted(path.rglob("*"))
        if file.name != "lock"
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a state directory with one token that has been pressed twice."""
    path = tmp_path / "state"
    with StateDir(path) as store:
        bench = Bench(VirtualClock(START_NS), store=store)
        bench.open(CONFIG)
        for _ in range(2):
            bench.press(SERIAL)
            bench.advance(31 * S)
    return path


def start(path: Path) -> int | None:
    """Start a bench on a state directory; return its token's counter."""
    with StateDir(path) as store:
        bench = Bench(VirtualClock(store.now_ns or START_NS), store=store)
        for serial in store.serials():
            bench.load(serial)
        return bench.look(SERIAL).counter


# What is kept.


def test_a_token_goes_on(path: Path) -> None:
    """Counter and time are there for the next process."""
    assert start(path) == 2
    with StateDir(path) as store:
        assert store.serials() == (SERIAL,)
        assert SERIAL in store
        assert store.now_ns is not None
        assert store.now_ns > START_NS


def test_a_new_directory_holds_nothing(tmp_path: Path) -> None:
    """It has no tokens and no time; folders above it are made."""
    with StateDir(tmp_path / "a" / "b") as store:
        assert (store.serials(), store.now_ns, SERIAL in store) == ((), None, False)


def test_modes(path: Path) -> None:
    """Folders are 0700 and files 0600: the images hold secrets."""
    modes = {file: stat.S_IMODE(file.stat().st_mode) for file in (path, *path.rglob("*"))}
    assert {f: m for f, m in modes.items() if m != (0o700 if f.is_dir() else 0o600)} == {}


def test_a_token_is_made_once(path: Path) -> None:
    """A serial number that is kept already is not overwritten."""
    before = contents(path)
    with StateDir(path) as store, pytest.raises(ConflictError, match=r"kept in .* already"):
        store.create(manufacture(CONFIG, 0))
    assert contents(path) == before


def test_a_token_that_can_not_be_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, wherever it strikes, leaves no part of a token behind."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with StateDir(tmp_path) as store:
        for function in ("fsync", "rename"):
            with monkeypatch.context() as patch:
                patch.setattr(os, function, full)
                with pytest.raises(StateError, match="No space left"):
                    store.create(manufacture(CONFIG, 0))
            assert list((tmp_path / "tokens").iterdir()) == []
        store.create(manufacture(CONFIG, 0))


MANY: Final = [
    manufacture(configure(f"GALH{number:08}", GALH, Secret(bytes([number]) * 20)), START_NS)
    for number in range(1, 21)
]


def test_many_are_made_at_once(tmp_path: Path) -> None:
    """They are the same as if made one by one, and progress is told."""
    told: list[int] = []
    with StateDir(tmp_path / "one") as store:
        for state in MANY:
            store.create(state)
    with StateDir(tmp_path / "all") as store:
        made = store.create_many(MANY, told.append)
        assert [image(state) for state in MANY] == [token.image for token in made]
        assert [image(state) for state in MANY] == [token.flash.read() for token in made]
        assert len(MANY) == len(told) == sum(told)
    assert contents(tmp_path / "one" / "tokens") == contents(tmp_path / "all" / "tokens")


def test_what_is_returned_of_a_new_token_is_what_would_be_loaded(tmp_path: Path) -> None:
    """It is not read again, and goes on as if it were."""
    with StateDir(tmp_path) as store:
        (made,) = store.create_many(MANY[:1])
        made.matter.keep(made.matter.physics, 77, 0, altered=False)
        found = store.load(MANY[0].config.serial)
        assert (77, made.matter.physics) == (found.matter.used, found.matter.physics)
        assert (made.image, made.config, GALH) == (found.image, found.config, found.profile)


def test_of_many_all_are_made_or_none(path: Path) -> None:
    """One that is kept already, or is given twice, and no other is made either."""
    before = contents(path)
    with StateDir(path) as store:
        with pytest.raises(ConflictError, match=f"{SERIAL} is kept in .* already"):
            store.create_many([*MANY, manufacture(CONFIG, 0)])
        with pytest.raises(ConflictError, match="GALH00000001 is to be made twice"):
            store.create_many([*MANY, MANY[0]])
    assert contents(path) == before


def test_a_disk_that_fails_at_the_last_step_leaves_none_of_many(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that have their place already are taken away: nobody has seen them."""
    real, left = os.rename, [10]

    def fail(*args: str) -> None:
        left[0] -= 1
        if not left[0]:
            raise OSError(5, "Input/output error")
        real(*args)

    before = contents(path)
    with StateDir(path) as store:
        monkeypatch.setattr(os, "rename", fail)
        with pytest.raises(StateError, match="Input/output error"):
            store.create_many(MANY)
    monkeypatch.undo()
    assert contents(path) == before


def test_tokens_appear_when_they_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is written, then synced, then renamed, then the names are synced."""
    steps: list[str] = []

    def spy(module: Any, name: str, step: str) -> None:  # noqa: ANN401  # any module
        real = getattr(module, name)

        def call(*args: object, **settings: object) -> object:
            if not steps or steps[-1] != step:
                steps.append(step)
            return real(*args, **settings)

        monkeypatch.setattr(module, name, call)

    with StateDir(tmp_path) as store:
        spy(emulator.newfiles, "_write", "write")
        spy(emulator.statedir, "sync_tree", "sync all")
        spy(os, "rename", "rename")
        spy(emulator.statedir, "sync_folder", "sync names")
        store.create_many(MANY)
    assert ["write", "sync all", "rename", "sync names"] == steps


def test_every_kill_while_many_are_made_leaves_whole_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it dies, those that are there are whole, and the next start makes the rest."""
    few, calls, seen = MANY[:3], 0, set()
    while True:
        path, left = tmp_path / str(calls), [calls]
        store = StateDir(path)
        with monkeypatch.context() as patch:
            for name in ("open", "mkdir", "rename", "rmdir", "fsync", "unlink"):
                patch.setattr(os, name, dying(name, left))
            try:
                store.create_many(few)
                done = True
            except Killed:
                done = False
        store._lock.release(force=True)  # as the kernel does
        with StateDir(path) as store:
            assert not list((path / "tokens").glob(".new-*"))
            there = store.serials()
            seen.add(len(there))
            missing = [state for state in few if state.config.serial not in there]
            store.create_many(missing)
            assert [image(s) for s in few] == [store.load(s.config.serial).image for s in few]
        if done:
            break
        calls += 1
    assert {0, 1, 2, 3} == seen


def test_a_forgotten_token_is_gone(path: Path) -> None:
    """With all its files; another may be made of its serial number."""
    with StateDir(path) as store:
        store.forget(SERIAL)
        assert ((), []) == (store.serials(), list((path / "tokens").iterdir()))
        with pytest.raises(StateError, match="No such file"):
            store.forget(SERIAL)
        store.create(manufacture(CONFIG, 0))


def test_stored_tokens_hold_no_descriptor(tmp_path: Path) -> None:
    """Neither made nor loaded, nor after a write."""
    with StateDir(tmp_path) as store:
        before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no path wanted
        made = store.create_many(MANY)
        loaded = [store.load(state.config.serial) for state in MANY]
        for token in (*made, *loaded):
            commit(token.flash, SLOT_A, token.image[SLOT_A : SLOT_A + SLOT_SIZE])
            token.matter.keep(token.matter.physics, 1, 0, altered=True)
        assert before >= set(os.listdir("/proc/self/fd"))  # noqa: PTH208  # no path wanted


def test_tokens_made_together_share_what_is_equal(tmp_path: Path) -> None:
    """Profile and physics are in memory once, however many tokens were loaded."""
    with StateDir(tmp_path) as store:
        store.create_many(MANY)
        loaded = [store.load(state.config.serial) for state in MANY]
        assert 1 == len({id(token.profile) for token in loaded})
        assert 1 == len({id(token.matter.physics) for token in loaded})


def test_what_a_kill_left_of_a_new_token_is_removed(path: Path) -> None:
    """A token that was being made when its process was killed never was."""
    half = path / "tokens" / ".new-x"
    half.mkdir()
    (half / "profile.json").write_bytes(b"{")
    assert start(path) == 2
    assert not half.exists()


@pytest.mark.parametrize(
    "left", ["0002.physics.json", ".new-0002.physics.json", "0002.slots", ".new-0002.nvm"]
)
def test_what_a_kill_left_of_a_lineage_never_was(path: Path, left: str) -> None:
    """A lineage begins with its whole image; until then the one before goes on."""
    folder = path / "tokens" / SERIAL
    (folder / left).write_bytes(b"half")
    assert start(path) == 2
    with StateDir(path) as store:
        bench = Bench(VirtualClock(store.now_ns or 0), store=store)
        bench.load(SERIAL)
        bench.set_counter(SERIAL, 1)
    assert start(path) == 1


def test_a_kill_before_the_first_checkpoint_is_in_nobodys_way(tmp_path: Path) -> None:
    """A directory can be started whatever its first start got to."""
    (tmp_path / ".format.json-x").write_bytes(b"")
    with StateDir(tmp_path):
        pass
    (tmp_path / ".new-bench.slots").write_bytes(b"")
    with StateDir(tmp_path) as store:
        store.checkpoint(5)
        assert store.now_ns == 5


def test_every_kill_while_it_is_made_leaves_one_that_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies at any system call of its first start harms no later one."""
    calls = 0
    while True:
        path = tmp_path / str(calls)
        left, store = [calls], None
        with monkeypatch.context() as patch:
            for name in ("open", "mkdir", "rename", "fsync", "unlink", "pwrite"):
                patch.setattr(os, name, dying(name, left))
            try:
                store = StateDir(path)
                Bench(VirtualClock(START_NS), store=store).open(CONFIG)
                done = True
            except Killed:
                done = False
        if store is not None:
            store._lock.release(force=True)  # as the kernel does
        if done:
            break
        with StateDir(path) as store:
            bench = Bench(VirtualClock(START_NS), store=store)
            bench.open(CONFIG)
            assert bench.press(SERIAL).result.factor == 0
        calls += 1
    assert calls > 20


# The lock.


def test_two_in_one_process(path: Path) -> None:
    """Even the same process can't open a directory twice at a time."""
    with StateDir(path), pytest.raises(BusyError, match=f"process {os.getpid()}"):
        StateDir(path)
    StateDir(path).close()


def test_closing_again_takes_nothing_from_the_next(path: Path) -> None:
    """Who has closed a directory no longer speaks for it."""
    first = StateDir(path)
    first.close()
    with StateDir(path):
        first.close()
        with pytest.raises(BusyError, match=f"process {os.getpid()}"):
            StateDir(path)


def test_another_thread_may_close_it(path: Path) -> None:
    """The lock is the process', not the thread's."""
    store = StateDir(path)
    thread = threading.Thread(target=store.close)
    thread.start()
    thread.join()
    StateDir(path).close()


def test_another_process_is_named(path: Path) -> None:
    """Who comes second is told who holds it; a killed holder holds it no longer."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        before = contents(path)
        with pytest.raises(BusyError, match=f"process {holder.pid} .galh serve, since ") as caught:
            StateDir(path)
        assert caught.value.exit_code == 75
        assert contents(path) == before
        holder.send_signal(signal.SIGKILL)
    assert start(path) == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', '{"pid": 1}', "\xff", "[" * 10_000])
def test_a_strange_holder_file_is_no_trouble(path: Path, text: str) -> None:
    """Who holds it may be unknown; that somebody does is not."""
    with StateDir(path):
        (path / "holder.json").write_text(text, "latin-1")
        with pytest.raises(BusyError, match="in use by another process"):
            StateDir(path)
    StateDir(path).close()


# What is refused.


def refused(path: Path, match: str) -> None:
    """Check that a start fails with exit code 74 and changes nothing."""
    before = contents(path)
    with pytest.raises(StateError, match=match) as caught:
        start(path)
    assert caught.value.exit_code == 74
    assert CONFIG.secret.reveal().decode() not in str(caught.value)
    assert contents(path) == before


def test_a_folder_of_other_things(tmp_path: Path) -> None:
    """A folder that is not ours is left as it is, without so much as a lock in it."""
    (tmp_path / "thesis.tex").write_bytes(b"\\documentclass")
    refused(tmp_path, "not a state directory: .* 'thesis.tex'")
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_its_place(tmp_path: Path) -> None:
    """A file is no directory, nor is anything below one."""
    (tmp_path / "file").write_bytes(b"text")
    with pytest.raises(StateError, match="File exists"):
        StateDir(tmp_path / "file")
    with pytest.raises(StateError, match="Not a directory"):
        StateDir(tmp_path / "file" / "state")
    assert contents(tmp_path) == {"file": b"text"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('{"format": "galh-state", "version": 3}', "version 3; this release reads 1 and 2"),
        ('{"format": "other", "version": 1}', "of another program: .* 'other'"),
        ('{"format": "galh-state", "version": true}', "version True"),
        ('{"format": "galh-state"}', "damaged or not ours"),
        ("[1]", "damaged or not ours"),
        ("", "damaged or not ours"),
        ("\xff", "damaged or not ours"),
        ("[" * 100_000, "damaged or not ours"),
    ],
)
def test_another_format(tmp_path: Path, text: str, match: str) -> None:
    """Another version or program is named; not even a lock is left there."""
    (tmp_path / "format.json").write_text(text, "latin-1")
    refused(tmp_path, match)
    assert [file.name for file in tmp_path.iterdir()] == ["format.json"]


IMAGE: Final = image(manufacture(CONFIG, 0))


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("bench.slots", b""),
        ("bench.slots", b"x" * 1024),
        (f"tokens/{SERIAL}/0001.slots", b""),
        (f"tokens/{SERIAL}/0001.slots", b"x" * 1024),
        (f"tokens/{SERIAL}/0001.physics.json", b""),
        (f"tokens/{SERIAL}/0001.physics.json", b"[]"),
        (f"tokens/{SERIAL}/0001.physics.json", b'{"schema": 3}'),
        (f"tokens/{SERIAL}/0001.physics.json", b'{"schema": 2, "set_by_ns": 0}'),
        (f"tokens/{SERIAL}/0001.nvm", b""),
        (f"tokens/{SERIAL}/0001.nvm", IMAGE[:-1]),
        (f"tokens/{SERIAL}/0001.nvm", IMAGE + b"x"),
        (f"tokens/{SERIAL}/0001.nvm", IMAGE * 20),
        (f"tokens/{SERIAL}/0001.nvm", b"x" * 256),
        (f"tokens/{SERIAL}/0001.nvm", IMAGE[:80] + b"x" + IMAGE[81:]),
        (f"tokens/{SERIAL}/0001.nvm", IMAGE[:9] + b"\2" + IMAGE[10:]),
        (f"tokens/{SERIAL}/profile.json", b""),
        (f"tokens/{SERIAL}/profile.json", b"[]"),
        (f"tokens/{SERIAL}/profile.json", b'{"base": "GALT"}'),
        (f"tokens/{SERIAL}/profile.json", b'{"base": "GALX"}'),
        (f"tokens/{SERIAL}/profile.json", b"[" * 100_000),
        ("tokens/GALH00000001", b"a file, not a folder"),
    ],
)
def test_damage(path: Path, name: str, raw: bytes) -> None:
    """A damaged file of any kind is refused by its name, and nothing is changed."""
    (path / name).write_bytes(raw)
    refused(path, name.rsplit("/", maxsplit=1)[0])


def test_another_tokens_image(path: Path) -> None:
    """An image in the wrong folder is refused."""
    (path / "tokens" / SERIAL).rename(path / "tokens" / "GALH00000001")
    refused(path, f"image of another token, {SERIAL}")


def test_a_token_without_an_image(path: Path) -> None:
    """A folder without an image is refused: nobody knows its counter."""
    (path / "tokens" / SERIAL / "0001.nvm").unlink()
    refused(path, "no NVM image")


def test_broken_slots_are_the_tokens_own_trouble(path: Path) -> None:
    """Both counter slots broken: the token starts, and shows dashes."""
    nvm = path / "tokens" / SERIAL / "0001.nvm"
    nvm.write_bytes(nvm.read_bytes()[:SLOT_A] + bytes(2 * SLOT_SIZE))
    with StateDir(path) as store:
        bench = Bench(VirtualClock(store.now_ns or 0), store=store)
        bench.load(SERIAL)
        assert bench.look(SERIAL).lcd.text == "------"
        assert bench.press(SERIAL).result.refused == "error"


@pytest.mark.parametrize("kind", ["read_only", "full"])
def test_a_disk_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A directory that can't be written is a StateError, and nothing is half-written."""
    number, real = {"read_only": 30, "full": 28}[kind], os.open

    def refuse(path: str, flags: int, *args: int, **settings: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(number, os.strerror(number), path)
        return real(path, flags, *args, **settings)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StateError, match=os.strerror(number)):
        StateDir(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_limit_on_file_size(tmp_path: Path) -> None:
    """Where files may hold no byte, a token can't be kept, and no part of one is."""
    script = """
import sys
from pathlib import Path
from emulator.errors import StateError
from emulator.statedir import StateDir
try:
    StateDir(Path(sys.argv[1]))
except StateError as e:
    sys.exit(e.exit_code)
"""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = subprocess.run(
        [sys.executable, "-B", "-c", script, str(tmp_path / "state")],
        preexec_fn=limit,
        check=False,
    )
    assert done.returncode == 74
    assert contents(tmp_path / "state") == {}


# Whatever is in the files.

JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
shares_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def survives(path: Path) -> None:
    """Start; nothing but a StateError may come of it."""
    with contextlib.suppress(StateError):
        start(path)


@shares_folder
@given(
    st.sampled_from(
        [
            "format.json",
            "holder.json",
            f"tokens/{SERIAL}/profile.json",
            f"tokens/{SERIAL}/0001.physics.json",
        ]
    ),
    JSON.map(lambda value: json.dumps(value).encode()) | st.binary(),
)
def test_any_json(path: Path, name: str, raw: bytes) -> None:
    """Any bytes in a JSON file load, or raise a StateError."""
    kept = (path / name).read_bytes() if (path / name).exists() else None
    (path / name).write_bytes(raw)
    survives(path)
    if kept is not None:
        (path / name).write_bytes(kept)


@shares_folder
@given(st.dictionaries(st.sampled_from([f.name for f in GALH.__dataclass_fields__.values()]), JSON))
def test_any_profile(path: Path, values: dict[str, object]) -> None:
    """Any values in a profile load, or raise a StateError."""
    file = path / "tokens" / SERIAL / "profile.json"
    kept = file.read_bytes()
    file.write_text(json.dumps({"base": "GALH", **values}))
    survives(path)
    file.write_bytes(kept)


@shares_folder
@given(
    st.sampled_from(["now_ns", "set_by_ns", "revision", "used", "schema"]),
    st.integers(-(2**70), 2**70) | JSON,
)
@example("now_ns", 2**69)
@example("set_by_ns", -(2**69))
@example("used", 2**600)
def test_any_checkpoint(path: Path, name: str, value: object) -> None:
    """Any values in a checkpoint whose checksum fits load, or raise an error of ours."""
    bench = path / "bench.slots"
    token = path / "tokens" / SERIAL / "0001.slots"
    kept = {file: file.read_bytes() for file in (bench, token)}
    for file in kept:
        slots = SlotFile(file)
        if name in slots.value:
            with contextlib.suppress(StateError):  # longer than any checkpoint
                slots.put({**slots.value, name: value})
    survives(path)
    for file, raw in kept.items():
        file.write_bytes(raw)


@shares_folder
@given(st.integers(0, 255), st.integers(0, 255))
def test_any_byte_of_the_image(path: Path, at: int, value: int) -> None:
    """An image with any byte changed loads with no lower counter, or raises a StateError."""
    file = path / "tokens" / SERIAL / "0001.nvm"
    kept = file.read_bytes()
    file.write_bytes(kept[:at] + bytes([value]) + kept[at + 1 :])
    with contextlib.suppress(StateError):
        counter = start(path)
        assert counter is not None
        assert counter >= 2
    file.write_bytes(kept)


@pytest.mark.parametrize("name", ["tokens", "lock"])
def test_a_planted_link_is_refused(tmp_path: Path, name: str) -> None:
    """What it leads to is left as it is."""
    target = tmp_path / "precious"
    target.write_text("dear to somebody")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / name).symlink_to(target)
    with pytest.raises(StateError, match="is a link"):
        StateDir(tmp_path / "state")
    assert "dear to somebody" == target.read_text()


def test_a_folder_open_to_all_is_refused(tmp_path: Path) -> None:
    """Anybody could take the image away and so set the counter back."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(0o777)
    with pytest.raises(StateError, match="chmod 700"):
        StateDir(tmp_path / "state")
    assert [] == list((tmp_path / "state").iterdir())
