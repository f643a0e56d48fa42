"""The bench as a whole: what it can do, how it stands, its clock."""

from fractions import Fraction
from importlib.metadata import version
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Body, Request
from pydantic import Field

from emulator.bench import Bench
from emulator.clock import BILLION, MAX_RATE, MIN_RATE, format_utc
from emulator.http.desk import AtDesk, client_name
from emulator.http.hand import its_own_fault
from emulator.http.problems import problem_responses
from emulator.http.schemas import MAX_SEQUENCE, Answer
from emulator.http.schemas import Request as Asked

MAX_SECONDS: Final = 9.2e9
"""More than bench time has."""

router = APIRouter(tags=["bench"])


class Clock(Answer):
    """How time goes."""

    mode: Literal["real", "scaled", "manual"]
    rate: float = Field(description="Bench seconds in a second of the host.", examples=[60])
    virtual: bool = Field(description="Whether it can be advanced and set to another rate.")


class Time(Clock):
    """How time goes, and how late it is."""

    now_ns: int = Field(description="Bench time.", examples=[1_767_225_600_000_000_000])
    time: str = Field(description="The same for people.", examples=["2026-01-01T00:00:00Z"])
    sequence: int = Field(description="The newest sequence number: a cursor.", examples=[7])


class IdleTime(Time):
    """The time after everything came to rest."""

    advanced_ns: int = Field(description="How far that was.", examples=[30_145_000_000])


class BenchState(Answer):
    """How the bench stands."""

    tokens: int = Field(description="How many are on it.", examples=[2])
    now_ns: int = Field(description="Bench time.", examples=[1_767_225_600_000_000_000])
    time: str = Field(description="The same for people.", examples=["2026-01-01T00:00:00Z"])
    clock: Clock
    sequence: int = Field(description="The newest sequence number.", examples=[7])
    oldest: int = Field(description="The oldest record that can still be read.", examples=[1])
    run: str = Field(
        description="Changes when the bench is started anew.", examples=["5f0c2d41a7b3e896"]
    )


class ClockAbility(Answer):
    """Which clock it is."""

    mode: Literal["real", "scaled", "manual"]
    virtual: bool


class Capabilities(Answer):
    """What there is besides tokens and time."""

    version: str = Field(examples=["0.1.0"])
    api: Literal["v1"] = "v1"
    clock: ClockAbility
    recipes: bool = Field(description="Whether it can play desync recipes.")
    server: bool = Field(description="Whether a server under test is attached.")
    snapshots: bool = Field(description="Whether snapshots are kept.")
    state: bool = Field(description="Whether tokens outlive the process.")


Stopped = Annotated[float, Field(ge=0, le=0)]
Running = Annotated[float, Field(ge=float(MIN_RATE), le=float(MAX_RATE), allow_inf_nan=False)]


class RateRequest(Asked):
    """Another rate."""

    rate: Stopped | Running = Field(
        description="Bench seconds in a second of the host; 0: only when told.", examples=[60]
    )


class AdvanceSeconds(Asked):
    """How far, in seconds."""

    seconds: float = Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False, examples=[30])


class AdvanceNs(Asked):
    """How far, in nanoseconds."""

    ns: int = Field(ge=0, le=MAX_SEQUENCE, examples=[30_000_000_000])


class IdleRequest(Asked):
    """How far at most."""

    limit_s: float = Field(
        default=3_600.0, ge=0, le=MAX_SECONDS, allow_inf_nan=False, examples=[3_600]
    )


@router.get("/capabilities", summary="What this bench can do")
async def capabilities(desk: AtDesk) -> Capabilities:
    """Say what there is, so that a client need not try."""
    clock = clock_of(desk.bench)
    return Capabilities(
        version=version("galh-emulator"),
        clock=ClockAbility(mode=clock.mode, virtual=clock.virtual),
        recipes=desk.recipes is not None,
        server=desk.server is not None,
        snapshots=desk.snapshots is not None,
        state=desk.state,
    )


@router.get("/bench", summary="How the bench stands")
async def bench(desk: AtDesk) -> BenchState:
    """Say how many tokens there are and how late it is."""
    now_ns, told = desk.bench.now_ns(), desk.bench.journal
    return BenchState(
        tokens=len(desk.bench.serials()),
        now_ns=now_ns,
        time=format_utc(now_ns),
        clock=clock_of(desk.bench),
        sequence=told.visible,
        oldest=told.oldest,
        run=desk.run,
    )


@router.get("/clock", summary="How late it is")
async def read_clock(desk: AtDesk) -> Time:
    """Read the bench's clock."""
    return _time_of(desk.bench)


@router.put("/clock", summary="Run at another rate", responses=problem_responses(409))
async def set_rate(request: Request, desk: AtDesk, wanted: Annotated[RateRequest, Body()]) -> Time:
    """Let bench time run faster, slower, or only when told; a real clock refuses."""
    with desk.bench.acting(client_name(request)):
        desk.bench.set_rate(_exactly(wanted.rate))
    return _time_of(desk.bench)


@router.post("/clock/advance", summary="Let time pass at once", responses=problem_responses(409))
async def advance(
    request: Request, desk: AtDesk, wanted: Annotated[AdvanceSeconds | AdvanceNs, Body()]
) -> Time:
    """Let bench time pass, and everything that happens in it; a real clock refuses."""
    with desk.bench.acting(client_name(request)), its_own_fault():
        desk.bench.advance(_by_ns(wanted))
    return _time_of(desk.bench)


@router.post(
    "/clock/advance-until-idle",
    summary="Let time pass until nothing happens any more",
    responses=problem_responses(409),
)
async def advance_until_idle(
    request: Request, desk: AtDesk, wanted: Annotated[IdleRequest, Body()]
) -> IdleTime:
    """Go on until no LCD is lit, no button is pressed and nobody waits; a real clock refuses."""
    with desk.bench.acting(client_name(request)):
        advanced_ns = desk.bench.advance_until_idle(int(_exactly(wanted.limit_s) * BILLION))
    return IdleTime(advanced_ns=advanced_ns, **dict(_time_of(desk.bench)))


def clock_of(bench: Bench) -> Clock:
    """Return how a bench's time goes."""
    return Clock.model_validate(
        {
            "mode": bench.clock_mode,
            "rate": float(bench.rate),
            "virtual": bench.clock_mode != "real",
        }
    )


def _time_of(bench: Bench) -> Time:
    now_ns = bench.now_ns()
    return Time(
        **dict(clock_of(bench)),
        now_ns=now_ns,
        time=format_utc(now_ns),
        sequence=bench.journal.visible,
    )


def _by_ns(wanted: AdvanceSeconds | AdvanceNs) -> int:
    if isinstance(wanted, AdvanceNs):
        return wanted.ns
    return int(_exactly(wanted.seconds) * BILLION)


def _exactly(number: float) -> Fraction:
    return Fraction(repr(number))  # 0.1 is a tenth, not the nearest binary fraction
