"""A study as a file that reads back as the same study, for the report of it."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from hosttools.study.model import VERSION, WITHOUT_EFFECT, Study

_TABLES = (("profile", "profiles"), ("holder", "holders"), ("policy", "policies"))
_INNER = ("habits", "policy")
"""What a file has no table of its own for: its settings stand among those of its owner."""


def study_toml(study: Study) -> str:
    """Return the TOML of a study, every setting written out."""
    lines = [f"version = {VERSION}"]
    lists = [name for _, name in _TABLES]
    lines += _settings(study, without=("tokens", *lists))
    lines += ["", "[tokens]", *_settings(study.tokens)]
    for key, name in _TABLES:
        for item in getattr(study, name):
            lines += ["", f"[[{key}]]", *_settings(item)]
    return "\n".join([*lines, ""])


def _settings(record: Any, without: tuple[str, ...] = ()) -> Iterator[str]:  # noqa: ANN401  # any part of a study
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if field.name in _INNER:
            yield from _settings(value, tuple(WITHOUT_EFFECT))
        elif field.name not in without:
            # Numbers, switches, lists of numbers and printable text: as JSON writes them.
            yield f"{field.name} = {json.dumps(value, ensure_ascii=False)}"
