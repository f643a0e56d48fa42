"""``galh snapshot``: saving, listing, showing and loading, and where keys come from."""

import json
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

import click
import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.snapshots import describe, load
from emulator.statedir import StateDir
from firmware_model import GALH, GALT, Secret, configure
from firmware_model.profile import SECOND

SERIAL = "GALH00004226"
TIME_SERIAL = "GALT00006238"
SECRET = Secret(b"12345678901234567890")
NOW_NS = 1_767_225_600 * SECOND


class Done(NamedTuple):
    """What a command left."""

    exit_code: int
    out: str
    err: str


class Galh(Protocol):
    """What runs a command."""

    def __call__(self, *arguments: object) -> Done:
        """Run it."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state directory with an event token, pressed once, and a time token."""
    path = tmp_path / "state"
    with StateDir(path) as store:
        bench = Bench(VirtualClock(NOW_NS), store=store)
        bench.open(configure(SERIAL, GALH, SECRET))
        bench.open(configure(TIME_SERIAL, GALT, SECRET))
        bench.press(SERIAL)
        bench.close()
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a snapshot goes."""
    return tmp_path / "bug.galh-snapshot.json"


@pytest.fixture
def key_file(tmp_path: Path, galh: Galh) -> Path:
    """Return a key file that galh made."""
    path = tmp_path / "key"
    assert (0, f"wrote {path}\n", "") == galh("snapshot", "key", path)
    return path


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """See that whoever runs the tests has no passphrase in the environment."""
    monkeypatch.delenv("GALH_SNAPSHOT_PASSPHRASE", raising=False)


def kept(path: Path, serial: str) -> tuple[int | None, Secret]:
    """Return a kept token's next counter and secret."""
    with StateDir(path) as store:
        bench = Bench(VirtualClock(store.now_ns or 0), store=store)
        bench.load(serial)
        result = (bench.look(serial).counter, bench.config(serial).secret)
        bench.close()
    return result


def test_save_and_load(galh: Galh, state: Path, file: Path) -> None:
    """A token that was pressed after the snapshot is put back; its key goes on."""
    assert 0 == galh("snapshot", "save", "--state", state, "--out", file).exit_code
    with StateDir(state) as store:
        bench = Bench(VirtualClock((store.now_ns or 0) + 60 * SECOND), store=store)
        bench.load(SERIAL)
        bench.press(SERIAL)
        bench.close()
    assert 2 == kept(state, SERIAL)[0]
    done = galh("snapshot", "load", file, "--state", state)
    assert f"restored {SERIAL}\nrestored {TIME_SERIAL}\n" in done.out
    assert "all their times were moved by +60 s" in done.out
    assert (1, SECRET) == kept(state, SERIAL)


def test_load_elsewhere(galh: Galh, state: Path, file: Path, tmp_path: Path) -> None:
    """In a directory that knows nothing of it a token is re-keyed, its counter kept."""
    galh("snapshot", "save", "--state", state, "--out", file)
    done = galh("snapshot", "load", file, "--state", tmp_path / "new", "--json")
    both = [SERIAL, TIME_SERIAL]
    assert {"restored": both, "rekeyed": both, "moved_ns": 0} == json.loads(done.out)
    counter, secret = kept(tmp_path / "new", SERIAL)
    assert 1 == counter
    assert SECRET != secret


def test_load_with_seeds(galh: Galh, state: Path, file: Path, tmp_path: Path) -> None:
    """A seed file gives the tokens the secrets that the server knows."""
    galh("snapshot", "save", SERIAL, "--state", state, "--out", file)
    new = tmp_path / "new"
    done = galh("snapshot", "load", file, "--state", new, "--seeds", "rfc4226.csv")
    assert f"restored {SERIAL}\n" == done.out
    assert (1, SECRET) == kept(new, SERIAL)


def test_some_tokens(galh: Galh, state: Path, file: Path) -> None:
    """Serial numbers choose, however they are typed."""
    galh("snapshot", "save", "galt 0000-6238", "--state", state, "--out", file)
    assert (TIME_SERIAL,) == load(file).serials
    done = galh("snapshot", "load", file, SERIAL, "--state", state)
    assert (2, "") == (done.exit_code, done.out)
    assert f"no token '{SERIAL}' in the snapshot" in done.err


def test_as_of_a_record(galh: Galh, state: Path, file: Path) -> None:
    """A snapshot as of an earlier record has what was then, the lit code included."""
    with StateDir(state) as store:
        bench = Bench(VirtualClock(store.now_ns or 0), store=store)
        lit = next(r.sequence for r in bench.journal.read(0, 99) if type(r.event).__name__ == "Lit")
        bench.close()
    galh("snapshot", "save", SERIAL, "--state", state, "--out", file, "--at", lit)
    shown = json.loads(galh("snapshot", "show", file, "--json").out)
    assert (lit, "lit") == (shown["sequence"], shown["tokens"][0]["mode"])


# Keys.


def test_key_file(galh: Galh, state: Path, file: Path, key_file: Path, tmp_path: Path) -> None:
    """With the key file the secrets come along; the file is readable by its owner alone."""
    galh("snapshot", "save", "--state", state, "--out", file, "--key-file", key_file)
    assert 0o600 == key_file.stat().st_mode & 0o777 == file.stat().st_mode & 0o777
    new = tmp_path / "new"
    done = galh("snapshot", "load", file, "--state", new, "--key-file", key_file)
    assert "re-keyed" not in done.out
    assert SECRET == kept(new, SERIAL)[1]


def test_key_is_never_overwritten(galh: Galh, key_file: Path) -> None:
    """A key file that is there is left alone."""
    assert 2 == galh("snapshot", "key", key_file).exit_code


def test_passphrase_from_the_environment(
    galh: Galh, state: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passphrase in the environment encrypts; one in a file opens."""
    monkeypatch.setenv("GALH_SNAPSHOT_PASSPHRASE", "open sesame")
    galh("snapshot", "save", "--state", state, "--out", file)
    monkeypatch.delenv("GALH_SNAPSHOT_PASSPHRASE")
    (tmp_path / "pass").write_text("open sesame\n")
    new = tmp_path / "new"
    galh("snapshot", "load", file, "--state", new, "--passphrase-file", tmp_path / "pass")
    assert SECRET == kept(new, SERIAL)[1]


def test_passphrase_that_is_asked_for(
    galh: Galh, state: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--encrypt asks, unseen and twice; loading asks once, where somebody can answer."""
    asked = []

    def prompt(_text: str, *, hide_input: bool, confirmation_prompt: bool, err: bool) -> str:
        asked.append((hide_input, confirmation_prompt, err))
        return "open sesame"

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    galh("snapshot", "save", "--state", state, "--out", file, "--encrypt")
    galh("snapshot", "load", file, "--state", tmp_path / "new")
    assert [(True, True, True), (True, False, True)] == asked
    assert SECRET == kept(tmp_path / "new", SERIAL)[1]


def test_wrong_key(galh: Galh, state: Path, file: Path, key_file: Path, tmp_path: Path) -> None:
    """With another key nothing is loaded, and the exit code is 1."""
    galh("snapshot", "save", "--state", state, "--out", file, "--key-file", key_file)
    other = tmp_path / "other"
    other.write_bytes(bytes(32))
    done = galh("snapshot", "load", file, "--state", tmp_path / "new", "--key-file", other)
    assert (1, "") == (done.exit_code, done.out)
    assert "this key file doesn't open the snapshot's secrets" in done.err
    assert not (tmp_path / "new").exists()


def test_no_key(galh: Galh, state: Path, file: Path, key_file: Path, tmp_path: Path) -> None:
    """Where nobody can be asked, a key that is missing is an error, unless told otherwise."""
    galh("snapshot", "save", "--state", state, "--out", file, "--key-file", key_file)
    done = galh("snapshot", "load", file, "--state", tmp_path / "new")
    assert 2 == done.exit_code
    assert "give --key-file FILE, or --without-secrets" in done.err
    done = galh("snapshot", "load", file, "--state", tmp_path / "new", "--without-secrets")
    assert f"restored {SERIAL}, re-keyed" in done.out


@pytest.mark.parametrize("extra", [["--passphrase-file", "x"], ["--encrypt"]])
def test_two_keys(galh: Galh, state: Path, file: Path, key_file: Path, extra: list[str]) -> None:
    """Secrets are encrypted with one thing."""
    done = galh("snapshot", "save", "--state", state, "--out", file, "--key-file", key_file, *extra)
    assert 2 == done.exit_code
    assert not file.exists()


# Looking.


def test_list(galh: Galh, state: Path, file: Path, tmp_path: Path) -> None:
    """A list has a line for each snapshot, and an error for one that is none."""
    galh("snapshot", "save", "--state", state, "--out", file, "--note", "third resync fails")
    (tmp_path / "worse.galh-snapshot.json").write_text("{")
    done = galh("snapshot", "list", tmp_path)
    assert 74 == done.exit_code
    assert 1 == len(done.out.splitlines())
    assert f"bug  2026-01-01T00:00:00Z  record {describe(file).snapshot.sequence}" in done.out
    assert f"{SERIAL}, {TIME_SERIAL}  secrets: left out  third resync fails" in done.out
    assert "worse.galh-snapshot.json: not a snapshot" in done.err
    assert ["bug"] == [
        row["name"] for row in json.loads(galh("snapshot", "list", tmp_path, "--json").out)
    ]


def test_show(galh: Galh, state: Path, file: Path) -> None:
    """What is in a snapshot is shown without a key, and without secrets."""
    galh("snapshot", "save", "--state", state, "--out", file, "--note", "third resync fails")
    done = galh("snapshot", "show", file)
    assert "note      third resync fails" in done.out
    assert f"{SERIAL}  GALH              asleep      next counter 1" in done.out
    assert f"{TIME_SERIAL}  GALT              asleep      step {NOW_NS // SECOND // 30}" in done.out
    assert SECRET.reveal().hex() not in done.out + file.read_text()


# What is refused.


def test_state_that_is_served(galh: Galh, state: Path, file: Path) -> None:
    """A directory that a process holds is left alone, exit code 75."""
    with StateDir(state):
        assert 75 == galh("snapshot", "save", "--state", state, "--out", file).exit_code
    assert not file.exists()


def test_no_state(galh: Galh, file: Path, tmp_path: Path) -> None:
    """Nothing is saved of a directory that is not there, and none is made."""
    done = galh("snapshot", "save", "--state", tmp_path / "none", "--out", file)
    assert (2, True) == (done.exit_code, "no state directory" in done.err)
    assert not (tmp_path / "none").exists()


def test_file_that_is_there(galh: Galh, state: Path, file: Path) -> None:
    """A snapshot is never overwritten."""
    file.write_text("mine")
    assert 2 == galh("snapshot", "save", "--state", state, "--out", file).exit_code
    assert "mine" == file.read_text()


def test_damaged_file(galh: Galh, state: Path, file: Path) -> None:
    """A damaged snapshot is refused with exit code 74; the tokens stay as they are."""
    file.write_text("{}")
    done = galh("snapshot", "load", file, "--state", state)
    assert (74, True) == (done.exit_code, "not a snapshot" in done.err)
    assert (1, SECRET) == kept(state, SERIAL)
