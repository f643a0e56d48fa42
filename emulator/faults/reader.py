"""Faults from TOML. Foreign input: what can't be is refused, with where and what is allowed."""

import decimal
import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from emulator.errors import UsageError
from emulator.faults.spec import Fault, FaultPlan
from emulator.faults.values import kinds, short
from emulator.faults.whats import WHATS, What
from emulator.faults.whens import WHENS, When
from firmware_model.errors import IdentifierError
from firmware_model.identifier import normalise

R = TypeVar("R")

_TOP: Final = ("seed", "fault")
_LIKE: Final = "as {press = 3, tear = {byte = 13}}"
_COMMON: Final = ("name", "serial", "times")


def read_faults(source: str | Path) -> FaultPlan:
    """Read faults.

    Args:
        source: a file's path, or TOML text.

    Raises:
        UsageError: it can't be read, or holds what can't be.
    """
    if not isinstance(source, Path):
        return _plan(_toml(source, "faults"), "faults")
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, ValueError) as e:
        raise UsageError(f"fault file {source} can't be read: {e}") from None
    return _plan(_toml(text, str(source)), str(source))


def read_fault(text: str, name: str) -> Fault:
    """Read one fault, as it is typed into a line.

    Args:
        text: an inline table of TOML, as ``{press = 3, tear = {byte = 13}}``; or what
            goes wrong and its settings in their order, as ``tear 13``: that is at once.
        name: what it is called if the text doesn't say.

    Raises:
        UsageError: neither, or it holds what can't be.
    """
    if not text.lstrip().startswith("{"):
        return _fault(_spelt_out(text) | {"name": name}, "fault")
    data = _toml(f"fault = {text.strip()}", "fault")
    if list(data) != ["fault"]:
        raise UsageError(f"fault {short(text)}; give one inline table, {_LIKE}")
    return _fault({"name": name, **data["fault"]}, "fault")


def _spelt_out(text: str) -> dict[str, Any]:
    word, *values = text.split() or [""]
    if word not in WHATS:
        raise UsageError(
            f"fault {short(text)}; give a table, {_LIKE}, or one of {', '.join(WHATS)}"
            " and its settings"
        )
    keys = tuple(kinds(WHATS[word]))
    if len(values) > len(keys):
        raise UsageError(
            f"fault {short(text)}; {word} has no more settings than {', '.join(keys) or 'none'}"
        )
    return {"after_s": 0, word: dict(zip(keys, map(_scalar, values), strict=False))}


def _scalar(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}", parse_float=_decimal)["value"]
    except ValueError:
        return text


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except RecursionError:
        raise UsageError(f"{source}: nested too deeply") from None
    except ValueError as e:  # tomllib's own, and numbers too long for Python
        raise UsageError(f"{source} is no TOML: {e}") from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except decimal.InvalidOperation:
        raise ValueError(f"{short(text)} is no number") from None


def _plan(data: Mapping[str, Any], source: str) -> FaultPlan:
    _refuse_unknown(data, _TOP, source)
    seed, tables = data.get("seed", 0), data.get("fault", [])
    if isinstance(seed, bool) or not isinstance(seed, int | str) or short(seed) == "a huge number":
        raise UsageError(f"{source}: seed = {short(seed)}; allowed are whole numbers and texts")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{source}: fault = {short(tables)}; write [[fault]] above each fault")
    return FaultPlan(tuple(_fault(table, source) for table in tables), seed, source)


def _fault(data: Mapping[str, Any], source: str) -> Fault:
    if "name" not in data:
        raise UsageError(f"{source}: a fault without a name; give each one of its own")
    name = data["name"]
    where = f"{source}: fault {short(name)}"
    try:
        when_key, what_key = _one_of(data, WHENS, "when"), _one_of(data, WHATS, "what")
        of_when = kinds(WHENS[when_key])
        _refuse_unknown(data, (*_COMMON, what_key, *of_when), "")
        when: When = _record(
            WHENS[when_key], {key: value for key, value in data.items() if key in of_when}, ""
        )
        what: What = _record(WHATS[what_key], data[what_key], f"{what_key}: ")
        return Fault(name=name, when=when, what=what, serial=_serial(data), times=data.get("times"))
    except UsageError as e:
        raise UsageError(f"{where}: {e}") from None


def _one_of(data: Mapping[str, Any], known: Mapping[str, object], word: str) -> str:
    given = [key for key in known if key in data]
    if len(given) != 1:
        raise UsageError(
            f"{' and '.join(given) or 'nothing'} to say {word}; give exactly one of"
            f" {', '.join(known)}{_strangers(data)}"
        )
    return given[0]


def _strangers(data: Mapping[str, Any]) -> str:
    """Name what nothing knows: it may be the misspelt one."""
    extra = {key for kind in WHENS.values() for key in kinds(kind)}
    unknown = [short(key) for key in data if key not in {*WHENS, *WHATS, *_COMMON, *extra}]
    return f" (there is an unknown {', '.join(unknown)})" if unknown else ""


def _record(owner: type[R], data: object, prefix: str) -> R:
    known = kinds(owner)
    if not isinstance(data, dict):
        raise UsageError(
            f"{prefix}{short(data)}; give a table of its settings, {{{', '.join(known)}}}"
        )
    _refuse_unknown(data, tuple(known), prefix.removesuffix(": "))
    values = {}
    for key, (name, kind, needed) in known.items():
        if key in data:
            try:
                values[name] = kind.read(data[key])
            except UsageError as e:
                raise UsageError(f"{prefix}{key}: {e}") from None
        elif needed:
            raise UsageError(f"{prefix}{key} is missing: {kind.doc}; allowed are {kind.allowed}")
    return owner(**values)


def _serial(data: Mapping[str, Any]) -> str | None:
    serial = data.get("serial")
    if serial is None:
        return None
    if not isinstance(serial, str):
        raise UsageError(f"serial = {short(serial)}; it must be a text")
    try:
        return normalise(serial)
    except IdentifierError as e:
        raise UsageError(str(e)) from None


def _refuse_unknown(data: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise UsageError(
                f"{where}{': ' if where else ''}unknown key {short(key)}; allowed are"
                f" {', '.join(known) or 'none'}"
            )
