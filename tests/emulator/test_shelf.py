"""Where tokens come from."""

from pathlib import Path

import pytest

from emulator.errors import ConflictError, UsageError
from emulator.shelf import Shelf
from emulator.statedir import StateDir
from firmware_model import GALH, Secret, configure, image, manufacture
from firmware_model.physics import new_physics

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


def test_many_are_made_in_order(tmp_path: Path) -> None:
    """With a store or without, each is itself; those alike share what they are made of."""
    configs = [configure(f"GALH{number:08}", GALH, Secret(bytes(20))) for number in range(1, 6)]
    slow = new_physics(GALH, 0, tolerance_ppb=-5)
    told: list[int] = []
    with StateDir(tmp_path / "state") as store:
        for shelf in (Shelf(None), Shelf(store)):
            made = shelf.make_many(
                [*((c, None) for c in configs[1:]), (configs[0], slow)], 7, told.append
            )
            states = [state for state, _ in made]
            assert [*configs[1:], configs[0]] == [state.config for state in states]
            assert [image(state) for state in states] == [home.flash.read() for _, home in made]
            assert [1, 1, 1, 1, 2] == [
                len({id(s.physics) for s in states[: n + 1]}) for n in range(5)
            ]
            assert slow is states[-1].physics
    assert 10 == sum(told)


def test_what_is_kept_can_be_forgotten(tmp_path: Path) -> None:
    """A state made elsewhere is kept like one of its own, and gone when forgotten."""
    state = manufacture(CONFIG, 3)
    with StateDir(tmp_path / "state") as store:
        for shelf, kept in ((Shelf(None), False), (Shelf(store), True)):
            home = shelf.keep(state)
            assert (image(state), kept) == (home.flash.read(), CONFIG.serial in shelf)
            shelf.forget(CONFIG.serial)
            shelf.forget(CONFIG.serial)
            assert CONFIG.serial not in shelf


def test_another_secret_is_refused(tmp_path: Path) -> None:
    """What is taken must be what is expected; the message names what differs."""
    other = configure("GALH00004226", GALH, Secret(bytes(20)), digits=8)
    with StateDir(tmp_path / "state") as store:
        shelf = Shelf(store)
        shelf.make(CONFIG, 0, None)
        with pytest.raises(ConflictError, match="another secret, digits than is asked for"):
            shelf.take(CONFIG.serial, 0, other)
