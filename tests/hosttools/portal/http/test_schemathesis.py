"""The API does what its description says, for whatever a client makes of that description.

As of the bench's own API, see tests/emulator/http/test_schemathesis.py. Whoever asks is logged
in as support or as a doctor whose device management is open; the clock stands still.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import positive_data_acceptance

from hosttools.portal import open_portal, sessions
from hosttools.portal.draws import SeededDraws
from hosttools.portal.http.app import make_app
from hosttools.portal.http.desk import PortalDesk
from hosttools.portal.passwords import CHEAP
from hosttools.refserver.http.clock import ServerClock

pytestmark = pytest.mark.full

START_NS: Final = 1_767_225_600_000_000_000
EXAMPLES: Final = max(settings.default.max_examples // 8, 10) if settings.default else 10
"""Requests drawn for each operation, besides those of every bound; more of them with --full."""


@contextlib.contextmanager
def application() -> Iterator[tuple[FastAPI, dict[str, str]]]:
    """Serve a practice, and return the bearer tokens of some of its people."""
    clock = ServerClock(START_NS)
    with open_portal(clock=clock, draws=SeededDraws(1), hashing=CHEAP) as portal:
        app = make_app(PortalDesk(portal=portal, hosts=frozenset({"testserver"})))
        support, _ = sessions.log_in(portal, "support", "practice-support")
        doctor, session = sessions.log_in(portal, "dr.adams", "practice-doctor")
        sessions.prove(portal, session, START_NS + 10**12)
        yield app, {"support": support, "doctor": doctor}


def without_security(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description in which nobody has to log in."""
    paths = {
        path: {
            method: {name: value for name, value in operation.items() if name != "security"}
            for method, operation in methods.items()
        }
        for path, methods in description["paths"].items()
    }
    return {**description, "paths": paths}


schemathesis.openapi.format("galh-name", st.from_regex(r"[!-~]([ -~]{0,77}[!-~])?", fullmatch=True))

with application() as (_app, _):
    # Who may ask is for test_visits.py: here everybody is logged in.
    SCHEMA: Final = schemathesis.openapi.from_dict(without_security(_app.openapi()))

SLOW: Final = (HealthCheck.too_slow, HealthCheck.filter_too_much)


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, methods in SCHEMA.raw_schema["paths"].items() for method in methods],
)
def test_as_described(path: str, method: str) -> None:
    """A request that the description allows is taken, another is refused as it says."""
    with application() as (app, tokens):
        who = tokens["support" if "/support/" in path else "doctor"]

        def check(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(
                app=app,
                headers={"Authorization": f"Bearer {who}"},
                # No schema can say all that a verb refuses.
                excluded_checks=[positive_data_acceptance],
            )

        build_operation_test(
            config=SCHEMA.config,
            operation=SCHEMA[path][method],
            test_func=settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)(
                check
            ),
            given_kwargs={},
            feedback=FeedbackSources(),
        )()
