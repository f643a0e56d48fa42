"""What the seam promises, for every backend in the ``BACKENDS`` of ``conftest.py``."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import pytest

from firmware_model.oath import Algorithm, Key, Secret, hotp
from firmware_model.profile import SECOND, TokenType
from hosttools.errors import HostError, NotOfferedError, UsageError
from hosttools.hand import Can, Hand, Pressed, PressRefusedError, Token
from tests.hosttools.hand.conftest import SECRET, Take

# pyserial 3.5 calls Thread.setDaemon and setName.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")

CODES: Final = ["755224", "287082", "359152", "969429"]
"""RFC 4226 appendix D."""

STEP_NS: Final = 30 * SECOND

VERBS: Final[Mapping[Can, tuple[Callable[[Hand], object], ...]]] = {
    Can.EDGES: (lambda hand: hand.down(), lambda hand: hand.up()),
    Can.LOOK: (lambda hand: hand.lcd(), lambda hand: hand.remaining_ns()),
    Can.ADVANCE: (lambda hand: hand.advance(1.5),),
    Can.COUNTER: (lambda hand: hand.counter(),),
    Can.SET_COUNTER: (lambda hand: hand.set_counter(7),),
    Can.TOKEN_TIME: (lambda hand: hand.token_time_ns(),),
    Can.SHIFT_TOKEN_TIME: (
        lambda hand: hand.shift_token_time(60 * SECOND),
        lambda hand: hand.shift_token_time(-1),
    ),
    Can.RESET: (lambda hand: hand.reset(),),
    Can.MATTER: (
        lambda hand: hand.temperature(),
        lambda hand: hand.set_temperature(20.5),
        lambda hand: hand.set_ppm(-3.25),
        lambda hand: hand.inject("{press = 1000, reset = {}}"),
    ),
}


def test_every_press_gives_the_next_code(hand: Hand) -> None:
    """Codes come in RFC 4226's order, each after the display went dark."""
    codes = []
    for _ in range(3):
        codes.append(hand.press())
        hand.wait_dark()

    assert [Pressed(code, None) for code in CODES[:3]] == codes


def test_press_while_lit_is_refused(hand: Hand) -> None:
    """A press while a code is lit gives none, is no error, and uses no counter."""
    hand.press()

    assert Pressed(None, "lit") == hand.press()
    hand.wait_dark()
    assert Pressed(CODES[1], None) == hand.press()


def test_series_gives_so_many_codes(hand: Hand) -> None:
    """A series waits until dark in between, and leaves its last code lit."""
    assert CODES[:3] == [pressed.code for pressed in hand.press_many(3)]
    assert "lit" == hand.press().refused


def test_series_begins_once_dark(hand: Hand) -> None:
    """A series that begins while a code is lit waits for the dark first."""
    hand.press()

    assert CODES[1:3] == [pressed.code for pressed in hand.press_many(2)]


def test_series_of_one_while_lit_is_refused(hand: Hand) -> None:
    """A series of one is a press."""
    hand.press()

    assert (Pressed(None, "lit"),) == hand.press_many(1)


def test_waiting_while_dark_takes_no_time(hand: Hand) -> None:
    """Waiting until dark when it is dark returns at once."""
    now_ns = hand.time_ns()
    hand.wait_dark()

    assert now_ns == hand.time_ns()


def test_series_out_of_range(hand: Hand) -> None:
    """A number of presses or a hold that can't be is refused, and nothing is pressed."""
    for times in (0, -1, 1_000_001):
        with pytest.raises(UsageError, match=rf"{times} presses; allowed are 1 to 1000000"):
            hand.press_many(times)
    for hold_s in (0.0, -1.0, 3601.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match=r"allowed are 0\.001 to 3600 s"):
            hand.press_many(1, hold_s)

    assert CODES[0] == hand.press().code


def test_long_series_on_real_clock(take: Take) -> None:
    """What would take too long on a real clock is refused, with how long, before it begins."""
    hand = take(real=True)

    with pytest.raises(UsageError, match=r"100 presses take about 2980 s .* more than the limit"):
        hand.press_many(100)
    with pytest.raises(UsageError, match=r"3 presses take about 60 s .* the limit of 1 s"):
        hand.press_many(3, limit_s=1)


def test_says_what_it_is(take: Take) -> None:
    """Serial number, product and type are the token's."""
    for kind, token_type in (("GALH", TokenType.EVENT), ("GALT", TokenType.TIME)):
        hand = take(kind)
        assert hand.serial().startswith(kind)
        assert (kind, token_type) == (hand.profile_name(), hand.token_type())


def test_time_token_follows_the_step(take: Take) -> None:
    """A time token shows the code of its time step; once lit and dark, that of another."""
    timed = take("GALT")
    key = Key(Secret(SECRET), Algorithm.SHA1)
    steps = []
    for _ in range(3):
        before = timed.time_ns() // STEP_NS
        code = timed.press().code
        # A press takes its time: tokens of one bench share a clock, and others have moved it.
        during = range(before, timed.time_ns() // STEP_NS + 1)
        steps += [step for step in during if hotp(key, step, 8) == code]
        timed.wait_dark()

    assert 3 == len(steps)
    assert steps[0] < steps[1] < steps[2]


@pytest.mark.parametrize("kind", ["GALH", "GALT"])
@pytest.mark.parametrize("real", [False, True], ids=["manual", "real"])
def test_can_is_honest(take: Take, kind: str, real: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    """What ``can`` names works; what it does not raises, with the token and the verb in words."""
    hand = take(kind, real=real)
    for can, verbs in VERBS.items():
        for verb in verbs:
            if can in hand.can:
                verb(hand)
                continue
            with pytest.raises(NotOfferedError, match=f"can't {can.value}"):
                verb(hand)


@pytest.mark.parametrize("kind", ["GALH", "GALT"])
def test_what_can_not_be_is_refused(take: Take, kind: str) -> None:
    """Numbers and faults that can't be are errors of ours, and the token goes on."""
    hand = take(kind)
    nan, huge = float("nan"), 1e300
    bad: tuple[Callable[[], object], ...] = (
        *(partial(hand.advance, seconds) for seconds in (-1.0, nan, huge, float("inf"))),
        *(partial(hand.set_counter, counter) for counter in (-1, 2**64)),
        *(partial(hand.shift_token_time, by_ns) for by_ns in (-(2**80), 2**80)),
        *(partial(hand.set_temperature, celsius) for celsius in (nan, huge, -300.0)),
        *(partial(hand.set_ppm, ppm) for ppm in (nan, huge, -1e7)),
        *(partial(hand.inject, fault) for fault in ("", "rubbish", "{press = 1}\n*CLS", "\0é")),
    )
    for verb in bad:
        with pytest.raises(HostError):
            verb()

    assert hand.press().refused is None


def test_token_says_why_it_gives_none(hand: Hand) -> None:
    """A token that one presses raises where no code lit, with the reason."""
    token = Token(hand)
    code = token.press()

    with pytest.raises(PressRefusedError, match=r"refused a press: lit; .* wait_dark") as caught:
        token.press()
    assert "lit" == caught.value.reason
    assert code not in str(caught.value)
    assert [CODES[1], *CODES[2:4]] == [token.fresh_code(), *token.press_many(2)]


def test_closed_twice(hand: Hand) -> None:
    """A token is put down as often as one likes."""
    hand.press()
    hand.close()
    hand.close()


def test_closed_is_closed(take: Take, request: pytest.FixtureRequest) -> None:
    """A hand that was closed says so, with an error of ours."""
    if "manual" in request.node.callspec.params.values():
        pytest.skip("a person keeps the token")
    hand = take()
    hand.close()

    with pytest.raises(HostError):
        hand.press()
