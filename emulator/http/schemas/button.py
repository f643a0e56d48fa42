"""The button: a press as one act, or its contact closed and opened."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from emulator.bench import MAX_HOLD_NS
from emulator.bench.button import MAX_TIMES
from emulator.http.schemas.base import NS_NOTE, Answer, Cursor, Request
from emulator.http.schemas.display import Display
from firmware_model.profile import MILLISECOND


class Press(Request):
    """The button is pressed and let go, as one act."""

    action: Literal["press-and-release"]
    hold_ms: int = Field(
        default=100,
        ge=1,
        le=MAX_HOLD_NS // MILLISECOND,
        description="How long it is held, ms of bench time.",
        examples=[100],
    )
    times: int = Field(
        default=1,
        ge=1,
        le=MAX_TIMES,
        description="How many presses that give a code; each waits until the LCD is dark.",
        examples=[1],
    )


class Down(Request):
    """The button goes down and stays there; nothing if it is down."""

    action: Literal["press"]


class Up(Request):
    """The button comes up; nothing if it is up."""

    action: Literal["release"]


ButtonRequest: TypeAlias = Annotated[Press | Down | Up, Field(discriminator="action")]


class PressResult(Answer):
    """What came of one press: a code, or why there is none."""

    code: str | None = Field(
        description="The code as it lit; `null`: none did, or nobody could read it.",
        examples=["755224"],
    )
    refused: str | None = Field(
        description="Why there is none: `lit`, `dead`, `unreadable`, `glitch` …; else `null`.",
        examples=[None],
    )
    factor: int | None = Field(description="Counter or step of the code.", examples=[0])
    at_ns: int = Field(
        description=f"When it lit or was refused. {NS_NOTE}", examples=[1_790_000_000_040_000_000]
    )


class PressAnswer(PressResult):
    """What came of the presses; at the top the last one's."""

    presses: list[PressResult] = Field(description="All of them, in order.")
    display: Display
    sequence: Cursor


class EdgeAnswer(Answer):
    """Where the button is now."""

    pressed: bool = Field(description="Whether the contact is closed.", examples=[True])
    display: Display
    sequence: Cursor
