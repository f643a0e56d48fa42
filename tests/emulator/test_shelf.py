"""Where tokens come from."""

from pathlib import Path

import pytest

from emulator.errors import ConflictError, UsageError
from emulator.shelf import Shelf
from emulator.statedir import StateDir
from firmware_model import GALH, Secret, configure, image

CONFIG = configure("GALH00004226", GALH, Secret(b"12345678901234567890"))


def test_without_a_store_nothing_is_kept() -> None:
    """A token is made in memory, and none can be taken."""
    shelf = Shelf(None)
    state, home = shelf.make(CONFIG, 0, None)
    assert (image(state), None) == (home.flash.read(), home.matter)
    assert CONFIG.serial not in shelf
    with pytest.raises(UsageError, match="no token GALH00004226 is kept"):
        shelf.take(CONFIG.serial, 0, None)


def test_what_is_made_can_be_taken(tmp_path: Path) -> None:
    """With a store the same token comes back, as it was made."""
    with StateDir(tmp_path / "state") as store:
        shelf = Shelf(store)
        made, _ = shelf.make(CONFIG, 0, None)
        assert CONFIG.serial in shelf
        state, _, home = shelf.take(CONFIG.serial, 5, CONFIG)
        assert (image(made), image(made), 5) == (image(state), home.flash.read(), state.now_ns)


def test_another_secret_is_refused(tmp_path: Path) -> None:
    """What is taken must be what is expected; the message names what differs."""
    other = configure("GALH00004226", GALH, Secret(bytes(20)), digits=8)
    with StateDir(tmp_path / "state") as store:
        shelf = Shelf(store)
        shelf.make(CONFIG, 0, None)
        with pytest.raises(ConflictError, match="another secret, digits than is asked for"):
            shelf.take(CONFIG.serial, 0, other)
