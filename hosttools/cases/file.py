"""A case in a file: one JSON object, a record a line, whole or not there.

    {"format": "galh-case", "version": 1,
     "content": …                what form.py says; its last part is the records
     "sha256": …}                over all the rest, as canonical JSON

Files have mode 0600 and appear by a rename. A case chooses nothing that is run: no
adapter, command or module is named in it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from emulator.jsonfile import replace_text, sync_folder
from emulator.snapshots.model import canonical
from hosttools.cases.form import from_mapping, to_mapping
from hosttools.cases.model import Case
from hosttools.errors import CaseError, UsageError

SUFFIX: Final = ".galh-case.json"
FORMAT: Final = "galh-case"
VERSION: Final = 1
MAX_BYTES: Final = 2**26
"""Largest file that is written or read: about 600,000 records. Our default."""


def save(path: Path, case: Case) -> None:
    """Write a case, in the place of a file that is there.

    Args:
        path: where; by custom its name ends in :data:`SUFFIX`.
        case: what.

    Raises:
        UsageError: it is too large.
        CaseError: it can't be written; what was there stays.
    """
    content = to_mapping(case)
    whole: dict[str, Any] = {"format": FORMAT, "version": VERSION, "content": content}
    whole["sha256"] = _checksum(whole)
    parts = list(_text(whole))
    size = sum(map(len, parts))
    if size > MAX_BYTES:
        raise UsageError(
            f"a case of {len(case.records)} records would have {size} bytes; allowed are"
            f" {MAX_BYTES}: let it begin at a later record"
        )
    try:
        replace_text(path, parts)
        sync_folder(path.absolute().parent)
    except OSError as e:
        raise CaseError(f"{path} can't be written: {e.strerror}") from e


def load(path: Path) -> Case:
    """Read a case.

    Raises:
        CaseError: it can't be read, or is foreign, damaged, too large, or of another
            version.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as e:
        raise CaseError(f"{path} can't be read: {e.strerror}") from e
    try:
        return parse(raw)
    except CaseError as e:
        raise CaseError(f"case {path}: {e}") from None


def parse(raw: bytes) -> Case:
    """Read a case from the bytes of its file.

    Raises:
        CaseError: see :func:`load`.
    """
    if len(raw) > MAX_BYTES:
        raise CaseError(f"it has more than {MAX_BYTES} bytes, which no case has")
    try:
        whole = json.loads(raw, object_pairs_hook=_unique, parse_constant=_no_number)
        if not isinstance(whole, dict) or whole.get("format") != FORMAT:
            raise CaseError("not a case: its format is not galh-case")
        if type(whole.get("version")) is not int or whole["version"] != VERSION:
            raise CaseError(
                f"a case of version {str(whole.get('version'))[:20]!r}; this release reads"
                f" {VERSION}: read it with the release that wrote it"
            )
        if whole.pop("sha256", None) != _checksum(whole):
            raise CaseError("it is damaged: its checksum is wrong; take a good copy")
    except (ValueError, RecursionError):
        raise CaseError("not a case, or cut off: it is not JSON") from None
    if set(whole) != {"format", "version", "content"} or not isinstance(whole["content"], dict):
        raise CaseError("not a case: it has parts missing, or more than there are")
    return from_mapping(whole["content"])


def _text(whole: Mapping[str, Any]) -> Iterator[str]:
    """Write each part of the content on a line of its own, and each record."""
    encode = json.JSONEncoder().encode
    content = dict(whole["content"])
    records = content.pop("records")
    yield f'{{"format": "{FORMAT}", "version": {VERSION},\n"content": {{\n'
    for name, value in content.items():
        yield f"{encode(name)}: {encode(value)},\n"
    yield '"records": [\n'
    for place, record in enumerate(records):
        yield f"{',' if place else ''}{encode(record)}\n"
    yield f']}},\n"sha256": "{whole["sha256"]}"}}\n'


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise CaseError("it says the same thing twice")
    return found


def _no_number(text: str) -> None:
    raise ValueError(text)


def _checksum(whole: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(whole)).hexdigest()
