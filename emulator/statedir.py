"""The state directory: what a bench keeps when its process ends.

    DIR/format.json              says that it is ours, and the version
    DIR/lock, DIR/holder.json    one process at a time, and which one
    DIR/bench.slots              bench time, a checkpoint
    DIR/tokens/SERIAL/profile.json
    DIR/tokens/SERIAL/0001.nvm           the NVM image, byte for byte, of lineage 1
    DIR/tokens/SERIAL/0001.physics.json  clock, battery, climate, damage
    DIR/tokens/SERIAL/0001.slots         charge drawn from the battery, a checkpoint

The highest lineage is the present one. Setting a counter back starts the next one:
a counter that has been used stays used in the file that says so. Folders are 0700,
files 0600; a new token appears by a rename, whole. How the files of a lineage stay in
step is said in ``matter.py``.

Version 1 kept a token's clock in its slots and nothing else of its physics; a
directory of that version is brought up to date as it is used, and its tokens lose
nothing.
"""

import contextlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

import filelock

from emulator.clock import format_utc, host_time
from emulator.errors import BusyError, ConflictError, StateError
from emulator.flash import FileFlash
from emulator.jsonfile import replace_json, sync_folder
from emulator.matter import Matter
from emulator.slotfile import SlotFile, write_new
from firmware_model.errors import FirmwareError, ImageError, ProfileError
from firmware_model.nvm import read_config
from firmware_model.profile import Profile
from firmware_model.profile_file import profile_from_mapping, profile_to_mapping
from firmware_model.state import LAST_NS, State, image

FORMAT: Final = "galh-state"
VERSION: Final = 2
READABLE: Final = (1, 2)


class Stored(NamedTuple):
    """A token as it is kept.

    Attributes:
        flash: its NVM image, of the present lineage.
        matter: what it is made of.
        profile: its profile.
    """

    flash: FileFlash
    matter: Matter
    profile: Profile


class StateDir:
    """A state directory, locked for this process.

    Args:
        path: the directory; made if it is not there.
        holder: what to call this process to others who want the directory.

    Raises:
        BusyError: another process holds it; the message says which.
        StateError: not a state directory, another version, damaged, or not writable.
    """

    def __init__(self, path: Path, *, holder: str = "galh") -> None:
        self.path = path
        self._tokens = path / "tokens"
        with _explained(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_open(path)
            _refuse_foreign(path)  # before anything is written into it
            # Opened in one thread and closed in another: it is the process that holds it.
            self._lock = filelock.FileLock(path / "lock", timeout=0, mode=0o600, thread_local=False)
            self._acquire()
        try:
            with _explained(path):
                self._open(holder)
        except BaseException:
            self._lock.release()
            raise

    def _acquire(self) -> None:
        try:
            self._lock.acquire()
        except filelock.Timeout:
            raise BusyError(
                f"state directory {self.path} is in use by {_holder(self.path)}; stop that one,"
                " or use another directory"
            ) from None

    def _open(self, holder: str) -> None:
        format_file = self.path / "format.json"
        version = _check_format(format_file) if format_file.exists() else None
        bench = self.path / "bench.slots"
        self._bench = SlotFile(bench) if bench.exists() else None
        if version != VERSION:
            replace_json(format_file, {"format": FORMAT, "version": VERSION})
        self._tokens.mkdir(mode=0o700, exist_ok=True)
        for unfinished in self._tokens.glob(".new-*"):
            shutil.rmtree(unfinished)
        started = format_utc(host_time().utc_ns)
        replace_json(
            self.path / "holder.json", {"pid": os.getpid(), "name": holder, "since": started}
        )
        # A folder that a power cut takes away would take its counters along.
        sync_folder(self.path)
        with contextlib.suppress(PermissionError):  # somebody else's, closed to us
            sync_folder(self.path.parent)

    def close(self) -> None:
        """Let others have it; nothing if they have it already."""
        if not self._lock.is_locked:
            return
        with contextlib.suppress(OSError):  # the lock counts, not who was said to hold it
            (self.path / "holder.json").unlink(missing_ok=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def now_ns(self) -> int | None:
        """Bench time of the last checkpoint; ``None`` before the first."""
        return None if self._bench is None else self._number("now_ns")

    @property
    def set_by_ns(self) -> int:
        """By how much the bench's clock has been set, all in all, since the first start."""
        return 0 if self._bench is None else self._number("set_by_ns")

    def _number(self, name: str) -> int:
        value = None if self._bench is None else self._bench.value.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LAST_NS:
            raise StateError(f"{self.path / 'bench.slots'} holds no {name}: it is damaged")
        return value

    def checkpoint(self, now_ns: int, *, set_by_ns: int = 0) -> None:
        """Keep the bench's time.

        Args:
            now_ns: ns since 1970, UTC.
            set_by_ns: by how much the clock was set since the last checkpoint. Every
                token's clock moves along, those that are not on the bench too.

        Raises:
            StateError: it can't be written.
        """
        value = {
            "schema": VERSION,
            "now_ns": now_ns,
            "set_by_ns": self.set_by_ns + set_by_ns,
        }
        if self._bench is None:
            path = self.path / "bench.slots"
            SlotFile.create(path, value)
            self._bench = SlotFile(path)
            with _explained(self.path):
                sync_folder(self.path)
        else:
            self._bench.put(value)

    def serials(self) -> tuple[str, ...]:
        """Return the serial numbers of the tokens kept here, sorted."""
        with _explained(self.path):
            return tuple(
                sorted(
                    entry.name
                    for entry in self._tokens.iterdir()
                    if not entry.name.startswith(".")  # what desktops leave in folders
                )
            )

    def __contains__(self, serial: str) -> bool:
        with _explained(self.path):
            return (self._tokens / serial).exists()

    def load(self, serial: str) -> Stored:
        """Return a token that is kept here.

        Raises:
            StateError: damaged, or not what it says it is.
        """
        folder = self._tokens / serial
        profile = _read_profile(folder / "profile.json")
        lineage = self._lineage(serial)
        flash = FileFlash(folder / f"{lineage:04}.nvm")
        try:
            config = read_config(flash.read(), {profile.name: profile})
        except ImageError as e:
            raise StateError(f"{folder / f'{lineage:04}.nvm'}: {e}") from e
        if config.serial != serial:
            raise StateError(f"{folder} holds the image of another token, {config.serial}")
        with _explained(self.path):
            matter = Matter.load(folder / f"{lineage:04}", profile, self.set_by_ns)
        return Stored(flash, matter, profile)

    def create(self, state: State) -> Stored:
        """Keep a new token, from its state as it leaves the factory.

        Raises:
            ConflictError: a token of that serial number is kept here already.
            StateError: it can't be written; nothing is left behind.
        """
        serial = state.config.serial
        folder = self._tokens / serial
        if folder.exists():
            raise ConflictError(f"token {serial} is kept in {self.path} already")
        with _explained(self.path):
            new = Path(tempfile.mkdtemp(prefix=".new-", dir=self._tokens))
            try:
                profile = json.dumps(profile_to_mapping(state.config.profile), indent=1)
                write_new(new / "profile.json", profile.encode())
                self._write_lineage(new, 1, state)
                sync_folder(new)
                new.rename(folder)
                sync_folder(self._tokens)
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
        return self._stored(folder, 1, state)

    def forget(self, serial: str) -> None:
        """Remove a token and all its lineages.

        Raises:
            StateError: it can't be removed.
        """
        with _explained(self.path):
            # By a rename first: a kill leaves it whole, or as something that is swept away.
            gone = Path(tempfile.mkdtemp(prefix=".new-", dir=self._tokens))
            (self._tokens / serial).rename(gone / serial)
            sync_folder(self._tokens)
            shutil.rmtree(gone)

    def fork(self, state: State) -> Stored:
        """Start the next lineage of a token, from a state whose counter went back.

        Raises:
            StateError: it can't be written; the present lineage stays.
        """
        serial = state.config.serial
        folder, lineage = self._tokens / serial, self._lineage(serial) + 1
        with _explained(self.path):
            self._write_lineage(folder, lineage, state)
            sync_folder(folder)
        return self._stored(folder, lineage, state)

    def _stored(self, folder: Path, lineage: int, state: State) -> Stored:
        profile, stem = state.config.profile, folder / f"{lineage:04}"
        matter = Matter.load(stem, profile, self.set_by_ns)
        return Stored(FileFlash(folder / f"{lineage:04}.nvm"), matter, profile)

    def _write_lineage(self, folder: Path, lineage: int, state: State) -> None:
        Matter.create(folder / f"{lineage:04}", state.physics, state.used, self.set_by_ns)
        # The image last: a lineage begins when it is there.
        write_new(folder / f"{lineage:04}.nvm", image(state))

    def _lineage(self, serial: str) -> int:
        folder = self._tokens / serial
        numbers = [int(f.stem) for f in folder.glob("*.nvm") if f.stem.isdecimal()]
        if not numbers:
            raise StateError(f"{folder} holds no NVM image: put a good copy back, or remove it")
        return max(numbers)


def _read_profile(path: Path) -> Profile:
    try:
        return profile_from_mapping(json.loads(path.read_bytes()))
    except OSError as e:
        raise StateError(f"{path} can't be read: {e.strerror}") from e
    except (ValueError, RecursionError, AttributeError, TypeError) as e:
        why = e if isinstance(e, ProfileError) else "it is not a JSON object"
        raise StateError(f"{path} is damaged: {why}") from None


def _refuse_foreign(path: Path) -> None:
    """A folder of other things is left alone; an empty one becomes ours."""
    if (path / "format.json").exists():
        _check_format(path / "format.json")
        return
    strangers = sorted(
        entry.name
        for entry in path.iterdir()
        if entry.name not in {"lock", "holder.json", "tokens", "bench.slots"}
        and not entry.name.startswith((".format.json-", ".new-"))  # left by a kill
    )
    if strangers:
        raise StateError(
            f"{path} is not a state directory: it has no format.json but {strangers[0]!r};"
            " give an empty or a new folder"
        )


def _refuse_open(path: Path) -> None:
    """A folder that anybody can write to could be made to lose a counter."""
    for name in ("lock", "tokens"):
        if (path / name).is_symlink():
            raise StateError(f"{path / name} is a link, which we never make; remove it")
    if path.stat().st_mode & stat.S_IWOTH:
        raise StateError(
            f"{path} can be written to by anybody, who could so set counters back; give a"
            f" folder of your own, or chmod 700 {path}"
        )


def _check_format(path: Path) -> int:
    """Return the version of a directory that we can read."""
    try:
        found = json.loads(path.read_bytes())
        kind, version = found["format"], found["version"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise StateError(f"{path} is damaged or not ours") from None
    if kind != FORMAT:
        raise StateError(f"{path} is of another program: its format is {kind!r}")
    if type(version) is not int or version not in READABLE:
        raise StateError(
            f"{path} is of version {version!r}; this release reads"
            f" {' and '.join(map(str, READABLE))}"
        )
    return version


def _holder(path: Path) -> str:
    try:
        found = json.loads((path / "holder.json").read_bytes())
        return f"process {found['pid']} ({found['name']}, since {found['since']})"
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return "another process"


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        raise StateError(f"state directory {path} can't be used: {e.strerror}") from e
    except FirmwareError as e:
        raise StateError(f"state directory {path}: {e}") from e
