"""Records as plain values, for JSON: what HTTP tells, and what the log keeps.

The kind of a record is the name of its event in snake case. Digits of a code are in
neither form. A token's state goes into the log without its secret; who reads over
HTTP gets its digest.
"""

import enum
import functools
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final, get_args

from emulator.annotations import Annotation, Fired, Placed, Stopped
from emulator.errors import StateError, UsageError
from emulator.journal import Event, Record
from emulator.serverview import ServerView
from firmware_model.climate import Climate
from firmware_model.codec import digest, to_json
from firmware_model.crystal import Crystal
from firmware_model.damage import Damage
from firmware_model.errors import FirmwareError
from firmware_model.physics import (
    climate_from_mapping,
    crystal_from_mapping,
    damage_from_mapping,
    damage_to_mapping,
)
from firmware_model.state import State, next_counter
from firmware_model.stimuli import Advance, Effect, Lit, Refusal, Stimulus

_HEAD: Final = ("sequence", "serial", "kind", "by", "key")


def _snake(kind: type[Any]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


_STIMULI: Final = {_snake(kind): kind for kind in get_args(Stimulus) if kind is not Advance}
_EFFECTS: Final = {_snake(kind): kind for kind in get_args(Effect)}
_ANNOTATIONS: Final = {_snake(kind): kind for kind in (*get_args(Annotation), Stopped, Fired)}
_TYPES: Final[Mapping[str, type[Any]]] = _STIMULI | _EFFECTS | _ANNOTATIONS
_NAMES: Final = {kind: name for name, kind in _TYPES.items()}

STIMULUS_KINDS: Final = frozenset(_STIMULI)
EFFECT_KINDS: Final = frozenset(_EFFECTS)
ANNOTATION_KINDS: Final = frozenset(_ANNOTATIONS)
KINDS: Final = STIMULUS_KINDS | EFFECT_KINDS | ANNOTATION_KINDS


def kind_of(event: Event) -> str:
    """Return the kind of an event.

    >>> kind_of(Lit(0, "755224", 0))
    'lit'
    """
    return _NAMES[type(event)]


def kind_name(event_type: type[Any]) -> str:
    """Return the kind of the events of a type, see :func:`kind_type`."""
    return _NAMES[event_type]


def kind_type(kind: str) -> type[Any]:
    """Return the type of the events of a kind.

    Raises:
        UsageError: there is no such kind.
    """
    check_kinds((kind,))
    return _TYPES[kind]


def check_kinds(kinds: typing.Collection[str]) -> None:
    """Check that all are kinds.

    Raises:
        UsageError: one isn't.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"no event is called {kind!r}; there are {', '.join(sorted(KINDS))}")


def to_mapping(record: Record) -> dict[str, Any]:
    """Return a record as others may see it."""
    return _mapping(record, _public)


def to_log(record: Record) -> dict[str, Any]:
    """Return a record as it is kept: with the whole state of a token that was placed."""
    return _mapping(record, _kept)


def _mapping(record: Record, state: Callable[[Placed], dict[str, Any]]) -> dict[str, Any]:
    event = record.event
    data: dict[str, Any] = {
        "sequence": record.sequence,
        "serial": record.serial,
        "kind": _NAMES[type(event)],
    }
    if record.by:
        data["by"] = record.by
    if record.key is not None:
        data["key"] = record.key
    if isinstance(event, Lit):
        return data | {"at_ns": event.at_ns, "factor": event.factor}
    if isinstance(event, Placed):
        return data | {"at_ns": event.at_ns, "why": event.why} | state(event)
    for name in _names(data["kind"]):
        value = getattr(event, name)
        data[name] = value if type(value) in _JSON else _plain(value)
    return data


@functools.cache
def _names(kind: str) -> tuple[str, ...]:
    """Return the names of an event's fields."""
    event_type = _TYPES[kind]
    if is_dataclass(event_type):
        return tuple(field.name for field in fields(event_type))
    return tuple(event_type._fields)


def _public(event: Placed) -> dict[str, Any]:
    if isinstance(event.state, str):
        return {}
    return {"digest": digest(event.state), "counter": next_counter(event.state)}


def _kept(event: Placed) -> dict[str, Any]:
    return {"state": event.state if isinstance(event.state, str) else to_json(event.state)}


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a field holds
    form = next((form for kind, form in _FORMS.items() if isinstance(value, kind)), None)
    return value if form is None else form(value)


_JSON: Final = frozenset({int, str, bool, types.NoneType})
"""Types that need no other form: nearly all values, of every record there is."""


_FORMS: Final[Mapping[type[Any], Callable[[Any], Any]]] = {
    enum.Enum: lambda value: value.value,
    bytes: bytes.hex,
    ServerView: ServerView.to_mapping,
    Damage: damage_to_mapping,
    Climate: Climate._asdict,
    Crystal: Crystal._asdict,
}
"""How to write what JSON can't."""


def from_log(data: Mapping[str, Any]) -> Record:
    """Read what :func:`to_log` gave.

    Raises:
        StateError: anything else.
    """
    try:
        return _record(data)
    except (FirmwareError, UsageError, KeyError, TypeError, ValueError, AttributeError) as e:
        raise StateError(f"a journal's record that can't be: {e}") from None


def _record(data: Mapping[str, Any]) -> Record:
    sequence, serial, kind, by, key = (data.get(name) for name in _HEAD)
    if type(sequence) is not int or not isinstance(serial, str) or not isinstance(kind, str):
        raise TypeError("no sequence, serial or kind")
    if not isinstance(by, str | None) or not isinstance(key, str | None):
        raise TypeError("by and key are texts")
    event_type = _TYPES[kind]
    readers = _readers(kind)
    values = {name: value for name, value in data.items() if name not in _HEAD}
    if event_type is Lit:
        values["code"] = ""
    if event_type is Fired:
        values.pop("text", None)
    if not _needed(kind) <= set(values) <= set(readers):
        raise TypeError(f"{kind} has the fields {', '.join(readers)}")
    event = event_type(**{name: readers[name](value) for name, value in values.items()})
    return Record(sequence, serial, event, by or "", key)


@functools.cache
def _needed(kind: str) -> frozenset[str]:
    """Return the fields that a record can't lack: a journal may be older than the others."""
    event_type = _TYPES[kind]
    if not is_dataclass(event_type):
        return frozenset(_readers(kind))
    defaults = {field.name for field in fields(event_type) if field.default is not MISSING}
    return frozenset(_readers(kind)) - defaults


@functools.cache
def _readers(kind: str) -> dict[str, Callable[[Any], Any]]:
    """Return for each field what reads its value."""
    event_type = _TYPES[kind]
    hints = typing.get_type_hints(event_type)
    written = [name for name in _names(kind) if (event_type, name) != (Fired, "text")]
    return {name: _reader(hints[name]) for name in written}


def _reader(hint: Any) -> Callable[[Any], Any]:  # noqa: ANN401  # a type hint has no type
    if hint in _SPECIAL:
        return _SPECIAL[hint]
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)

    def plain(value: Any) -> Any:  # noqa: ANN401  # what JSON gives
        if type(value) not in kinds:
            raise TypeError(f"{value!r:.40} is no {' or '.join(k.__name__ for k in kinds)}")
        return value

    return plain


def _text(value: Any) -> str:  # noqa: ANN401  # what JSON gives
    if not isinstance(value, str):
        raise TypeError("a state is a text here")
    return value


def _presses(value: Any) -> tuple[tuple[int, int | None, str | None], ...]:  # noqa: ANN401  # likewise
    found = []
    for at_ns, factor, refused in value:
        if (
            type(at_ns) is not int
            or type(factor) not in {int, types.NoneType}
            or not isinstance(refused, str | None)
        ):
            raise TypeError("a press is a time, a counter or step, and a reason")
        found.append((at_ns, factor, refused))
    return tuple(found)


_SPECIAL: Final[Mapping[Any, Callable[[Any], Any]]] = {
    State | str: _text,
    bytes: bytes.fromhex,
    Refusal: Refusal,
    Climate: climate_from_mapping,
    Crystal: crystal_from_mapping,
    Damage: damage_from_mapping,
    ServerView: ServerView.from_mapping,
    tuple[tuple[int, int | None, str | None], ...]: _presses,
}
