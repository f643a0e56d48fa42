"""The canonical state: round trip, digest, refusals, and no secret in it."""

import base64
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import (
    GALH,
    GALT,
    Algorithm,
    Crystal,
    Edge,
    Key,
    Mode,
    Rtc,
    Secret,
    SetCounter,
    State,
    SupplyDip,
    configure,
    image,
    lcd,
    manufacture,
    power_on,
    step,
)
from firmware_model.climate import steady
from firmware_model.codec import SCHEMA, digest, from_json, to_json
from firmware_model.damage import Damage
from firmware_model.errors import StateFormatError, StimulusError
from firmware_model.nvm import SLOT_A
from firmware_model.oath import MAX_COUNTER
from firmware_model.products import PROFILES
from firmware_model.profile import SECOND, HoldAction, Profile
from firmware_model.stimuli import BatteryOut

if TYPE_CHECKING:
    from tests.firmware_model.conftest import MakeToken, Token

SECRET = Secret(b"12345678901234567890")
OTHER = Secret(b"09876543210987654321")
WHEN = {
    Mode.DEBOUNCING: 10_000_000,
    Mode.COMMITTING: 24_000_000,
    Mode.COMPUTING: 50_000_000,
    Mode.LIT: SECOND,
    Mode.SCREEN: 3 * SECOND,
    Mode.MENU: 3 * SECOND,
    Mode.ASLEEP: 100 * SECOND,
}


HOLDS = {Mode.SCREEN: HoldAction.SHOW_COUNTER, Mode.MENU: HoldAction.MENU}


def known(state: State) -> dict[str, Profile]:
    """Return the profiles that know the state's."""
    return {state.config.profile.name: state.config.profile}


def in_mode(token: "Token", mode: Mode) -> State:
    """Bring a token into a mode by a hold that began at 0."""
    if mode is Mode.ERROR:
        broken = image(token.state)[:SLOT_A] + bytes(64)
        return power_on(broken, 0, profiles=known(token.state))[0]
    if mode is Mode.DEAD:
        token.do(SetCounter(0, MAX_COUNTER - 1))
        token.press(0)
        token.do(SupplyDip(SECOND))
        return token.state
    if mode is Mode.OFF:
        token.do(BatteryOut(0))
        return token.state
    assert token.config.profile.hold_action is HOLDS.get(mode, HoldAction.NONE)
    token.do(Edge(0, closed=True))
    token.run(WHEN[mode])
    return token.state


@pytest.fixture(params=[*Mode], ids=lambda mode: mode.name)
def event_state(event_token: "MakeToken", request: pytest.FixtureRequest) -> State:
    """Return an event token's state in each mode."""
    mode: Mode = request.param
    state = in_mode(event_token(hold_action=HOLDS.get(mode, HoldAction.NONE)), mode)
    assert mode is state.mode
    return state


def test_round_trip_in_every_mode(event_state: State) -> None:
    """A state is read back as it was, with the LCD's text."""
    again = from_json(to_json(event_state), SECRET, known(event_state))
    assert event_state == again
    assert hash(event_state) == hash(again)
    assert digest(event_state) == digest(again)
    assert lcd(event_state) == lcd(again)


@pytest.mark.parametrize(
    "mode", [Mode.ASLEEP, Mode.DEBOUNCING, Mode.COMPUTING, Mode.LIT, Mode.SCREEN, Mode.ERROR]
)
def test_round_trip_of_a_time_token(time_token: "MakeToken", mode: Mode) -> None:
    """A time token's state is read back too, with its crystal and its next tick."""
    hold = HoldAction.SHOW_COUNTER if mode is Mode.SCREEN else HoldAction.NONE
    token = time_token(hold_action=hold, rtc=Rtc(-7, 1_700_000_000 * SECOND, Crystal(-4_321)))
    state = in_mode(token, mode)
    assert mode is state.mode
    assert state == from_json(to_json(state), SECRET, known(state))


def test_set_counter_on_the_counter_screen_round_trip(event_token: "MakeToken") -> None:
    """A counter that is set while it is shown is read back as it is shown."""
    token = event_token(hold_action=HoldAction.SHOW_COUNTER)
    in_mode(token, Mode.SCREEN)
    token.do(SetCounter(4 * SECOND, 31))
    assert token.state == from_json(to_json(token.state), SECRET, known(token.state))


def test_t0_beyond_all_time_round_trip(time_token: "MakeToken") -> None:
    """A tick past the end of time is one that is not there."""
    token = time_token(t0_s=2**62)
    state = in_mode(token, Mode.LIT)
    assert state == from_json(to_json(state), SECRET, known(state))


def test_canonical() -> None:
    """The JSON is ASCII, sorted, without white space, and names its schema."""
    text = to_json(manufacture(configure("GALH00000042", GALH, SECRET), 0))
    data = json.loads(text)
    assert text.isascii()
    assert SCHEMA == data["schema"] == 2
    assert json.dumps(data, sort_keys=True, separators=(",", ":")) == text


def test_digest_sees_every_part(event_state: State) -> None:
    """Two states that differ anywhere have different digests."""
    changes: list[dict[str, Any]] = [
        {"slot_a": b"a" * 32},
        {"slot_b": b"b" * 32},
        {"older": 5},
        {"closed": not event_state.closed},
        {"button": not event_state.button},
        {"mode": Mode((event_state.mode + 1) % len(Mode))},
    ]
    physics = event_state.physics
    changes += (
        {"low": not event_state.low},
        {"physics": physics._replace(rtc=physics.rtc._replace(carry=1))},
        {"physics": physics._replace(climate=steady(1))},
        {"physics": physics._replace(battery=physics.battery._replace(capacity=5))},
        {"physics": physics._replace(damage=Damage(dead=(1,)))},
    )
    numbers = "sequence counter now_ns done_ns settle_ns held_ns tick_ns fail_ns factor page"
    names = (*numbers.split(), "lit_at_ns", "used")
    changes += ({name: getattr(event_state, name) + 1} for name in names)
    digests = {digest(event_state._replace(**change)) for change in changes}
    assert len(changes) == len(digests)
    assert digest(event_state) not in digests


def test_another_key_differs_in_the_key_id_only() -> None:
    """A token with another secret and the same history differs in nothing but the key id."""
    texts = []
    for secret in (SECRET, OTHER):
        state, key = manufacture(configure("GALH00000042", GALH, secret), 0), Key(secret)
        state, _ = step(state, Edge(0, closed=True), key)
        state, _ = step(state, Edge(SECOND, closed=False), key)
        texts.append(to_json(state).replace(key.key_id, "key"))
    assert texts[0] == texts[1]


def test_needs_the_right_secret(event_state: State) -> None:
    """A state is not read with another token's secret."""
    with pytest.raises(StateFormatError, match="another key"):
        from_json(to_json(event_state), OTHER, known(event_state))


def test_rekeyed_in_every_mode(event_state: State) -> None:
    """With another secret all but the key stays, and the code that is lit is the new key's."""
    again = from_json(to_json(event_state), OTHER, known(event_state), rekey=True)
    config = event_state.config
    assert OTHER == again.config.secret
    assert event_state == again._replace(config=config, text=event_state.text)
    assert again == from_json(to_json(again), OTHER, known(event_state))
    if event_state.mode is Mode.LIT:
        assert lcd(event_state).text != lcd(again).text


def test_rekeyed_with_its_own_secret(event_state: State) -> None:
    """To re-key a token with its own secret changes nothing."""
    text = to_json(event_state)
    assert event_state == from_json(text, SECRET, known(event_state), rekey=True)


def test_rekeyed_case_replays_to_the_same_digest(event_state: State) -> None:
    """Under the name of the original key the digests stay the same, whatever happens next."""
    name = event_state.config.key_id
    again = from_json(to_json(event_state), OTHER, known(event_state), rekey=True)
    assert digest(event_state) == digest(again, key_id=name)
    assert digest(event_state) != digest(again)
    for stimulus in (SupplyDip(900 * SECOND), Edge(901 * SECOND, closed=True)):
        event_state, _ = step(event_state, stimulus, Key(SECRET))
        again, _ = step(again, stimulus, Key(OTHER))
        assert digest(event_state) == digest(again, key_id=name)


def test_needs_the_right_profile(event_token: "MakeToken") -> None:
    """A state is not read with a profile that is unknown, or has changed."""
    text = to_json(event_token().state)
    changed = dataclasses.replace(GALH, lit_ns=5)
    for profiles in ({}, {"GALH": changed}, {"GALT": GALT}):
        with pytest.raises(StateFormatError, match="not known here, or not the same"):
            from_json(text, SECRET, profiles)


# What gives nothing away.


def spellings(raw: bytes) -> list[str]:
    """Spell bytes in every way in which a secret is written."""
    return [
        raw.hex(),
        raw.hex().upper(),
        base64.b32encode(raw).decode().rstrip("="),
        base64.b64encode(raw).decode().rstrip("="),
        raw.decode("latin-1"),
        repr(raw)[2:-1],
    ]


def test_no_secret_and_no_code(event_token: "MakeToken") -> None:
    """Neither JSON nor any repr or str holds the secret or the digits of a lit code."""
    raw = b"N7w#K2q!vR9zL4x@P6t$"
    secret = Secret(raw)
    token = event_token(secret=secret)
    token.press(0)
    code = lcd(token.state).text
    assert 6 == len(code)
    state, config = token.state, token.config
    shown = [to_json(state), *map(repr, token.effects), repr(token.effects)]
    for value in (state, config, token.key, secret, (state, token.effects)):
        shown += [repr(value), str(value), f"{value}"]
    for text in shown:
        assert code not in text
        for spelling in spellings(raw):
            assert spelling not in text


# What is refused.

PRESSED = Edge(0, closed=True)


def lit_state() -> State:
    """Return a GALH token that is lit."""
    state = manufacture(configure("GALH00000042", GALH, SECRET), 0)
    state, _ = step(state, PRESSED, Key(SECRET))
    state, _ = step(state, Edge(SECOND, closed=False), Key(SECRET))
    return state


LIT: dict[str, Any] = json.loads(to_json(lit_state()))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"schema": 1}, "not a token state of schema 2"),
        ({"serial": 5}, "serial must be a text"),
        ({"serial": "galh00000042x" * 2}, "26 characters"),
        ({"profile": "GALH"}, "wrong type"),
        ({"profile": {"name": []}}, "wrong type"),
        ({"algorithm": "MD5"}, "MD5"),
        ({"algorithm": []}, "wrong type"),
        ({"algorithm": "SHA256"}, "another key"),
        ({"digits": 9}, "digits = 9"),
        ({"slot_a": "00"}, "has not 32 bytes"),
        ({"slot_a": "zz"}, "wrong type"),
        ({"slot_b": None}, "wrong type"),
        ({"older": 200}, "allowed are 192 and 224"),
        ({"mode": "BLINKING"}, "BLINKING"),
        ({"mode": 4}, "wrong type"),
        ({"closed": 1}, "must be true or false"),
        ({"counter": True}, "counter must be a whole number"),
        ({"counter": 1.0}, "counter must be a whole number"),
        ({"counter": -1}, "counter must be a whole number from 0"),
        ({"counter": 2**64}, "counter must be a whole number from 0"),
        ({"used": -1}, "used must be"),
        ({"physics": {}}, "physics"),
        ({"physics": None}, "wrong type"),
        ({"fail_ns": 2 * SECOND}, "fail_ns and mode LIT"),
        ({"shown": "%"}, "shown must be"),
        ({"shown": 5}, "shown must be"),
        ({"done_ns": 2**63 - 1}, "done_ns and mode LIT contradict"),
        ({"done_ns": 0}, "deadlines lie ahead"),
        ({"mode": "ASLEEP"}, "done_ns and mode ASLEEP"),
        ({"mode": "COMMITTING"}, "write and mode COMMITTING"),
        ({"settle_ns": 2 * SECOND}, "settle_ns and mode LIT"),
        ({"held_ns": 2 * SECOND, "button": False, "settle_ns": 2**63 - 1}, "held_ns"),
        ({"mode": "DEAD", "done_ns": 2**63 - 1}, "counter and mode DEAD"),
        ({"mode": "ASLEEP", "done_ns": 2**63 - 1, "tick_ns": 2 * SECOND}, "tick_ns"),
        ({"mode": "DEBOUNCING", "done_ns": 2**63 - 1}, "contact"),
    ],
)
def test_impossible_state(change: dict[str, Any], complaint: str) -> None:
    """A state that can't be is refused with the reason, and a whole one is not."""
    relaxed = {**LIT, "settle_ns": 2**63 - 1, "button": False, "closed": False}
    assert from_json(json.dumps(relaxed), SECRET).counter == 1
    with pytest.raises(StateFormatError, match=complaint):
        from_json(json.dumps({**relaxed, **change}), SECRET)


@pytest.mark.parametrize("name", LIT)
def test_missing_field(name: str) -> None:
    """A state without one of its fields is refused."""
    rest = {field: value for field, value in LIT.items() if field != name}
    for rekey in (False, True):
        with pytest.raises(StateFormatError):
            from_json(json.dumps(rest), SECRET, rekey=rekey)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1" * 5000, "[" * 100_000, "\ud800"])
def test_no_state_at_all(text: str) -> None:
    """What is not JSON, or no object, is refused."""
    with pytest.raises(StateFormatError):
        from_json(text, SECRET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NUMBERS = st.sampled_from([-1, 0, 1, 78_000_000, SECOND, 2**62, 2**63 - 1, 2**64 - 1, 2**64])


@given(
    st.dictionaries(
        st.sampled_from([*LIT]),
        JSON | NUMBERS | st.sampled_from([mode.name for mode in Mode]) | st.booleans(),
        max_size=6,
    )
)
def test_raises_only_state_format_error(change: dict[str, Any]) -> None:
    """Any JSON makes a StateFormatError, or a state that runs and is written back the same."""
    try:
        state = from_json(json.dumps({**LIT, **change}), SECRET)
    except StateFormatError:
        return
    assert state == from_json(to_json(state), SECRET)
    key = Key(SECRET, state.config.algorithm)
    for stimulus in (SupplyDip(state.now_ns), Edge(state.now_ns + SECOND, closed=True)):
        try:
            step(state, stimulus, key)
        except StimulusError as e:
            assert "allowed are ±" in str(e)  # noqa: PT017 (raised at the end of time only)


@given(JSON)
def test_arbitrary_json(value: object) -> None:
    """JSON that has nothing to do with a token is refused."""
    with pytest.raises(StateFormatError):
        from_json(json.dumps(value), SECRET)


@given(st.text())
def test_arbitrary_text(text: str) -> None:
    """Text that has nothing to do with a token is refused."""
    with pytest.raises(StateFormatError):
        from_json(text, SECRET)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_every_algorithm(algorithm: Algorithm) -> None:
    """The algorithm is part of the state."""
    config = configure("GALH00000042", GALH, SECRET, algorithm=algorithm)
    state = manufacture(config, 0)
    assert state == from_json(to_json(state), SECRET, PROFILES)
