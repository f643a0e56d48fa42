"""The bench as a whole: what it can do, how it stands, its clock."""

from typing import Annotated, Final, Literal

from pydantic import Field

from emulator.clock import MAX_RATE, MIN_RATE
from emulator.http.schemas.base import MAX_SEQUENCE, Answer, Request

MAX_SECONDS: Final = 9.2e9
"""More than bench time has."""


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
    cases: bool = Field(description="Whether cases can be taken.")
    snapshots: bool = Field(description="Whether snapshots are kept.")
    state: bool = Field(description="Whether tokens outlive the process.")


Stopped = Annotated[float, Field(ge=0, le=0)]
Running = Annotated[float, Field(ge=float(MIN_RATE), le=float(MAX_RATE), allow_inf_nan=False)]


class RateRequest(Request):
    """Another rate."""

    rate: Stopped | Running = Field(
        description="Bench seconds in a second of the host; 0: only when told.", examples=[60]
    )


class AdvanceSeconds(Request):
    """How far, in seconds."""

    seconds: float = Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False, examples=[30])


class AdvanceNs(Request):
    """How far, in nanoseconds."""

    ns: int = Field(ge=0, le=MAX_SEQUENCE, examples=[30_000_000_000])


class IdleRequest(Request):
    """How far at most."""

    limit_s: float = Field(
        default=3_600.0, ge=0, le=MAX_SECONDS, allow_inf_nan=False, examples=[3_600]
    )
