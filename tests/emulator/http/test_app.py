"""The application as a whole: its description."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from emulator.bench import Bench
from emulator.http.app import make_app
from emulator.http.desk import Desk

pytestmark = pytest.mark.anyio

METHODS = {"get", "put", "post", "patch", "delete"}


def operations(app: FastAPI) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the operations of a description, with method and path."""
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", operation


def test_every_route_is_described(app: FastAPI) -> None:
    """In words, with its answer, and with what may go wrong."""
    for name, operation in operations(app):
        assert operation.get("summary"), name
        assert operation.get("description"), name
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_every_error_is_described_as_a_problem(app: FastAPI) -> None:
    """Nothing is left of what the framework would answer by itself."""
    schema = app.openapi()
    assert "HTTPValidationError" not in str(schema["paths"])
    assert "ProblemDetails" in schema["components"]["schemas"]
    for name, operation in operations(app):
        for status, response in operation["responses"].items():
            if status[0] in "45":
                assert ["application/problem+json"] == list(response["content"]), name


def test_every_reference_leads_somewhere(app: FastAPI) -> None:
    """A description with a dangling reference can't be used."""
    schema = app.openapi()

    def references(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set() == set(references(schema)) - known


def test_the_bearer_token_is_in_the_description_if_one_is_wanted(
    app: FastAPI, bench: Bench
) -> None:
    """So that a generated client knows."""
    assert "security" not in app.openapi()
    schema = make_app(Desk(bench=bench, bearer="s3cret")).openapi()
    assert [{"bearer": []}] == schema["security"]
    assert "s3cret" not in str(schema)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_page_from_a_cdn(client: httpx.AsyncClient, path: str) -> None:
    """FastAPI's own pages would load foreign scripts."""
    assert (await client.get(path)).status_code == 404


async def test_the_description_is_served(client: httpx.AsyncClient, app: FastAPI) -> None:
    """At /openapi.json."""
    assert app.openapi() == (await client.get("/openapi.json")).json()
