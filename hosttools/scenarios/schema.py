"""The JSON Schema of scenarios, for editors; made from the same tables as the reader.

An editor that knows it completes keys and marks mistakes while they are typed. It can't
tell all that :mod:`hosttools.scenarios.check` does.
"""

import dataclasses
import inspect
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from hosttools.refserver import Policy
from hosttools.refserver.policies import POLICIES
from hosttools.scenarios.model import VERSION, TokenSpec
from hosttools.scenarios.reader import LIKE, MOST_STEPS, MOST_TOKENS, NOTE, START, TITLE, TOKEN
from hosttools.scenarios.steps import WHATS, Expect
from hosttools.scenarios.values import (
    Choice,
    Codes,
    Kind,
    Moment,
    Number,
    Paths,
    Range,
    Switch,
    Table,
    Values,
    kinds,
)

ID: Final = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return it."""
    return {
        "$schema": ID,
        "title": "A scenario of galh",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "token", "step"],
        "properties": {
            "version": {"const": VERSION, "description": "version of this format"},
            "title": _kind(TITLE),
            "seed": {
                "type": ["integer", "string"],
                "description": "of all that is left to chance, and of secrets that are made up",
            },
            "start": _kind(START),
            "policy": _policy(),
            "token": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_TOKENS,
                "items": _record(TokenSpec, {}),
            },
            "step": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_STEPS,
                "items": {"oneOf": [_step(do, owner) for do, owner in WHATS.items()]},
            },
        },
        "$defs": {"expect": _record(Expect, {})},
    }


def _step(do: str, owner: type[Any]) -> dict[str, Any]:
    common = {
        "do": {"const": do, "description": inspect.getdoc(owner)},
        "token": _kind(TOKEN),
        "note": _kind(NOTE),
        "expect": {"$ref": "#/$defs/expect"},
    }
    table = _record(owner, common)
    if do == "expect":
        table["properties"] |= _record(Expect, {})["properties"]
    table["required"] = ["do", *table.get("required", [])]
    return table


def _record(owner: type[Any], common: dict[str, Any]) -> dict[str, Any]:
    known = kinds(owner)
    table: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "description": inspect.getdoc(owner),
        "properties": common | {key: _kind(kind) for key, (_, kind, _) in known.items()},
    }
    needed = [key for key, (_, _, needed) in known.items() if needed]
    return table | ({"required": needed} if needed else {})


def _policy() -> dict[str, Any]:
    properties: dict[str, Any] = {
        LIKE: {"enum": list(POLICIES), "description": "the policy that the others are changes to"}
    }
    for field in dataclasses.fields(Policy):
        data = field.metadata
        number = {"type": "integer", "minimum": data.get("low"), "maximum": data.get("high")}
        kind = {"type": "boolean"} if field.type is bool else number
        properties[field.name] = {**kind, "description": data["doc"], "default": field.default}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _kind(kind: Kind) -> dict[str, Any]:
    return {"description": f"{kind.doc} ({kind.allowed})"} | _form(kind)


def _form(kind: Kind) -> dict[str, Any]:
    return next((form(kind) for of, form in _FORMS.items() if isinstance(kind, of)), _TEXT)


_TEXT: Final[dict[str, Any]] = {"type": "string"}


def _number(kind: Number) -> dict[str, Any]:
    if kind.scale == 1:
        return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    low, high = (float(Fraction(bound, kind.scale)) for bound in (kind.low, kind.high))
    return {"type": "number", "minimum": low, "maximum": high}


def _range(kind: Range) -> dict[str, Any]:
    one = {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    return {"oneOf": [one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}]}


_PLAIN: Final[dict[str, Any]] = {
    "anyOf": [{"type": ["string", "integer", "boolean"]}, {"type": "array", "items": _TEXT}]
}

_FORMS: Final[dict[type[Any], Callable[[Any], dict[str, Any]]]] = {
    Number: _number,
    Range: _range,
    Choice: lambda kind: {"enum": list(kind.options)},
    Codes: lambda _: {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2},
    Switch: lambda _: {"type": "boolean"},
    Table: lambda _: {"type": "object"},
    Values: lambda _: {"type": "object", "additionalProperties": _PLAIN},
    Paths: lambda _: {"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
    Moment: lambda _: _TEXT | {"format": "date-time"},
}
"""Every other kind is a text."""
