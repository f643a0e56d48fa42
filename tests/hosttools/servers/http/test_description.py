"""Descriptions of HTTP servers: foreign input."""

import copy
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.servers.described.tables import DescriptionError, Table
from hosttools.servers.http.description import Description, read_description

LEAST = {
    "server": {"url": "http://127.0.0.1"},
    "verify": {"path": "/", "accepted": {"status": 200}, "otherwise": "refused"},
}
FULL: dict[str, Any] = {
    "server": {"url": {"env": "URL"}, "name": "x", "tokens": ["time"], "at_once": True},
    "auth": {"basic": {"user": "a", "password": {"env": "P"}}},
    "tls": {"verify": False, "client_cert": "c", "client_key": "k"},
    "secrets": {"pin": {"file": "pin.txt"}},
    "tokens": {"GALH12345678": {"user": "alice", "device": "7"}, "GALH12345679": "bob"},
    "session": [{"path": "/in", "form": {"p": "{pin}"}, "extract": {"csrf": {"field": "c"}}}],
    "enrol": {
        "path": "/{oath_type}",
        "json": {"s": "{secret_hex}", "l": [1, "{user}", {"a": 1.5}]},
    },
    "verify": [
        {"path": "/{csrf}", "expect": [{"status": "2xx"}, {"contains": "x"}], "redirects": True},
        {
            "method": "PUT",
            "path": "/{device}",
            "query": {"a": ["{code}", 1, True]},
            "xml": "<c>{code}</c>",
            "headers": {"X-A": "{serial}"},
            "auth": False,
            "accepted": {"json": {"a": {"b": 1}}},
            "refused": {"regex": "a", "header": {"b": "c"}},
            "reason": {"json": "why"},
        },
    ],
}


def read(data: object) -> Description:
    """Read a description from what TOML holds."""
    assert isinstance(data, dict)
    return read_description(Table(data, "test.toml"), Path(), "test")


def test_full() -> None:
    """All that a file may hold is read."""
    description = read(FULL)
    assert ["session", "enrol", "verify"] == list(description.verbs)
    first, second = description.verbs["verify"]
    assert ("GET", "PUT") == (first.method, second.method)
    assert (True, False) == (first.redirects, second.redirects)
    assert (True, False) == (first.auth, second.auth)


def changed(*path: str, value: object) -> dict[str, Any]:
    """Return the smallest description with one value changed, or added."""
    data = copy.deepcopy(LEAST)
    place: Any = data
    for key in path[:-1]:
        place = place.setdefault(key, {})
    place[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("vrify", {}, "test.toml: vrify: unknown key; did you mean 'verify'"),
        ("server.ur", "x", "server.ur: unknown key; did you mean 'url'"),
        ("server.tokens", ["hotp"], "server.tokens: 'hotp'; allowed are event, time"),
        ("server.timeout_s", 0, "server.timeout_s: 0; allowed are 0.1 to 600 seconds"),
        ("verify.path", "login", "verify.path: give a path below"),
        ("verify.path", "//other.example/", "verify.path: give a path below"),
        ("verify.path", "/a?b=c", "what comes after ? goes into query"),
        ("verify.path", "/ä", "percent-encode"),
        ("verify.path", "/{cod}", "verify.path: unknown placeholder {cod}; did you mean 'code'"),
        ("verify.path", "/{secret_hex}", "unknown placeholder {secret_hex}"),
        ("verify.json", {"a": {"b": "{x}"}}, "verify.json.a.b: unknown placeholder {x}"),
        ("verify.json", {"a": ["{x}"]}, "verify.json.a.0: unknown placeholder {x}"),
        ("verify.json", {"a": float("nan")}, "verify.json.a: "),
        ("verify.form", {"a": {}}, "verify.form.a: a table; give a text"),
        ("verify.headers", {"a b": "c"}, "no name of a header"),
        ("verify.method", "FETCH", "verify.method: 'FETCH'"),
        ("verify.accepted", {}, "verify.accepted: no condition"),
        ("verify.expect", {"status": 200}, "verify.expect: unknown key"),
        ("verify.extract", {"a": {"json": "b"}}, "verify.extract: unknown key"),
        ("view", {"path": "/"}, "view: extract neither next_counter nor step_offset"),
        ("server.name", "", "server.name: allowed are 1 to 80"),
        ("verify", [], "verify: an empty list"),
        ("unlock", {"path": "/", "accepted": {}}, "unlock.accepted: unknown key"),
        ("unlock.pth", "/", "unlock.path: is missing; is it 'pth'?"),
        ("secrets.code", {"env": "A"}, "secrets.code: every description has"),
        ("secrets.Pin", {"env": "A"}, "secrets.Pin: no name"),
        ("secrets.pin", "hunter2", "secrets.pin: no secrets in here"),
        ("secrets.pin", {"env": "A", "file": "b"}, "secrets.pin: give exactly one"),
        ("tokens.ä", "alice", "'ä'"),
        ("tokens.A1", {"code": "1"}, "tokens.A1.code: every description has"),
        ("auth.bearer", "hunter2", "auth.bearer: no secrets in here"),
        ("auth", {}, "auth: give either"),
        ("tls.client_key", "k", "a key without a client_cert"),
        ("tls", {"verify": False, "ca_file": "c"}, "tls.ca_file: not looked at"),
    ],
)
def test_complaints(path: str, value: object, complaint: str) -> None:
    """What can't be is refused with its place, what is allowed, and no secret."""
    with pytest.raises(DescriptionError) as caught:
        read(changed(*path.split("."), value=value))
    assert complaint in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_two_bodies() -> None:
    """A request has one body."""
    data = changed("verify", "json", value={})
    data["verify"]["form"] = {}
    with pytest.raises(DescriptionError, match="form and json; a request has one body"):
        read(data)


def test_later_values_are_not_known_before() -> None:
    """A placeholder is known from the step after the one that finds it."""
    step = {"path": "/{csrf}", "extract": {"csrf": {"cookie": "c"}}}
    data = copy.deepcopy(FULL)
    del data["session"]
    data["verify"] = [step, data["verify"][1]]
    with pytest.raises(DescriptionError, match=r"verify\[0\]\.path: unknown placeholder"):
        read(data)


def places(data: object) -> list[tuple[Any, Any]]:
    """Return all places in a description: what holds them, and the key."""
    if isinstance(data, dict):
        return [p for k, v in data.items() for p in [(data, k), *places(v)]]
    if isinstance(data, list):
        return [p for k, v in enumerate(data) for p in [(data, k), *places(v)]]
    return []


_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
)
_VALUES = st.recursive(
    _SCALARS.filter(lambda v: v is not None),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_TEXTS = st.text("{}code/?:._[](*\\^$%0", max_size=12)


@given(st.data())
def test_anything_is_read_or_refused(data: st.DataObject) -> None:
    """A description with anything in any place is read or refused, never anything else."""
    described = copy.deepcopy(FULL)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places(described)))
        holder[key] = data.draw(_VALUES | _TEXTS)
    with suppress(DescriptionError):
        read(described)


@given(st.binary(max_size=64) | st.text(max_size=64).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """A file of anything is refused."""
    with pytest.raises(DescriptionError):
        read_description(Table.of_text(content, "test.toml"), Path(), "test")
