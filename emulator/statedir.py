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
files 0600. How the files of a lineage stay in step is said in ``matter.py``.

New tokens, one or thousands, are made in four steps: all their files are written into
folders below tokens/.new-*; all of that is made durable; each token's folder is renamed
to its place; tokens/ is made durable. So wherever a kill or a power cut comes, a token is
there whole or not at all, and what is left of .new-* goes at the next start.

Version 1 kept a token's clock in its slots and nothing else of its physics; a
directory of that version is brought up to date as it is used, and its tokens lose
nothing.
"""

import contextlib
import functools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

import filelock

from emulator.clock import format_utc, host_time
from emulator.errors import BusyError, ConflictError, StateError
from emulator.flash import FileFlash
from emulator.jsonfile import replace_json, sync_folder
from emulator.matter import Matter
from emulator.newfiles import sync_tree, write_new, write_unseen
from emulator.slotfile import SlotFile
from emulator.statecheck import (
    FORMAT,
    VERSION,
    check_format,
    holder_of,
    refuse_foreign,
    refuse_open,
)
from firmware_model.errors import FirmwareError, ImageError, ProfileError
from firmware_model.nvm import Config, read_config
from firmware_model.profile import Profile
from firmware_model.profile_file import profile_from_mapping, profile_to_mapping
from firmware_model.state import LAST_NS, State, image

_FILES: Final = 4
"""Files that a new token has."""


class Stored(NamedTuple):
    """A token as it is kept.

    Attributes:
        flash: its NVM image, of the present lineage.
        matter: what it is made of.
        image: what is in the image now.
        config: what the image says of the token.
    """

    flash: FileFlash
    matter: Matter
    image: bytes
    config: Config

    @property
    def profile(self) -> Profile:
        """Its profile."""
        return self.config.profile


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
            refuse_open(path)
            refuse_foreign(path)  # before anything is written into it
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
                f"state directory {self.path} is in use by {holder_of(self.path)}; stop that one,"
                " or use another directory"
            ) from None

    def _open(self, holder: str) -> None:
        format_file = self.path / "format.json"
        version = check_format(format_file) if format_file.exists() else None
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
        lineage = self._lineage(folder)
        stem = folder / f"{lineage:04}"
        flash = FileFlash(_image_file(stem))
        kept = flash.read()
        try:
            config = read_config(kept, {profile.name: profile})
        except ImageError as e:
            raise StateError(f"{_image_file(stem)}: {e}") from e
        if config.serial != serial:
            raise StateError(f"{folder} holds the image of another token, {config.serial}")
        with _explained(self.path):
            matter = Matter.load(stem, profile, self.set_by_ns)
        return Stored(flash, matter, kept, config)

    def create(self, state: State) -> Stored:
        """Keep a new token, from its state as it leaves the factory.

        Raises:
            ConflictError: a token of that serial number is kept here already.
            StateError: it can't be written; nothing is left behind.
        """
        return self.create_many((state,))[0]

    def create_many(
        self, states: Sequence[State], progress: Callable[[int], object] | None = None
    ) -> list[Stored]:
        """Keep new tokens, all or none: much faster than one by one.

        Args:
            states: of each, as it leaves the factory.
            progress: is told of each token that is written, with 1; kept they are when
                this returns.

        Raises:
            ConflictError: a token of one's serial number is kept here already, or two
                have the same.
            StateError: they can't be written; nothing is left behind.
        """
        self._refuse_kept([state.config.serial for state in states])
        placed: list[Path] = []
        with _explained(self.path):
            new = Path(tempfile.mkdtemp(prefix=".new-", dir=self._tokens))
            try:
                for state in states:
                    self._write_token(new / state.config.serial, state)
                    if progress is not None:
                        progress(1)
                sync_tree(new, _FILES * len(states))
                for state in states:
                    folder = self._tokens / state.config.serial
                    (new / folder.name).rename(folder)
                    placed.append(folder)
                sync_folder(self._tokens)
                new.rmdir()
            except BaseException:
                for folder in (*placed, new):
                    shutil.rmtree(folder, ignore_errors=True)
                raise
        return [
            self._written(folder, 1, state) for folder, state in zip(placed, states, strict=True)
        ]

    def _refuse_kept(self, serials: Sequence[str]) -> None:
        seen: set[str] = set()
        for serial in serials:
            if serial in seen:
                raise ConflictError(f"token {serial} is to be made twice")
            if serial in self:
                raise ConflictError(f"token {serial} is kept in {self.path} already")
            seen.add(serial)

    def fork(self, state: State) -> Stored:
        """Start the next lineage of a token, from a state whose counter went back.

        Raises:
            StateError: it can't be written; the present lineage stays.
        """
        folder = self._tokens / state.config.serial
        lineage = self._lineage(folder) + 1
        with _explained(self.path):
            for left in folder.glob(f"{lineage:04}.*"):  # by a kill before it had an image
                left.unlink()
            _write_lineage(folder, lineage, state, self.set_by_ns, write_new)
            sync_folder(folder)
        return self._written(folder, lineage, state)

    def forget(self, serial: str) -> None:
        """Remove a token with all its lineages; after a kill it is there whole or gone.

        Raises:
            StateError: it can't be removed, or is not there.
        """
        with _explained(self.path):
            gone = Path(tempfile.mkdtemp(prefix=".new-", dir=self._tokens))
            try:
                (self._tokens / serial).rename(gone / serial)
                sync_folder(self._tokens)
            finally:
                shutil.rmtree(gone, ignore_errors=True)  # else at the next start

    def _write_token(self, folder: Path, state: State) -> None:
        folder.mkdir(mode=0o700)
        write_unseen(folder / "profile.json", _profile_json(state.config.profile))
        _write_lineage(folder, 1, state, self.set_by_ns, write_unseen)

    def _written(self, folder: Path, lineage: int, state: State) -> Stored:
        stem = folder / f"{lineage:04}"
        matter = Matter.written(stem, state.physics, state.used)
        return Stored(FileFlash(_image_file(stem)), matter, image(state), state.config)

    def _lineage(self, folder: Path) -> int:
        with _explained(folder):
            names = os.listdir(folder)  # noqa: PTH208  # names are what is wanted
        numbers = [
            int(stem)
            for stem, ending in map(os.path.splitext, names)
            if ending == ".nvm" and stem.isdecimal()
        ]
        if not numbers:
            raise StateError(f"{folder} holds no NVM image: put a good copy back, or remove it")
        return max(numbers)


def _write_lineage(
    folder: Path,
    lineage: int,
    state: State,
    set_by_ns: int,
    write: Callable[[Path, bytes], None],
) -> None:
    stem = folder / f"{lineage:04}"
    Matter.write(stem, state.physics, state.used, set_by_ns, write)
    # The image last: a lineage begins when it is there.
    write(_image_file(stem), image(state))


def _image_file(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.nvm")


@functools.lru_cache(maxsize=64)
def _profile_json(profile: Profile) -> bytes:
    return json.dumps(profile_to_mapping(profile), indent=1).encode()


@functools.lru_cache(maxsize=64)
def _parse_profile(raw: bytes) -> Profile:
    """Tokens of one product share their profile, in memory too."""
    return profile_from_mapping(json.loads(raw))


def _read_profile(path: Path) -> Profile:
    try:
        return _parse_profile(path.read_bytes())
    except OSError as e:
        raise StateError(f"{path} can't be read: {e.strerror}") from e
    except (ValueError, RecursionError, AttributeError, TypeError) as e:
        why = e if isinstance(e, ProfileError) else "it is not a JSON object"
        raise StateError(f"{path} is damaged: {why}") from None


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        raise StateError(f"state directory {path} can't be used: {e.strerror}") from e
    except FirmwareError as e:
        raise StateError(f"state directory {path}: {e}") from e
