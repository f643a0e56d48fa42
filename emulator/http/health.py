"""Whether the bench lives, and figures for Prometheus.

No figure has a serial number for a label: with thousands of tokens they would be
thousands of series.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import Field
from starlette.responses import Response
from starlette.types import Scope

from emulator.clock import BILLION
from emulator.errors import EmulatorError
from emulator.http.desk import AtDesk, Desk
from emulator.http.problems import Problem, problem_responses
from emulator.http.schemas.base import Answer
from firmware_model.stimuli import Accepted, Refused

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

CATCH_UP: Final = 10_000
"""Records after which presses are counted, asked or not: less than the journal keeps."""

router = APIRouter(tags=["health"])


class Health(Answer):
    """It lives."""

    status: Literal["ok"] = Field(default="ok", examples=["ok"])


class Metrics(Collector):
    """Counts what is asked, and reads the rest off the bench when somebody wants to know.

    Args:
        desk: whose figures they are.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._presses = {Accepted: 0, Refused: 0}
        self._counted = desk.bench.journal.visible
        self._registry = CollectorRegistry()
        self._registry.register(self)
        desk.bench.journal.subscribe(self._keep_up)

    def answered(self, scope: Scope, status: int) -> None:
        """Count a request that was answered; with status 0 the client left before."""
        # A path that no route has, or a method of the client's own, makes no new series.
        path = getattr(scope.get("route"), "path", "").removeprefix("/api/v1")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._answers[path, method, status] += 1

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Keep the registry from asking for figures when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all figures."""
        desk = self._desk
        yield GaugeMetricFamily("galh_tokens", "Tokens on the bench.", len(desk.bench.serials()))
        yield GaugeMetricFamily(
            "galh_bench_time_seconds",
            "Bench time, seconds since 1970, UTC.",
            desk.bench.settled_ns / BILLION,
        )
        yield GaugeMetricFamily(
            "galh_journal_sequence",
            "Newest record of the journal.",
            desk.bench.journal.visible,
        )
        yield GaugeMetricFamily(
            "galh_http_streams", "Event streams and waits that are open.", desk.seats.taken
        )
        self._count_presses()
        presses = CounterMetricFamily(
            "galh_presses", "Presses that the firmware noticed.", labels=["result"]
        )
        presses.add_metric(["accepted"], self._presses[Accepted])
        presses.add_metric(["refused"], self._presses[Refused])
        yield presses
        answers = CounterMetricFamily(
            "galh_http_requests",
            "Requests that were answered; status 0: the client left before.",
            labels=["route", "method", "status"],
        )
        for (path, method, status), count in self._answers.items():
            answers.add_metric([path, method, str(status)], count)
        yield answers

    def _keep_up(self) -> None:
        if self._desk.bench.journal.visible - self._counted >= CATCH_UP:
            self._count_presses()

    def _count_presses(self) -> None:
        for record in self._desk.bench.journal.since(self._counted):
            kind = type(record.event)
            if kind is Accepted or kind is Refused:
                self._presses[kind] += 1
        self._counted = self._desk.bench.journal.visible


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


@router.get("/healthz", summary="Whether the bench lives", responses=problem_responses(503))
async def healthz(desk: AtDesk) -> Health:
    """Answer 200 as long as the bench lives; needs no bearer token."""
    try:
        desk.bench.pump()
        desk.bench.journal.publish()  # fails for as long as what happened can't be kept
    except EmulatorError as e:
        raise Problem(503, f"the bench can't keep what happens: {e}") from None
    if desk.failure is not None:
        raise Problem(503, f"the bench has stopped: {desk.failure}")
    return Health()


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
async def read_metrics(metrics: Annotated[Metrics, Depends(_metrics)]) -> Response:
    """Tell tokens, presses, requests, streams, the journal's length, and bench time."""
    return Response(metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
