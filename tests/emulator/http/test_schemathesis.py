"""The API does what its description says, for whatever a client makes of that description.

Schemathesis draws requests from /openapi.json, right and wrong ones, and checks status,
body and headers of every answer. The application is called in process, on a bench whose
clock stands still: nothing sleeps.
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test

from emulator.bench import Bench
from emulator.bench.button import MAX_TIMES
from emulator.clock import VirtualClock
from emulator.faults.engine import FaultEngine
from emulator.faults.spec import FaultPlan
from emulator.http import snapshots
from emulator.http.app import make_app
from emulator.http.desk import Desk, RecipeInfo
from emulator.journalform import EFFECT_KINDS, KINDS
from emulator.snapshots import SnapshotKey
from firmware_model import GALH, GALT, Secret, configure
from firmware_model.damage import MAX_EDGES
from firmware_model.identifier import MAX_SERIAL
from firmware_model.profile import TokenType

START_NS: Final = 1_767_225_600_000_000_000
EXAMPLES: Final = max(settings.default.max_examples // 8, 10) if settings.default else 10
"""Requests drawn for each operation, besides those of every bound; more of them with --full."""

FEW_PRESSES: Final = 20
"""As many are pressed where thousands are asked for: it is the same path, only longer."""

OTHERS_DEEDS: Final = KINDS - EFFECT_KINDS
KEYS: Final = itertools.count()


class _Recipes:
    """A book whose recipes take any number."""

    def names(self, token_type: TokenType) -> Sequence[RecipeInfo]:
        title = f"Pressed in a pocket ({token_type.value})"
        return [RecipeInfo("pocket", title, "presses", 37, -1e300, 1e300)]

    async def play(self, serial: str, name: str, by: float | None) -> Mapping[str, Any]:
        del by
        return {
            "recipe": name,
            "serial": serial,
            "history": ["pressed"],
            "token": 1,
            "server": 0,
            "distance": 1,
        }


class _Server:
    """A server that takes whatever it gets."""

    name = "staging"

    def enrol(self, serial: str) -> None:
        """Know every token anyway."""

    def enrolled(self, serial: str) -> bool:
        return serial.startswith("GALH")

    def submit(self, serial: str, verb: str, codes: Sequence[str]) -> Mapping[str, Any]:
        del serial, codes
        return {"accepted": True, "kind": verb, "message": "accepted"}

    def unlock(self, serial: str) -> None:
        pass


class _Taker:
    """Takes a case of nothing."""

    def take(
        self, serials: Sequence[str] | None, *, since: int | None, title: str, note: str
    ) -> Callable[[], bytes]:
        del serials, since, title, note
        return lambda: b'{"format": "galh-case", "version": 1, "content": {}, "sha256": ""}'


def application(folder: Path | None = None) -> FastAPI:
    """Return an application with all that can be attached to it."""
    bench = Bench(VirtualClock(START_NS))
    secret = Secret(b"12345678901234567890")
    # The serial numbers of the description's examples, so that not all of it is 404.
    for serial in ("GALH00000042", "GALH00004226"):
        bench.open(configure(serial, GALH, secret))
    bench.open(configure("GALT00000042", GALT, secret))
    FaultEngine(bench, FaultPlan())
    bench.press("GALH00000042")
    return make_app(
        Desk(
            bench=bench,
            recipes=_Recipes(),
            server=_Server(),
            cases=_Taker(),
            snapshots=folder,
            hosts=frozenset({"testserver"}),
        )
    )


def _typed(serial: str, length: int) -> str:
    """Return a serial number as somebody may type it, with hyphens up to a length."""
    return f"{serial[:1]}{'-' * (length - len(serial))}{serial[1:]}"


LENGTHS: Final = st.sampled_from([2 * MAX_SERIAL - 1, 2 * MAX_SERIAL]) | st.integers(1, MAX_SERIAL)
"""The longest are likely: schemathesis looks for them, for long if need be."""
schemathesis.openapi.format(
    "galh-serial",
    st.builds(_typed, st.from_regex(r"GAL[HT][0-9]{8}", fullmatch=True), LENGTHS),
)
schemathesis.openapi.format(
    "galh-copy",
    st.builds(
        _typed,
        st.from_regex(rf"[A-Z0-9]{{1,{MAX_SERIAL}}}", fullmatch=True),
        LENGTHS,
    ),
)
schemathesis.openapi.format(
    "galh-fault",
    st.builds("{{press = {}, tear = {{byte = {}}}}}".format, st.integers(1, 9), st.integers(0, 31)),
)
CONFIG: Final = schemathesis.Config.from_dict({"max-stream-events": 1})
"""An event stream has no end; its first event is there at once."""

SCHEMA: Final = schemathesis.openapi.from_dict(application().openapi(), config=CONFIG)


def _tamed(case: schemathesis.Case[Any]) -> schemathesis.Case[Any]:
    """Take out of a request what would cost time, and tell nothing more of the API."""
    body: Any = case.body
    if isinstance(body, dict):
        if type(body.get("times")) is int and body["times"] <= MAX_TIMES:
            body["times"] = min(body["times"], FEW_PRESSES)
        if type(body.get("patience_s")) in {int, float} and 0 <= body["patience_s"] <= 600:
            body["patience_s"] = 0
        damage = body.get("damage")
        chatter = damage.get("chatter") if isinstance(damage, dict) else None
        if isinstance(chatter, list) and len(chatter) <= MAX_EDGES:
            # Gaps follow each other; no schema can say that.
            del chatter[1:]
        if isinstance(body.get("until"), str) and body["until"] in OTHERS_DEEDS:
            # What a token doesn't do by itself takes patience, and shows no text; no schema
            # can say that.
            if not body.get("patience_s", 0):
                body["patience_s"] = 1e-6
            if isinstance(body.get("text"), str):
                body["text"] = None
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,255}", key):
        # A key belongs to one request; one that is drawn would come with many.
        case.headers["Idempotency-Key"] = f"key-{next(KEYS)}"
    return case


def _cheap_key(passphrase: str | None) -> SnapshotKey | None:
    return None if passphrase is None else SnapshotKey.from_passphrase(passphrase, n=2)


SLOW: Final = (
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
)


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, methods in SCHEMA.raw_schema["paths"].items() for method in methods],
)
def test_as_described(
    path: str, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that the description allows is taken, another is refused as it says."""
    # The cost of a passphrase is the point of it; here it is not.
    monkeypatch.setattr(snapshots, "_key", _cheap_key)
    app = application(tmp_path)

    def check(case: schemathesis.Case[Any]) -> None:
        _tamed(case).call_and_validate(app=app)

    # What the plugin's parametrize() does when tests are collected: there it costs each
    # worker of each run 10 seconds, for all operations, whichever tests were asked for.
    build_operation_test(
        config=SCHEMA.config,
        operation=SCHEMA[path][method],
        test_func=settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)(check),
        given_kwargs={},
        feedback=FeedbackSources(),
    )()
