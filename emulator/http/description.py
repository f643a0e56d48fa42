"""What an OpenAPI description says of every route, beyond what FastAPI knows of each."""

from typing import Any

from fastapi import FastAPI

from emulator.http import problems


def complete(app: FastAPI, *, bearer: bool) -> None:
    """Have an application describe itself completely.

    Args:
        app: the application.
        bearer: whether clients must show a bearer token.
    """
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(describe(), bearer=bearer)
        return describe()

    # FastAPI documents this as the way to change what it generates.
    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schema: dict[str, Any], *, bearer: bool) -> None:
    """Add to a description what holds for every route."""
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(problems.schemas())
    for path in schema["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                _never_null(parameter["schema"])
    if bearer:
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"bearer": []}]


def _never_null(schema: dict[str, Any]) -> None:
    """Take null out of a parameter's values: what is none is left out of a request."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema.update(kinds[0])
