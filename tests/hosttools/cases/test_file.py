"""Reading case files that anybody may have written."""

import contextlib
import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.snapshots.model import canonical
from hosttools.cases import Case, file, load, replay, save, take
from hosttools.cases.file import parse
from hosttools.cases.form import to_mapping
from hosttools.errors import CaseError, UsageError
from tests.hosttools.cases.scene import EVENT, Scene


def signed(content: object, **more: object) -> bytes:
    """Return a file of some content, its checksum right."""
    whole = {"format": "galh-case", "version": 1, "content": content} | more
    whole["sha256"] = hashlib.sha256(canonical(whole)).hexdigest()
    return json.dumps(whole).encode()


def _content() -> dict[str, Any]:
    scene = Scene()
    scene.submit("verify", scene.code())
    return to_mapping(take(scene.bench, [EVENT], random=bytes))


CONTENT = _content()


def test_private(busy: Scene, take_it: Callable[..., Case], tmp_path: Path) -> None:
    """A case can be read by its owner alone, and a record stands on each line."""
    path = tmp_path / "x.galh-case.json"
    case = take_it(busy)
    save(path, case)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert len(case.records) < len(path.read_text().splitlines()) < len(case.records) + 30


def test_too_large(
    busy: Scene, take_it: Callable[..., Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is too large is neither written nor read."""
    path = tmp_path / "x.galh-case.json"
    save(path, take_it(busy))
    monkeypatch.setattr(file, "MAX_BYTES", 1_000)
    with pytest.raises(CaseError, match="more than 1000 bytes"):
        load(path)
    with pytest.raises(UsageError, match="later record"):
        save(path, take_it(busy))


def test_not_there(tmp_path: Path) -> None:
    """A file that is not there is told."""
    with pytest.raises(CaseError, match="can't be read"):
        load(tmp_path / "none")
    assert 74 == CaseError.exit_code


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "format"),
        (b"9" * 5_000, "not JSON"),
        (b'{"format": "galh-case", "format": "galh-case"}', "twice"),
        (signed(CONTENT)[:-20], "not JSON"),
        (signed(CONTENT).replace(b'"manual', b'"scaled'), "checksum"),
        (signed(CONTENT, version=2), "version '2'"),
        (signed(CONTENT, version=True), "version 'True'"),
        (signed(CONTENT, more=1), "more than there are"),
        (signed([]), "more than there are"),
        (signed({}), "missing"),
    ],
)
def test_damaged(raw: bytes, said: str) -> None:
    """What is foreign, cut off or altered is told."""
    with pytest.raises(CaseError, match=said):
        parse(raw)


RECORDS = CONTENT["records"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"digest": "0" * 64}, "digest"),
        ({"keys": {}}, "no secret"),
        ({"keys": dict.fromkeys(CONTENT["keys"], "00")}, "secret that can't be"),
        ({"keys": {"x": "00" * 20}}, "key id"),
        ({"tokens": []}, "no token"),
        ({"tokens": CONTENT["tokens"] * 2}, "twice"),
        ({"tokens": [{"serial": EVENT, "at_ns": 2**70, "digest": None}]}, "time"),
        ({"records": []}, "without records"),
        ({"records": RECORDS[1:]}, "before its token"),
        ({"records": [RECORDS[0] | {"sequence": 10**6}, *RECORDS[1:]]}, "rise"),
        ({"records": [*RECORDS, RECORDS[-1]]}, "rise"),
        ({"records": [RECORDS[0] | {"at_ns": 2**63}]}, "time"),
        ({"records": [RECORDS[0] | {"state": "{}"}]}, "can't be"),
        ({"records": [RECORDS[0] | {"state": "["}]}, "no JSON object"),
        ({"records": [RECORDS[0] | {"kind": "server:python"}]}, "record"),
        ({"records": [RECORDS[0] | {"serial": "GALH00000001"}]}, "has not got"),
        ({"records": [1]}, "wrong type"),
        ({"clock": {"mode": "sun", "rate": "1"}}, "clock mode"),
        ({"clock": 3}, "wrong type"),
        ({"title": "a\nb"}, "title"),
        ({"note": "x" * 30_000}, "note"),
        ({"seeds": {"a": 1}}, "seed"),
        ({"servers": [{"server": "a", "serial": EVENT, "kept": "{}"}]}, "key id"),
        ({"adapter": "python:os"}, "more than there are"),
    ],
)
def test_contradictions(change: dict[str, Any], said: str) -> None:
    """Parts that can't be, or contradict each other, are refused, however well signed."""
    with pytest.raises(CaseError, match=said):
        parse(signed(CONTENT | change))


def _paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        inner = list(value.items() if isinstance(value, dict) else enumerate(value))
    return [path, *(found for key, part in inner for found in _paths(part, (*path, key)))]


_TEXTS = ("state", "kept")
"""Fields of a record that hold JSON as text."""


def _opened() -> dict[str, Any]:
    """Return the content with what it holds as text opened."""
    content: dict[str, Any] = json.loads(json.dumps(CONTENT))
    for record in content["records"]:
        record |= {name: json.loads(record[name]) for name in _TEXTS if name in record}
    return content


def _closed(content: dict[str, Any]) -> dict[str, Any]:
    records = content["records"]
    for record in records if isinstance(records, list) else ():
        for name in _TEXTS:
            if isinstance(record, dict) and isinstance(record.get(name), dict):
                record[name] = json.dumps(record[name], sort_keys=True, separators=(",", ":"))
    return content


_PATHS = _paths(_opened())[1:]
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(_PATHS), _ANYTHING)
def test_any_part_may_be_anything(path: tuple[Any, ...], value: object) -> None:
    """Whatever stands in whatever place: it is read and replayed, or refused with one error."""
    content = inside = _opened()
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    with contextlib.suppress(CaseError):
        replay(parse(signed(_closed(content))))


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    """Bytes that are no case are refused with one error."""
    with pytest.raises(CaseError):
        parse(raw)


@given(st.integers(0, len(signed(CONTENT)) - 1))
def test_cut_anywhere(length: int) -> None:
    """A file that is cut off is refused wherever it is."""
    with pytest.raises(CaseError):
        parse(signed(CONTENT)[:length])
