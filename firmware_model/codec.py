"""A state as canonical JSON, and its digest.

What is written never holds the secret nor digits of a code: the key is named by
its id, a code by its counter or step. So the same history of a token that was
given another secret differs in nothing but the key id, and a state is read back
together with a secret.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from firmware_model.actions import screen_text
from firmware_model.errors import FirmwareError, StateFormatError
from firmware_model.nvm import SLOT_A, SLOT_B, SLOT_SIZE, configure
from firmware_model.oath import MAX_COUNTER, Algorithm, Key, Secret, hotp
from firmware_model.profile import PROFILES, Profile, TokenType, profile_to_mapping
from firmware_model.state import LAST_NS, MAX_PPB, NEVER, State
from firmware_model.table import Mode

SCHEMA: Final = 1
_PASSING: Final = (Mode.COMMITTING, Mode.COMPUTING, Mode.LIT)
_STUCK: Final = {Mode.ERROR: 0, Mode.DEAD: MAX_COUNTER}
_CONFIG: Final = ("digits", "step_s", "t0_s", "first_counter")
_NUMBERS: Final = {
    # Field: smallest and largest value.
    "older": (SLOT_A, SLOT_B),
    "sequence": (0, MAX_COUNTER),
    "counter": (0, MAX_COUNTER),
    "now_ns": (-LAST_NS, LAST_NS),
    "done_ns": (-NEVER, NEVER),
    "settle_ns": (-NEVER, NEVER),
    "held_ns": (-NEVER, NEVER),
    "tick_ns": (-NEVER, NEVER),
    "factor": (0, MAX_COUNTER),
    "clock_at_ns": (-LAST_NS, LAST_NS),
    "clock_ns": (-LAST_NS, LAST_NS),
    "clock_ppb": (-MAX_PPB, MAX_PPB),
}


def to_json(state: State) -> str:
    """Return a state as canonical JSON: keys sorted, no white space, ASCII."""
    config = state.config
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "serial": config.serial,
        "profile": profile_to_mapping(config.profile),
        "algorithm": config.algorithm.value,
        "key_id": config.key_id,
        "slot_a": state.slot_a.hex(),
        "slot_b": state.slot_b.hex(),
        "mode": state.mode.name,
        "closed": state.closed,
        "button": state.button,
    }
    data |= {name: getattr(config, name) for name in _CONFIG}
    data |= {name: getattr(state, name) for name in _NUMBERS}
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def digest(state: State) -> str:
    """Return 64 hex digits that two states share if, and only if, they are the same."""
    return hashlib.sha256(to_json(state).encode()).hexdigest()


def from_json(text: str, secret: Secret, profiles: Mapping[str, Profile] = PROFILES) -> State:
    """Read what :func:`to_json` wrote.

    Args:
        text: the JSON.
        secret: the token's secret; its id must be the one in the text.
        profiles: profiles by name; the one named must be among them, and the same.

    Raises:
        StateFormatError: anything else than a state of schema 1 of this token.
    """
    try:
        data = json.loads(text)
    except ValueError as e:
        raise StateFormatError(f"a state that is not JSON: {e}") from None
    except RecursionError:
        raise StateFormatError("a state that is nested too deeply") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise StateFormatError(f"not a token state of schema {SCHEMA}")
    try:
        return _state(data, secret, profiles)
    except FirmwareError as e:
        raise StateFormatError(f"a state that can't be: {e}") from e
    except (KeyError, TypeError, ValueError) as e:
        raise StateFormatError(f"a state with a field missing or of the wrong type: {e}") from None


def _state(data: dict[str, Any], secret: Secret, profiles: Mapping[str, Profile]) -> State:
    profile = profiles.get(data["profile"]["name"])
    if profile is None or profile_to_mapping(profile) != data["profile"]:
        raise StateFormatError("its profile is not known here, or not the same")
    if not isinstance(data["serial"], str):
        raise StateFormatError("serial must be a text")
    config = configure(
        data["serial"],
        profile,
        secret,
        algorithm=Algorithm(data["algorithm"]),
        **{name: _number(data, name, -NEVER, NEVER) for name in _CONFIG},
    )
    if config.key_id != data["key_id"]:
        raise StateFormatError(f"it was made with another key than {config.key_id}")
    slots = {name: bytes.fromhex(data[name]) for name in ("slot_a", "slot_b")}
    if any(len(slot) != SLOT_SIZE for slot in slots.values()):
        raise StateFormatError(f"a counter slot that has not {SLOT_SIZE} bytes")
    flags = {name: data[name] for name in ("closed", "button")}
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise StateFormatError("closed and button must be true or false")
    numbers = {name: _number(data, name, *bounds) for name, bounds in _NUMBERS.items()}
    if numbers["older"] not in (SLOT_A, SLOT_B):
        raise StateFormatError(f"older = {numbers['older']}; allowed are {SLOT_A} and {SLOT_B}")
    fields: dict[str, Any] = {**slots, **flags, **numbers}
    bare = State(config=config, mode=Mode[data["mode"]], text="", **fields)
    _check(bare)
    return bare._replace(text=_text(bare))


def _check(state: State) -> None:
    """Refuse parts that contradict each other: the machine relies on these."""
    mode, pressing = state.mode, state.closed and not state.button
    deadlines = (state.done_ns, state.settle_ns, state.held_ns, state.tick_ns)
    true = {
        "deadlines lie ahead": min(deadlines) > state.now_ns,
        "done_ns": (state.done_ns != NEVER) == (mode in _PASSING),
        "settle_ns": (state.settle_ns != NEVER) == (state.closed != state.button),
        "held_ns": state.held_ns == NEVER or state.button,
        "tick_ns": state.tick_ns == NEVER or mode is Mode.LIT,
        "contact": pressing if mode is Mode.DEBOUNCING else not (pressing and mode is Mode.ASLEEP),
        "write": mode is not Mode.COMMITTING
        or (
            state.config.token_type is TokenType.EVENT
            and state.factor == state.counter < MAX_COUNTER
            and state.done_ns - state.now_ns <= state.config.profile.commit_ns
        ),
        "counter": state.counter == _STUCK.get(mode, state.counter),
    }
    for what, holds in true.items():
        if not holds:
            raise StateFormatError(f"{what} and mode {mode.name} contradict each other")


def _text(state: State) -> str:
    """What the LCD shows follows from the rest of the state."""
    if state.mode is Mode.LIT:
        key = Key(state.config.secret, state.config.algorithm)
        return hotp(key, state.factor, state.config.digits)
    return screen_text(state.config, state.mode, state.counter, state.factor)


def _number(data: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = data[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise StateFormatError(f"{name} must be a whole number from {low} to {high}")
    return value
