"""The API does what its description says, for whatever a client makes of that description.

As of the bench's own API, see tests/emulator/http/test_schemathesis.py.
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

from firmware_model.oath import Secret
from firmware_model.profile import TokenType
from hosttools.refserver import Record, Store
from hosttools.refserver.http.app import make_app
from hosttools.refserver.http.clock import ServerClock
from hosttools.refserver.http.desk import ServerDesk
from hosttools.refserver.record import MAX_NAME

pytestmark = pytest.mark.full

START_NS: Final = 1_767_225_600_000_000_000
EXAMPLES: Final = max(settings.default.max_examples // 8, 10) if settings.default else 10
"""Requests drawn for each operation, besides those of every bound; more of them with --full."""


@contextlib.contextmanager
def application() -> Iterator[FastAPI]:
    """Serve tokens with the serial numbers of the description's examples, so not all is 404."""
    with Store(":memory:") as store:
        for serial in ("GALH00000042", "GALH00000043"):
            secret = Secret(b"12345678901234567890")
            record = Record(serial=serial, token_type=TokenType.EVENT, secret=secret)
            store.enrol(record, START_NS)
        clock = ServerClock(START_NS)
        yield make_app(ServerDesk(store=store, clock=clock, hosts=frozenset({"testserver"})))


LENGTHS: Final = st.sampled_from([2, MAX_NAME - 1, MAX_NAME]) | st.integers(2, MAX_NAME)
"""The shortest and the longest are likely: schemathesis looks for them, for long if need be."""
schemathesis.openapi.format(
    "galh-name",
    st.from_regex("[!-~]", fullmatch=True)
    | LENGTHS.flatmap(
        lambda length: st.from_regex(rf"[!-~][ -~]{{{length - 2}}}[!-~]", fullmatch=True)
    ),
)

with application() as _app:
    SCHEMA: Final = schemathesis.openapi.from_dict(_app.openapi())

SLOW: Final = (HealthCheck.too_slow, HealthCheck.filter_too_much)


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, methods in SCHEMA.raw_schema["paths"].items() for method in methods],
)
def test_as_described(path: str, method: str) -> None:
    """A request that the description allows is taken, another is refused as it says."""
    with application() as app:

        def check(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(app=app)

        build_operation_test(
            config=SCHEMA.config,
            operation=SCHEMA[path][method],
            test_func=settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)(
                check
            ),
            given_kwargs={},
            feedback=FeedbackSources(),
        )()
