"""What a token is made of, kept beside its NVM image: clock, battery, climate, damage.

    NNNN.physics.json   all of it, replaced as a whole when something was done to the token
    NNNN.slots          the charge drawn since then, written with every press

Why a kill at any moment leaves the two in step: the JSON file has a revision, and the
charge of that moment; the slots say which revision their charge goes with. Written is
the JSON file first (synced, by a rename), then the slots. A kill between the two, or a
power cut that takes the slots back (they are not synced), leaves slots of an older
revision, which then do not count: a fresh battery is never charged with what the one
before it gave. Lost is at most the charge of some presses, never a counter: that is in
the image, which is durable before any of this is written.

Times in the JSON file are those of a bench clock that had been set by ``set_by_ns`` in
all. Setting it again leaves the file as it is: whoever reads moves them along.

Version 1 had no JSON file, but ``at_ns``, ``clock_ns`` and ``ppb`` of the token's clock
in the slots. Such a token gets the rest as new.
"""

import functools
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

from emulator.errors import StateError
from emulator.jsonfile import replace_json, sync_folder
from emulator.slotfile import SlotFile
from firmware_model.errors import StateFormatError, StimulusError
from firmware_model.physics import (
    Physics,
    check_physics,
    from_mapping,
    new_physics,
    shifted,
    to_mapping,
)
from firmware_model.profile import Profile

SCHEMA: Final = 2


class Matter:
    """Physics and charge of one lineage of a token, on disk.

    Attributes:
        physics: as read or made; times are those of the clock as it was then.
        used: charge drawn, see :attr:`firmware_model.state.State.used`, as last kept.
    """

    __slots__ = ("_revision", "_slots", "_stem", "physics", "used")

    def __init__(
        self, stem: Path, slots: SlotFile, revision: int, physics: Physics, used: int
    ) -> None:
        self._stem = os.fspath(stem)  # takes less memory than a Path
        self._slots = slots
        self._revision = revision
        self.physics = physics
        self.used = used

    @staticmethod
    def write(
        stem: Path,
        physics: Physics,
        used: int,
        set_by_ns: int,
        write: Callable[[Path, bytes], None],
    ) -> None:
        """Write both files of a new lineage; who calls syncs the folder.

        Args:
            stem: their path without endings.
            physics: what the token is made of.
            used: charge drawn.
            set_by_ns: by how much the bench's clock has been set so far.
            write: how: each by itself and durable, or all together, see ``newfiles.py``.

        Raises:
            OSError, StateError: they can't be written.
        """
        write(_file(stem), json.dumps(_whole_of(0, physics, used, set_by_ns)).encode())
        SlotFile.create(_slots(stem), _charge(0, used), write)

    @classmethod
    def written(cls, stem: Path, physics: Physics, used: int) -> Self:
        """Return what :meth:`write` has just written, which need not be read again.

        Args:
            stem: where the files are by now.
            physics: as written.
            used: as written.
        """
        return cls(stem, SlotFile(_slots(stem), _charge(0, used)), 0, physics, used)

    @classmethod
    def load(cls, stem: Path, profile: Profile, set_by_ns: int) -> Self:
        """Read both files, and bring those of version 1 up to date.

        Args:
            stem: their path without endings.
            profile: the token's.
            set_by_ns: by how much the bench's clock has been set so far.

        Raises:
            OSError, StateError: they can't be read, or are damaged.
        """
        slots, file = SlotFile(_slots(stem)), _file(stem)
        try:
            raw = file.read_bytes()
        except FileNotFoundError:
            physics, used = _of_version_1(stem, slots.value, profile, set_by_ns), 0
            replace_json(file, _whole_of(1, physics, used, set_by_ns))
            sync_folder(file.parent)
            return cls(stem, slots, 1, physics, used)
        try:
            physics, revision, used = _parse(raw, set_by_ns)
            if slots.value.get("revision") == revision:
                used = _natural(slots.value, "used")
        except (StateFormatError, StimulusError) as e:
            raise StateError(f"{file} is damaged: {e}") from None
        return cls(stem, slots, revision, physics, used)

    def keep(self, physics: Physics, used: int, set_by_ns: int, *, altered: bool) -> None:
        """Keep what a token is made of now.

        Args:
            physics: all of it.
            used: charge drawn.
            set_by_ns: by how much the bench's clock has been set so far.
            altered: whether more has changed than charge and the bench's clock.

        Raises:
            StateError: it can't be written.
        """
        if altered:
            file = _file(Path(self._stem))
            try:
                replace_json(file, _whole_of(self._revision + 1, physics, used, set_by_ns))
                sync_folder(file.parent)
            except OSError as e:
                raise StateError(f"{file} can't be written: {e.strerror}") from e
            self._revision += 1
            self.physics = physics
        self._slots.put(_charge(self._revision, used))
        self.used = used


def _file(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.physics.json")


def _slots(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.slots")


@functools.lru_cache(maxsize=64)
def _parse(raw: bytes, set_by_ns: int) -> tuple[Physics, int, int]:
    """Return physics, revision and charge of a file.

    Tokens that were made together have equal files: those are read once, and share what
    they are made of.
    """
    try:
        kept = json.loads(raw)
    except (ValueError, RecursionError):
        raise StateFormatError("it is not JSON") from None
    if not isinstance(kept, dict):
        raise StateFormatError("it is not a JSON object")
    if kept.get("schema") != SCHEMA:
        raise StateFormatError(f"its schema is not {SCHEMA}")
    then_ns = _whole(kept, "set_by_ns")
    revision, used = (_natural(kept, name) for name in ("revision", "used"))
    physics = shifted(from_mapping(kept), set_by_ns - then_ns)
    check_physics(physics)
    return physics, revision, used


def _charge(revision: int, used: int) -> dict[str, int]:
    return {"schema": SCHEMA, "revision": revision, "used": used}


def _whole_of(revision: int, physics: Physics, used: int, set_by_ns: int) -> dict[str, Any]:
    """Return what the JSON file holds."""
    head = {"schema": SCHEMA, "set_by_ns": set_by_ns, "revision": revision, "used": used}
    return head | to_mapping(physics)


def _of_version_1(
    stem: Path, value: Mapping[str, Any], profile: Profile, set_by_ns: int
) -> Physics:
    try:
        then_ns, at_ns, clock_ns, ppb = (
            _whole(value, name) for name in ("set_by_ns", "at_ns", "clock_ns", "ppb")
        )
        at_ns += set_by_ns - then_ns
        clock_ns += set_by_ns - then_ns
        physics = new_physics(profile, at_ns, tolerance_ppb=ppb, offset_ns=clock_ns - at_ns)
        check_physics(physics)
    except (StateFormatError, StimulusError) as e:
        raise StateError(
            f"{_slots(stem)} holds no clock of version 1, and there is no {_file(stem).name}: {e};"
            " put a good copy of both back"
        ) from None
    return physics


def _whole(value: Mapping[str, Any], name: str) -> int:
    number = value.get(name)
    if type(number) is not int:
        raise StateFormatError(f"its {name} is no whole number")
    return number


def _natural(value: Mapping[str, Any], name: str) -> int:
    number = _whole(value, name)
    if number < 0:
        raise StateFormatError(f"its {name} is below 0")
    return number
