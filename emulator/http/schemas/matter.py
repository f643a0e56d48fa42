"""What is round a token, what it is made of, and what is made to go wrong with it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from emulator.bench import MAX_HOLD_NS
from emulator.http.schemas.base import Answer, Request
from firmware_model.climate import MAX_MC, MIN_MC
from firmware_model.crystal import MAX_TOLERANCE_PPB
from firmware_model.damage import BYTE, LONGEST_NS, MAX_DIGIT, MAX_EDGES, SLOT_BYTES
from firmware_model.segments import ALL


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    raise ValueError("it is true or false")  # Python's 0 is as good as False, JSON's is not


class Gap(Request):
    """The worn contact opens for a moment while the button is held."""

    after_ns: int = Field(ge=1, le=MAX_HOLD_NS, description="How long after the press.")
    open_ns: int = Field(ge=1, le=LONGEST_NS, description="For how long.")


class StuckBits(Request):
    """Bits of the counter's memory that keep their value, whatever is written."""

    offset: int = Field(
        ge=SLOT_BYTES.start,
        lt=SLOT_BYTES.stop,
        description="Byte of the NVM image, within the counter slots.",
        examples=[SLOT_BYTES.start],
    )
    mask: int = Field(ge=1, le=BYTE, description="Which bits.", examples=[1])
    value: int = Field(ge=0, le=BYTE, description="What they stick at.", examples=[0])


Segments: TypeAlias = Annotated[
    list[Annotated[int, Field(ge=0, le=ALL)]],
    Field(
        max_length=MAX_DIGIT,
        description="Bits for each digit from the left, as in `Display.segments`.",
        examples=[[0, 2]],
    ),
]


class Damage(Request):
    """All that is worn or broken. In a change, what is left out stays as it is."""

    dead: Segments = Field(default=[], title="Segments that no longer light")
    stuck: Segments = Field(default=[], title="Segments that light with every picture")
    jammed: bool = Field(default=False, description="Whether the key stays down.")
    bounce: list[Annotated[int, Field(ge=1, le=LONGEST_NS)]] = Field(
        default=[],
        max_length=MAX_EDGES,
        description="How long the contact stays closed and open by turns before it rests, ns.",
        examples=[[200_000, 150_000]],
    )
    chatter: list[Gap] = Field(
        default=[],
        max_length=MAX_EDGES,
        description="Gaps of a worn contact, one after the other, while the button is held.",
    )
    cells: list[StuckBits] = Field(
        default=[], max_length=MAX_EDGES, description="Stuck bits of the counter's memory."
    )


class Battery(Answer):
    """The battery."""

    present: bool = Field(description="Whether it is in.", examples=[True])
    percent: int = Field(description="What is left of its charge; 0 without one.", examples=[98])
    millivolts: int = Field(description="Under the load of the moment.", examples=[3000])


class Environment(Answer):
    """What is round a token, and what it is made of, now."""

    temperature_c: float = Field(description="Temperature, °C.", examples=[25.0])
    battery: Battery
    crystal_ppm: float = Field(
        description="Rate error of its crystal at the turnover, ppm; positive runs fast."
        " 1 ppm is 31.6 s a year.",
        examples=[3.8],
    )
    damage: Damage


class BatteryOut(Request):
    """The battery is out."""

    present: Annotated[Literal[False], BeforeValidator(_flag)]


class BatteryIn(Request):
    """The battery is in: one is put in if there is none."""

    present: Annotated[Literal[True], BeforeValidator(_flag)] = True
    percent: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Its charge; left out: as it is, or that of a fresh one.",
        examples=[20],
    )


class EnvironmentChange(Request):
    """What is to be otherwise; what is left out stays. All of it happens, or nothing."""

    temperature_c: float | None = Field(
        default=None,
        ge=MIN_MC / 1000,
        le=MAX_MC / 1000,
        description="°C, from now on.",
        examples=[-10],
    )
    battery: BatteryOut | BatteryIn | None = None
    crystal_ppm: float | None = Field(
        default=None,
        ge=-MAX_TOLERANCE_PPB / 1000,
        le=MAX_TOLERANCE_PPB / 1000,
        description="Rate error at the turnover, ppm.",
        examples=[20],
    )
    damage: Damage | None = None


class Faults(Answer):
    """The faults of a token that are armed."""

    faults: list[str] = Field(description="One a line.", examples=[["1: at press 3, tear byte 13"]])


class FaultRequest(Request):
    """A fault to be armed."""

    fault: str = Field(
        max_length=2_000,
        description="An inline table of TOML, or what goes wrong and its settings; see"
        " the fault pages of the documentation.",
        examples=["{press = 3, tear = {byte = 13}}"],
        json_schema_extra={"format": "galh-fault"},
    )


class FaultArmed(Answer):
    """A fault that was armed."""

    name: str = Field(description="What it is called in lists and in the journal.", examples=["1"])
    faults: list[str] = Field(description="All that are armed.")
