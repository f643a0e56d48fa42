"""The scenarios that ship: all that was promised is there, and each runs green."""

import json

import jsonschema_rs
import pytest

from hosttools.errors import UsageError
from hosttools.recipes import RECIPES
from hosttools.refserver import Policy
from hosttools.scenarios import Status, run
from hosttools.scenarios.library import FOLDER, library, names, read
from hosttools.scenarios.schema import schema
from hosttools.scenarios.toml import step_table, written
from hosttools.scenarios.under_test import reference

OF_PORTAL = {"epcs-procedure"}
"""What only the portal can do, see tests/hosttools/servers/test_portal.py."""


@pytest.mark.parametrize("name", sorted(OF_PORTAL))
def test_skipped(name: str) -> None:
    """What takes a whole procedure says so."""
    result = run(read(name))
    assert Status.SKIPPED is result.status
    assert "procedure" in result.reason


@pytest.mark.parametrize("name", sorted(set(names()) - OF_PORTAL))
def test_green(name: str) -> None:
    """Each passes on the reference server."""
    result = run(read(name))
    assert (Status.PASSED, "") == (result.status, result.reason)


def test_every_recipe() -> None:
    """Every desync recipe has a scenario of its name."""
    assert [f"recipe-{name}" for name in RECIPES if f"recipe-{name}" not in names()] == []


def test_titles() -> None:
    """Each says what it is about, and no two say the same."""
    titles = [one.title for one in library()]
    assert all(titles)
    assert len(titles) == len(set(titles))


def test_schema_takes_all() -> None:
    """The published schema takes every one of them."""
    validator = jsonschema_rs.validator_for(json.dumps(schema()))
    for one in library():
        table = {
            "version": 1,
            "title": one.title,
            "token": [json.loads(json.dumps(written(t), default=float)) for t in one.tokens],
            "step": [json.loads(json.dumps(step_table(s), default=float)) for s in one.steps],
        }
        assert [] == [str(e) for e in validator.iter_errors(table)], one.source


def test_schema_refuses() -> None:
    """And it refuses a key that no step has."""
    validator = jsonschema_rs.validator_for(json.dumps(schema()))
    table = {"version": 1, "token": [{"serial": "GALH00004226"}], "step": [{"do": "press"}]}
    assert validator.is_valid(table)
    table["step"] = [{"do": "press", "holds": 1}]
    assert not validator.is_valid(table)


def test_unknown() -> None:
    """Another name is refused with the nearest one."""
    with pytest.raises(UsageError, match="did you mean 'replay'"):
        read("replya")


def test_files() -> None:
    """The folder has a page and scenarios, nothing else."""
    assert {".toml", ".md"} == {path.suffix for path in FOLDER.iterdir()}


def test_windows_matter() -> None:
    """They are no formality: on a server with a narrower window the edge is refused."""
    result = run(read("recipe-hotp-edge"), reference(Policy(look_ahead=9)))
    assert Status.FAILED is result.status
