"""Scenarios as TOML text, so that what is recorded, shrunk or made in Python can be read again."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from emulator.clock import format_utc
from hosttools.errors import UsageError
from hosttools.refserver import Policy
from hosttools.scenarios.model import START_NS, VERSION, Scenario, Step
from hosttools.scenarios.steps import Look
from hosttools.scenarios.values import Codes, Kind, Moment, Number, Range, kinds

_BARE: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def write_scenario(scenario: Scenario) -> str:
    """Return a scenario as a file holds it.

    Raises:
        UsageError: a wait that is no exact number of days, made in Python.
    """
    head: dict[str, Any] = {"version": VERSION, "title": scenario.title, "seed": scenario.seed}
    if scenario.start_ns != START_NS:
        head["start"] = format_utc(scenario.start_ns)
    lines = [*_lines(head)]
    if scenario.policy is not None:
        default = dataclasses.asdict(Policy())
        own = {k: v for k, v in dataclasses.asdict(scenario.policy).items() if v != default[k]}
        lines += ["", "[policy]", *_lines(own)]
    for token in scenario.tokens:
        lines += ["", "[[token]]", *_lines(written(token))]
    for step in scenario.steps:
        lines += ["", "[[step]]", *_lines(step_table(step))]
    return "\n".join([*lines, ""])


def step_table(step: Step) -> dict[str, Any]:
    """Return a step's keys as a file has them."""
    table: dict[str, Any] = {"do": step.do}
    if step.token:
        table["token"] = step.token
    table |= written(step.what)
    if step.expect is not None:
        expected = written(step.expect)
        table |= expected if isinstance(step.what, Look) else {"expect": expected}
    if step.note:
        table["note"] = step.note
    return table


def written(record: Any) -> dict[str, Any]:  # noqa: ANN401  # any of our records
    """Return a record's settings by key, as a file has them; defaults are left out."""
    defaults = {field.name: field.default for field in dataclasses.fields(record)}
    return {
        key: _value(kind, getattr(record, name))
        for key, (name, kind, _) in kinds(type(record)).items()
        if getattr(record, name) != defaults[name]
    }


def _value(kind: Kind, value: Any) -> Any:  # noqa: ANN401  # each kind has its own type
    if isinstance(kind, Number):
        scaled = Fraction(value, kind.scale)
        if scaled.denominator == 1:
            return scaled.numerator
        decimal = Decimal(scaled.numerator) / scaled.denominator
        if Fraction(decimal) != scaled:  # a part of a day
            raise UsageError(f"{value} ns is no exact decimal of {kind.doc}; give seconds")
        return decimal
    if isinstance(kind, Moment):
        return format_utc(value)
    if isinstance(kind, Range):
        return value[0] if value[0] == value[1] else list(value)
    return list(value) if isinstance(kind, Codes) else value


def inline(value: object) -> str:
    """Return a value as it is written behind an equals sign, a table in braces.

    >>> inline({"press": 3, "tear": {"byte": 13}})
    '{press = 3, tear = {byte = 13}}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else str(value).lower().replace("infinity", "inf")
    if isinstance(value, str):
        # JSON's escapes are TOML's too, but for the one character that JSON lets stand.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table whose decimals are floats, for who computes with them."""
    return {key: _floats(value) for key, value in table.items()}


def _floats(value: Any) -> Any:  # noqa: ANN401  # what TOML gives
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_key(key)} = {inline(value)}" for key, value in table.items())


def _key(key: str) -> str:
    return key if key and set(key) <= _BARE else inline(key)
