"""The page of the documentation has every route and every reason, and no other."""

import re
from pathlib import Path

from fastapi import FastAPI

from hosttools.portal.http.app import PREFIX
from hosttools.portal.http.statuses import STATUS

DOC = (Path(__file__).parents[4] / "docs" / "portal-api.md").read_text(encoding="utf-8")


def test_every_route_is_told(app: FastAPI) -> None:
    """By its method and its path below the prefix."""
    paths = app.openapi()["paths"]
    routes = {
        f"{method.upper()} {path.removeprefix(PREFIX)}"
        for path, methods in paths.items()
        for method in methods
    }
    assert routes == set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", DOC, re.MULTILINE))


def test_every_reason_is_told_with_its_status() -> None:
    """As programs read them."""
    told = dict(re.findall(r"^\| `([a-z_]+)` \| ([0-9]+) \|", DOC, re.MULTILINE))
    assert {why.value: str(status) for why, status in STATUS.items()} == told
