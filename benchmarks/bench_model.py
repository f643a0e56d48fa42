"""The token model against its peers: one code, presses a second, years of presses.

``python benchmarks/bench_model.py``. Every contestant's codes are checked before
anything is timed.
"""

import hmac
from collections.abc import Generator
from typing import Any, Final

import pyotp
import simpy

from benchmarks.timing import cpu_seconds
from firmware_model import (
    GALH,
    Advance,
    Edge,
    Key,
    Secret,
    State,
    configure,
    hotp,
    manufacture,
    next_deadline,
    step,
)
from firmware_model.nvm import encode_slot
from firmware_model.oath import code_text
from firmware_model.profile import SECOND
from firmware_model.stimuli import Lit

RAW: Final = b"12345678901234567890"
KEY: Final = Key(Secret(RAW))
CONFIG: Final = configure("GALH00004226", GALH, Secret(RAW))
DOWN: Final = True
UP: Final = False
HOLD_NS: Final = 100_000_000
GAP_NS: Final = 8_640 * SECOND
"""Ten presses a day."""
Life = Generator[simpy.Event, Any, None]
CODES: Final = 5_000
PRESSES: Final = 2_000
YEAR: Final = 3_650


def digest_code(raw: bytes, counter: int) -> str:
    """Compute a code by ``hmac.digest``, cut down to digits by the same function."""
    mac = hmac.digest(raw, counter.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    return code_text(int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF, 6)


def jump(presses: int, codes: list[str] | None = None) -> State:
    """Press a token, two steps a press: down and up. Time in between is jumped over."""
    state = manufacture(CONFIG, 0)
    for n in range(presses):
        at_ns = n * GAP_NS
        state, _ = step(state, Edge(at_ns, DOWN), KEY)
        state, effects = step(state, Edge(at_ns + HOLD_NS, UP), KEY)
        if codes is not None:
            codes += [effect.code for effect in effects if isinstance(effect, Lit)]
    return step(state, Advance(presses * GAP_NS), KEY)[0]


def walk(presses: int) -> State:
    """Press a token and stop at each of its deadlines, as a bench in real time does."""
    state = manufacture(CONFIG, 0)
    for n in range(presses):
        at_ns = n * GAP_NS
        state, _ = step(state, Edge(at_ns, DOWN), KEY)
        while (deadline := next_deadline(state)) is not None and deadline < at_ns + HOLD_NS:
            state, _ = step(state, Advance(deadline), KEY)
        state, _ = step(state, Edge(at_ns + HOLD_NS, UP), KEY)
        while (deadline := next_deadline(state)) is not None:
            state, _ = step(state, Advance(deadline), KEY)
    return step(state, Advance(presses * GAP_NS), KEY)[0]


class SimpyToken:
    """The same story in SimPy: a person moves the contact, and the token reacts to it.

    What each does is the least that shows the same edges at the same times.
    """

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.counter = 0
        self.sequence = 0
        self.slots = [encode_slot(0, 0), encode_slot(0, 0)]
        self.text = ""
        self.closed = False
        self.button = False
        self.changed = env.event()
        self.pressed = env.event()
        self.effects: list[tuple[float, str, object]] = []
        env.process(self.debouncer())
        env.process(self.firmware())

    def edge(self, *, closed: bool) -> None:
        """Close or open the contact."""
        self.closed = closed
        self.changed.succeed()
        self.changed = self.env.event()

    def debouncer(self) -> Life:
        """Believe the contact once it rests."""
        while True:
            yield self.changed
            while self.closed != self.button:
                rested = self.env.timeout(GALH.debounce_ns)
                yield rested | self.changed
                if rested.processed:
                    self.button = self.closed
                    if self.button:
                        self.pressed.succeed()
                        self.pressed = self.env.event()

    def firmware(self) -> Life:
        """Commit, compute, light and darken."""
        while True:
            yield self.pressed
            self.accept()
            yield self.env.timeout(GALH.commit_ns)
            self.commit()
            yield self.env.timeout(GALH.compute_ns)
            self.light()
            yield self.env.timeout(GALH.lit_ns)
            self.darken()

    def accept(self) -> None:
        """Take the press."""
        self.effects = [(self.env.now, "accepted", self.counter)]

    def commit(self) -> None:
        """Write the next counter."""
        self.counter += 1
        self.sequence += 1
        slot = encode_slot(self.sequence, self.counter)
        self.slots[self.sequence % 2] = slot
        self.effects.append((self.env.now, "write", slot))

    def light(self) -> None:
        """Show the code."""
        self.text = code_text(KEY.truncated(self.counter - 1), GALH.digits)
        self.effects.append((self.env.now, "lit", self.text))

    def darken(self) -> None:
        """Go dark."""
        self.text = ""
        self.effects.append((self.env.now, "dark", None))


def react(presses: int) -> SimpyToken:
    """Run the SimPy story with a token that doesn't know when its contact moves."""
    env = simpy.Environment()
    token = SimpyToken(env)

    def person() -> Life:
        for _ in range(presses):
            token.edge(closed=DOWN)
            yield env.timeout(HOLD_NS)
            token.edge(closed=UP)
            yield env.timeout(GAP_NS - HOLD_NS)

    env.process(person())
    env.run()
    return token


def recite(presses: int) -> SimpyToken:
    """Run the SimPy story as one script of person and token: no token, but SimPy's floor."""
    env = simpy.Environment()
    token = SimpyToken(env)
    lit_and_down = HOLD_NS - GALH.debounce_ns - GALH.commit_ns - GALH.compute_ns
    lit_and_up = GALH.lit_ns - lit_and_down - GALH.debounce_ns
    rest = GAP_NS - HOLD_NS - GALH.debounce_ns - lit_and_up

    def script() -> Life:
        for _ in range(presses):
            token.closed = DOWN
            yield env.timeout(GALH.debounce_ns)
            token.button = DOWN
            token.accept()
            yield env.timeout(GALH.commit_ns)
            token.commit()
            yield env.timeout(GALH.compute_ns)
            token.light()
            yield env.timeout(lit_and_down)
            token.closed = UP
            yield env.timeout(GALH.debounce_ns)
            token.button = UP
            yield env.timeout(lit_and_up)
            token.darken()
            yield env.timeout(rest)

    env.process(script())
    env.run()
    return token


def check() -> None:
    """Assert that all contestants agree before they are timed."""
    other = pyotp.HOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    codes: list[str] = []
    state = jump(100, codes)
    assert codes == [hotp(KEY, n) for n in range(100)]
    assert codes == [digest_code(RAW, n) for n in range(100)]
    assert codes == [other.at(n) for n in range(100)]
    assert state == walk(100)
    at_ns = 99 * GAP_NS
    lit_ns = at_ns + GALH.debounce_ns + GALH.commit_ns + GALH.compute_ns
    expected = [
        (at_ns + GALH.debounce_ns, "accepted", 99),
        (at_ns + GALH.debounce_ns + GALH.commit_ns, "write", encode_slot(100, 100)),
        (lit_ns, "lit", codes[-1]),
        (lit_ns + GALH.lit_ns, "dark", None),
    ]
    for token in (react(100), recite(100)):
        assert (token.counter, token.sequence) == (state.counter, state.sequence) == (100, 100)
        assert token.effects == expected


def main() -> None:
    """Print the table."""
    check()
    other = pyotp.HOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    code = cpu_seconds(
        {
            "prepared key": lambda: [code_text(KEY.truncated(n), 6) for n in range(CODES)],
            "hmac.digest": lambda: [digest_code(RAW, n) for n in range(CODES)],
            "pyotp": lambda: [other.at(n) for n in range(CODES)],
        }
    )
    press = cpu_seconds(
        {
            "step, two a press": lambda: jump(PRESSES),
            "step, each deadline": lambda: walk(PRESSES),
            "SimPy": lambda: react(PRESSES),
            "SimPy, one script": lambda: recite(PRESSES),
        }
    )
    years = cpu_seconds({"1 year": lambda: jump(YEAR), "5 years": lambda: jump(5 * YEAR)}, 5)
    print(f"{'one code':28}{'codes/s':>12}{'times hmac.digest':>20}")
    for name, seconds in code.items():
        print(f"  {name:26}{CODES / seconds:12,.0f}{code['hmac.digest'] / seconds:20.2f}")
    print(f"{'one press':28}{'presses/s':>12}{'times SimPy':>20}")
    for name, seconds in press.items():
        print(f"  {name:26}{PRESSES / seconds:12,.0f}{press['SimPy'] / seconds:20.2f}")
    print(f"{'ten presses a day':28}{'CPU s':>12}")
    for name, seconds in years.items():
        print(f"  {name:26}{seconds:12.3f}")


if __name__ == "__main__":
    main()
