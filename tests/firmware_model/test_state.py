"""The state as a value, and what is read off it."""

import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import (
    GALT,
    Advance,
    Config,
    Crystal,
    Edge,
    Mode,
    Profile,
    Rtc,
    Secret,
    SetCounter,
    configure,
    next_deadline,
    token_time,
)
from firmware_model.profile import SECOND
from firmware_model.state import (
    bars_at,
    lcd,
    next_counter,
    remaining_ns,
)

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken

LIT_AFTER_NS = 78_000_000
"""Debounce, commit and compute time of the GALH profile."""


def test_state_is_a_value(event_token: "MakeToken") -> None:
    """Two tokens with one history have equal states with equal hashes."""
    one, other = event_token(), event_token()
    one.press(0)
    other.press(0)
    assert one.state == other.state
    assert hash(one.state) == hash(other.state)
    assert {one.state} == {other.state}
    other.run(SECOND)
    assert one.state != other.state


def test_state_is_not_pickled(event_token: "MakeToken") -> None:
    """A state holds the secret, so it is not pickled either."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(event_token().state)


def test_token_time(time_token: "MakeToken") -> None:
    """A second a day fast is a second a day fast."""
    day = 86_400 * SECOND
    token = time_token(rtc=Rtc(0, 5 * SECOND, Crystal(11_600)))
    token.run(100 * day)
    drift = token_time(token.state) - 100 * day - 5 * SECOND
    assert 100 * 86_400 * 11_600 == drift
    assert 5 * SECOND == token_time(token.state, 0)
    assert Rtc(0, 5 * SECOND, Crystal(11_600)) == token.state.physics.rtc


@given(
    st.integers(0, 10**6),
    st.integers(-(10**12), 10**17),
    st.integers(1, 86_400),
    st.integers(0, 30),
)
def test_bars_change_when_they_say(factor: int, time_ns: int, step_s: int, count: int) -> None:
    """Bars stay until the moment named, and are one fewer from it on."""
    config = _config(step_s, count)
    bars, change_ns = bars_at(config, factor, time_ns)
    assert 0 <= bars <= max(count, 1)
    if bars:
        assert change_ns > time_ns
        assert (bars, change_ns) == bars_at(config, factor, change_ns - 1)
        assert bars - 1 == bars_at(config, factor, change_ns)[0]
    else:
        assert time_ns >= (factor + 1) * step_s * SECOND


def test_lcd_of_a_lit_code(event_token: "MakeToken") -> None:
    """A lit code is on the LCD, with the lit time that is left."""
    token = event_token()
    token.press(0)
    assert "755224" == lcd(token.state).text
    assert 30 * SECOND + LIT_AFTER_NS - 100_000_000 == remaining_ns(token.state)
    assert 1 == next_counter(token.state)


def test_lcd_of_a_sleeping_token(event_token: "MakeToken") -> None:
    """A sleeping token is dark, and nothing is due."""
    token = event_token()
    assert ("", False, 6) == (
        lcd(token.state).text,
        lcd(token.state).lit,
        len(lcd(token.state).digits),
    )
    assert remaining_ns(token.state) == 0
    assert next_deadline(token.state) is None


def test_time_token_has_no_counter(time_token: "MakeToken") -> None:
    """A time token has no next counter."""
    assert next_counter(time_token().state) is None


def test_deadlines_of_one_press(event_token: "MakeToken") -> None:
    """A press goes from deadline to deadline: debounce, commit, compute, lit time."""
    token = event_token()
    token.do(Edge(0, closed=True))
    seen = []
    while (deadline := next_deadline(token.state)) is not None:
        token.do(Advance(deadline))
        seen.append((deadline, token.state.mode))
    lit_ns = LIT_AFTER_NS
    assert seen == [
        (20_000_000, Mode.COMMITTING),
        (28_000_000, Mode.COMPUTING),
        (lit_ns, Mode.LIT),
        (lit_ns + 30 * SECOND, Mode.ASLEEP),
    ]


def test_repr_shows_no_code(event_token: "MakeToken") -> None:
    """A state's repr names serial, mode and counter only."""
    token = event_token()
    token.do(SetCounter(0, 9))
    token.press(0)
    assert "<State GALH00004226 LIT counter=10>" == repr(token.state)


def _config(step_s: int, bars: int) -> Config:
    fields = {name: getattr(GALT, name) for name in Profile.__slots__}
    profile = Profile(**{**fields, "time_bars": bars})
    return configure("GALT00000042", profile, Secret(bytes(20)), step_s=step_s)
