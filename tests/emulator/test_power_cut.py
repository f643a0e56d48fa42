"""Power cuts: no code twice, no counter back, and it always starts again.

Each life runs on the flash double that keeps nothing for sure until it is synced.
What lit is taken from the journal, as anybody would see it.
"""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.device import Device, Home
from emulator.journal import Journal
from emulator.testing import FaultyFlash, PowerCut, Survivor
from firmware_model import Secret, configure, hotp, manufacture, power_on
from firmware_model import image as image_of
from firmware_model.nvm import recover
from firmware_model.oath import Key
from firmware_model.profile_file import profile_from_mapping
from firmware_model.stimuli import Lit

MS: Final = 1_000_000
S: Final = 1_000_000_000
START_NS: Final = 1_767_225_600 * S
PROFILE: Final = profile_from_mapping(
    {"base": "GALH", "name": "QUICK", "press_while_lit": "new_code"}
)
CONFIG: Final = configure("GALH00004226", PROFILE, Secret(b"12345678901234567890"))
SERIAL: Final = CONFIG.serial
KEY: Final = Key(CONFIG.secret)
NEW: Final = image_of(manufacture(CONFIG, START_NS))

Act = Callable[[Bench], object]


class Life:
    """A token from the factory on, through any number of power cuts."""

    def __init__(self, image: bytes = NEW) -> None:
        self.flash = FaultyFlash(image)
        self.now_ns = START_NS
        self.lit: list[int] = []
        self.counter = 0
        self.start()

    def start(self) -> None:
        """Put the battery in; the power may fail while the token repairs its memory."""
        self.journal = Journal()
        bench = Bench(VirtualClock(self.now_ns), journal=self.journal)
        state, effects = power_on(self.flash.read(), self.now_ns, profiles={PROFILE.name: PROFILE})
        assert state.mode.name == "ASLEEP"
        device = Device(state, Home(self.flash), self.journal, bench._engine.noticed)
        device.adopt(effects)
        bench._engine.place(device)
        self.bench = bench
        self.look()

    def do(self, *acts: Act) -> None:
        """Do things to it, and check what could be seen meanwhile."""
        try:
            for act in acts:
                act(self.bench)
                self.look()
        finally:
            self.see()

    def look(self) -> None:
        """Check that the counter did not go back."""
        view = self.bench.look(SERIAL)
        assert view.counter is not None
        assert self.counter <= view.counter
        self.counter = view.counter

    def see(self) -> None:
        """Check each code that lit: a new one, whose successor is durable."""
        for record in self.journal.since(0):
            if isinstance(record.event, Lit):
                assert record.event.code == hotp(KEY, record.event.factor)
                self.lit.append(record.event.factor)
        self.journal = Journal()
        self.now_ns = max(self.now_ns, self.bench.settled_ns)
        assert self.lit == sorted(set(self.lit))
        kept = recover(self.flash.durable[-64:-32], self.flash.durable[-32:]).counter
        assert kept is not None
        assert not self.lit or kept > self.lit[-1]

    def twin(self) -> "Life":
        """Return another one with the same past."""
        twin = copy.copy(self)
        twin.lit = list(self.lit)
        return twin

    def crash(self, image: bytes) -> None:
        """Go on from what a power cut left."""
        self.flash = FaultyFlash(image)
        self.start()


def press(bench: Bench) -> None:
    """Press, and let the code light."""
    bench.press(SERIAL)


def press_briefly(bench: Bench) -> None:
    """Press so briefly that the write is under way when the contact opens."""
    bench.press(SERIAL, 21 * MS)


def press_and_reset(bench: Bench) -> None:
    """Reset the token in the middle of its write: a torn slot, and its repair."""
    bench.down(SERIAL)
    bench.advance(24 * MS)
    bench.reset(SERIAL)
    bench.up(SERIAL)
    bench.advance(50 * MS)


def wait(bench: Bench) -> None:
    """Let it go dark."""
    bench.advance(31 * S)


def reset(bench: Bench) -> None:
    """Reset it at rest, or lit."""
    bench.reset(SERIAL)


def skip(bench: Bench) -> None:
    """Have a tool set the counter forward: both slots are written."""
    counter = bench.look(SERIAL).counter
    assert counter is not None
    bench.set_counter(SERIAL, counter + 3)


ACTS: Final[list[Act]] = [press, press_briefly, press_and_reset, wait, reset, skip]
SHORT_LIFE: Final[list[Act]] = [press, press_and_reset, press, skip, press, wait, press]


def cut(life: Life, acts: list[Act], operation: int) -> bool:
    """Do things until the power fails in that operation; return whether it did."""
    life.flash.cut_at = life.flash.operations + operation
    try:
        life.do(*acts)
    except PowerCut:
        return True
    return False


def remains(flash: FaultyFlash) -> Iterator[bytes]:
    """Yield every image that a power cut can leave of at most one write."""
    yield flash.durable
    assert len(flash.pending) <= 1
    for _, data in flash.pending:
        for length in range(1, len(data) + 1):
            yield flash.surviving([Survivor(0, length)])


def test_every_cut_of_a_short_life() -> None:
    """Each operation of a life cut, each length torn: what follows repeats nothing."""
    operation = cases = 0
    while True:
        operation += 1
        life = Life()
        if not cut(life, SHORT_LIFE, operation):
            break
        for image in set(remains(life.flash)):
            again = life.twin()
            again.crash(image)
            again.do(press, press, wait, press)
            cases += 1
    assert operation > 15
    assert cases > 80


def test_a_cut_during_the_repair_after_a_cut() -> None:
    """Power that fails again in each operation of the repair changes nothing either."""
    first = Life()
    assert cut(first, [press, press], 3)  # the second write, not synced
    for image in set(remains(first.flash)):
        for operation in (1, 2):
            again = first.twin()
            again.flash = FaultyFlash(image)
            again.flash.cut_at = operation
            try:
                again.start()
            except PowerCut:
                for left in set(remains(again.flash)):
                    last = again.twin()
                    last.crash(left)
                    last.do(press, press)


@given(st.data())
def test_any_life(data: st.DataObject) -> None:
    """Any acts, any power cuts, any remains: no code twice, no counter back."""
    choices = data.draw(st.randoms(use_true_random=False))
    life = Life()
    for acts in data.draw(st.lists(st.lists(st.sampled_from(ACTS), max_size=5), max_size=6)):
        starting = False
        if cut(life, acts, data.draw(st.integers(1, 12))):
            starting = True
        elif data.draw(st.booleans()):
            life.bench.close()
            starting = True
        while starting:
            life.flash = FaultyFlash(life.flash.crash(choices))
            if data.draw(st.booleans()):
                life.flash.cut_at = data.draw(st.integers(1, 3))
            try:
                life.start()
                life.flash.cut_at = None
                starting = False
            except PowerCut:
                pass


@pytest.mark.full
@pytest.mark.parametrize("seed", range(50))
def test_long_lives(seed: int) -> None:
    """Hundreds of power cuts each, one every few operations."""
    choices = random.Random(seed)  # noqa: S311  # no secret
    life = Life()
    for _ in range(300):
        if not cut(life, choices.choices(ACTS, k=4), choices.randint(1, 20)):
            continue
        while True:
            life.flash = FaultyFlash(life.flash.crash(choices))
            life.flash.cut_at = choices.choice([None, 1, 2])
            try:
                life.start()
            except PowerCut:
                continue
            life.flash.cut_at = None
            break
    assert len(life.lit) > 50


def test_no_code_before_its_counter_is_durable() -> None:
    """At each cut, a code has lit only if the next counter had been synced."""
    for operation in range(1, 40):
        life = Life()
        if not cut(life, SHORT_LIFE, operation):
            break
        kept = recover(life.flash.durable[-64:-32], life.flash.durable[-32:]).counter
        assert kept is not None
        assert all(factor < kept for factor in life.lit)


def test_the_double_is_needed() -> None:
    """Were the code lit before the sync, a cut would repeat it: the test can tell."""

    class Hasty(FaultyFlash):
        def sync(self) -> None:
            self._operate()

    life = Life()
    life.flash = Hasty(NEW)
    life.start()
    with pytest.raises(AssertionError):
        life.do(press)


def test_a_reset_in_the_middle_of_a_write_costs_a_counter() -> None:
    """The torn slot is repaired to the next counter; no code lit."""
    life = Life()
    life.do(press_and_reset)
    assert (life.lit, life.bench.look(SERIAL).counter) == ([], 1)
