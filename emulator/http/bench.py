"""The bench as a whole: what it can do, how it stands, its clock."""

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Body, Request

from emulator.bench import Bench
from emulator.clock import BILLION, format_utc
from emulator.http.desk import AtDesk, client_name
from emulator.http.hand import its_own_fault
from emulator.http.problems import problem_responses
from emulator.http.schemas import bench as schemas
from emulator.release import release

router = APIRouter(tags=["bench"])


@router.get("/capabilities", summary="What this bench can do")
async def capabilities(desk: AtDesk) -> schemas.Capabilities:
    """Say what there is, so that a client need not try."""
    clock = clock_of(desk.bench)
    return schemas.Capabilities(
        version=release(),
        clock=schemas.ClockAbility(mode=clock.mode, virtual=clock.virtual),
        recipes=desk.recipes is not None,
        server=desk.server is not None,
        cases=desk.cases is not None,
        snapshots=desk.snapshots is not None,
        state=desk.state,
    )


@router.get("/bench", summary="How the bench stands")
async def bench(desk: AtDesk) -> schemas.BenchState:
    """Say how many tokens there are and how late it is."""
    now_ns, told = desk.bench.now_ns(), desk.bench.journal
    return schemas.BenchState(
        tokens=len(desk.bench.serials()),
        now_ns=now_ns,
        time=format_utc(now_ns),
        clock=clock_of(desk.bench),
        sequence=told.visible,
        oldest=told.oldest,
        run=desk.run,
    )


@router.get("/clock", summary="How late it is")
async def read_clock(desk: AtDesk) -> schemas.Time:
    """Read the bench's clock."""
    return _time_of(desk.bench)


@router.put("/clock", summary="Run at another rate", responses=problem_responses(409))
async def set_rate(
    request: Request, desk: AtDesk, wanted: Annotated[schemas.RateRequest, Body()]
) -> schemas.Time:
    """Let bench time run faster, slower, or only when told; a real clock refuses."""
    with desk.bench.acting(client_name(request)):
        desk.bench.set_rate(_exactly(wanted.rate))
    return _time_of(desk.bench)


@router.post("/clock/advance", summary="Let time pass at once", responses=problem_responses(409))
async def advance(
    request: Request,
    desk: AtDesk,
    wanted: Annotated[schemas.AdvanceSeconds | schemas.AdvanceNs, Body()],
) -> schemas.Time:
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
    request: Request, desk: AtDesk, wanted: Annotated[schemas.IdleRequest, Body()]
) -> schemas.IdleTime:
    """Go on until no LCD is lit, no button is pressed and nobody waits; a real clock refuses."""
    with desk.bench.acting(client_name(request)):
        advanced_ns = desk.bench.advance_until_idle(int(_exactly(wanted.limit_s) * BILLION))
    return schemas.IdleTime(advanced_ns=advanced_ns, **dict(_time_of(desk.bench)))


def clock_of(bench: Bench) -> schemas.Clock:
    """Return how a bench's time goes."""
    return schemas.Clock.model_validate(
        {
            "mode": bench.clock_mode,
            "rate": float(bench.rate),
            "virtual": bench.clock_mode != "real",
        }
    )


def _time_of(bench: Bench) -> schemas.Time:
    now_ns = bench.now_ns()
    return schemas.Time(
        **dict(clock_of(bench)),
        now_ns=now_ns,
        time=format_utc(now_ns),
        sequence=bench.journal.visible,
    )


def _by_ns(wanted: schemas.AdvanceSeconds | schemas.AdvanceNs) -> int:
    if isinstance(wanted, schemas.AdvanceNs):
        return wanted.ns
    return int(_exactly(wanted.seconds) * BILLION)


def _exactly(number: float) -> Fraction:
    return Fraction(repr(number))  # 0.1 is a tenth, not the nearest binary fraction
