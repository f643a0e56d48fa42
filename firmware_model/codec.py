"""A state as canonical JSON, and its digest.

What is written never holds the secret nor digits of a code: the key is named by
its id, a code by its counter or step. So the same history of a token that was
given another secret differs in nothing but the key id, and a state is read back
together with a secret: with its own, or re-keyed with another. Counter, time and all
else stay then, and its digest under the name of the original key is the original's.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from firmware_model.actions import PAGES, screen_text
from firmware_model.errors import FirmwareError, StateFormatError
from firmware_model.nvm import SLOT_A, SLOT_B, SLOT_SIZE, configure, without_secret
from firmware_model.oath import MAX_COUNTER, Algorithm, Key, Secret, hotp
from firmware_model.physics import MAX_CHARGE, from_mapping, to_mapping
from firmware_model.products import PROFILES
from firmware_model.profile import Profile, TokenType
from firmware_model.profile_file import profile_to_mapping
from firmware_model.run import Run
from firmware_model.segments import GLYPHS
from firmware_model.state import LAST_NS, NEVER, State
from firmware_model.table import Mode

SCHEMA: Final = 2
_PASSING: Final = (Mode.COMMITTING, Mode.COMPUTING, Mode.LIT, Mode.MENU)
_FAILING: Final = (Mode.COMMITTING, Mode.COMPUTING, Mode.SCREEN, Mode.ERROR)
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
    "fail_ns": (-NEVER, NEVER),
    "factor": (0, MAX_COUNTER),
    "page": (0, len(PAGES) - 1),
    "lit_at_ns": (-LAST_NS, LAST_NS),
    "used": (0, MAX_CHARGE),
}
_FLAGS: Final = ("closed", "button", "low")


def to_json(state: State, *, key_id: str | None = None) -> str:
    """Return a state as canonical JSON: keys sorted, no white space, ASCII.

    Args:
        state: the token.
        key_id: what to call its key; ``None``: by its own id. A re-keyed state under the
            id of its original key is written as the original would be.
    """
    config = state.config
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "serial": config.serial,
        "profile": profile_to_mapping(config.profile),
        "algorithm": config.algorithm.value,
        "key_id": config.key_id if key_id is None else key_id,
        "slot_a": state.slot_a.hex(),
        "slot_b": state.slot_b.hex(),
        "mode": state.mode.name,
        "erased": config.erased,
        # What it says follows from the rest, but for what only a weak battery shows.
        "shown": state.text if state.mode is not Mode.LIT or not state.text.isdigit() else "",
        "physics": to_mapping(state.physics),
    }
    data |= {name: getattr(state, name) for name in _FLAGS}
    data |= {name: getattr(config, name) for name in _CONFIG}
    data |= {name: getattr(state, name) for name in _NUMBERS}
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def digest(state: State, *, key_id: str | None = None) -> str:
    """Return 64 hex digits that two states share if, and only if, they are the same.

    Args:
        state: the token.
        key_id: see :func:`to_json`: a re-keyed case that is replayed is compared with the
            original's digest under the id of the original key.
    """
    return hashlib.sha256(to_json(state, key_id=key_id).encode()).hexdigest()


def from_json(
    text: str,
    secret: Secret,
    profiles: Mapping[str, Profile] = PROFILES,
    *,
    rekey: bool = False,
) -> State:
    """Read what :func:`to_json` wrote.

    Args:
        text: the JSON.
        secret: the token's secret; its id must be the one in the text.
        profiles: profiles by name; the one named must be among them, and the same.
        rekey: take any secret: the token goes on with that one, all else as it was.

    Raises:
        StateFormatError: anything else than a state of this schema and token.
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
        return _state(data, secret, profiles, rekey=rekey)
    except FirmwareError as e:
        raise StateFormatError(f"a state that can't be: {e}") from e
    except (KeyError, TypeError, ValueError) as e:
        raise StateFormatError(f"a state with a field missing or of the wrong type: {e}") from None


def _state(
    data: dict[str, Any], secret: Secret, profiles: Mapping[str, Profile], *, rekey: bool
) -> State:
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
    if data["erased"] is True:
        config = without_secret(config)
    if data["key_id"] != config.key_id and not rekey:
        raise StateFormatError(f"it was made with another key than {config.key_id}")
    slots = {name: bytes.fromhex(data[name]) for name in ("slot_a", "slot_b")}
    if any(len(slot) != SLOT_SIZE for slot in slots.values()):
        raise StateFormatError(f"a counter slot that has not {SLOT_SIZE} bytes")
    flags = {name: data[name] for name in _FLAGS}
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise StateFormatError(f"{', '.join(_FLAGS)} must be true or false")
    numbers = {name: _number(data, name, *bounds) for name, bounds in _NUMBERS.items()}
    if numbers["older"] not in (SLOT_A, SLOT_B):
        raise StateFormatError(f"older = {numbers['older']}; allowed are {SLOT_A} and {SLOT_B}")
    fields: dict[str, Any] = {**slots, **flags, **numbers}
    physics = from_mapping(data["physics"])
    bare = State(config=config, mode=Mode[data["mode"]], text="", safe=0, physics=physics, **fields)
    _check(bare)
    run = Run(bare, None)
    run.weigh()
    return run.freeze()._replace(text=_text(bare, data["shown"]))


def _check(state: State) -> None:
    """Refuse parts that contradict each other: the machine relies on these."""
    mode, pressing = state.mode, state.closed and not state.button
    deadlines = (state.done_ns, state.settle_ns, state.held_ns, state.tick_ns, state.fail_ns)
    last = state.config.last_counter
    true = {
        "deadlines lie ahead": min(deadlines) > state.now_ns,
        "done_ns": (state.done_ns != NEVER) == (mode in _PASSING),
        "settle_ns": (state.settle_ns != NEVER) == (state.closed != state.button),
        "fail_ns": state.fail_ns == NEVER or mode in _FAILING,
        "power": state.physics.battery.present or mode is Mode.OFF,
        "held_ns": state.held_ns == NEVER or state.button,
        "tick_ns": state.tick_ns == NEVER or mode is Mode.LIT,
        "lit_at_ns": state.lit_at_ns <= state.now_ns,
        "contact": pressing if mode is Mode.DEBOUNCING else not (pressing and mode is Mode.ASLEEP),
        "write": mode is not Mode.COMMITTING
        or (
            state.config.token_type is TokenType.EVENT
            and state.factor == state.counter < last
            and state.done_ns - state.now_ns <= state.config.profile.commit_ns
        ),
        "counter": state.counter >= last if mode is Mode.DEAD else state.counter <= last,
    }
    for what, holds in true.items():
        if not holds:
            raise StateFormatError(f"{what} and mode {mode.name} contradict each other")


def _text(state: State, shown: object) -> str:
    """What the LCD shows follows from the rest of the state, but for menu pages and Err."""
    digits = state.config.digits
    if not isinstance(shown, str) or not set(shown) <= set(GLYPHS) or len(shown) not in {0, digits}:
        raise StateFormatError(f"shown must be what an LCD of {digits} digits can show")
    if state.mode is Mode.LIT and not shown:
        key = Key(state.config.secret, state.config.algorithm)
        return hotp(key, state.factor, digits)
    if state.mode in {Mode.LIT, Mode.MENU}:
        return shown
    return screen_text(state.config, state.mode, state.counter, state.factor)


def _number(data: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = data[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise StateFormatError(f"{name} must be a whole number from {low} to {high}")
    return value
