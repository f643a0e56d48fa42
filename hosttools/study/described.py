"""What a file may set and what it means, for the docs; habits and policies describe themselves."""

import dataclasses

from hosttools.holder.habits import Habits
from hosttools.study.assumed import ASSUMED
from hosttools.study.model import HolderGroup, ProfileShare, Study, Tokens
from hosttools.study.settings import allowed

Row = tuple[str, object, str, str, str]
"""A setting, its default, what is allowed, its meaning and where the default comes from."""


def describe() -> list[tuple[str, list[Row]]]:
    """Return every table of a file with its settings.

    Of the habits, only those whose default is another one than the holder's.
    """
    tables: list[tuple[str, type]] = [
        ("at the top", Study),
        ("[tokens]", Tokens),
        ("[[profile]]", ProfileShare),
        ("[[holder]]", HolderGroup),
    ]
    habits: list[Row] = [
        (f.name, ASSUMED[f.name][0], allowed(f), f.metadata["doc"], ASSUMED[f.name][1])
        for f in dataclasses.fields(Habits)
        if f.name in ASSUMED
    ]
    return [
        (heading, [*_settings(owner), *(habits if owner is HolderGroup else ())])
        for heading, owner in tables
    ]


def _settings(owner: type) -> list[Row]:
    return [
        (f.name, f.default, allowed(f), f.metadata["doc"], f.metadata["source"])
        for f in dataclasses.fields(owner)
        if "doc" in f.metadata
    ]
