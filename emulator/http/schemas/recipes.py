"""The server's side: recipes, what a server believes of a token, and codes for it."""

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from emulator.http.schemas.base import LAST_COUNTER, MAX_SEQUENCE, Answer, Cursor, Request
from emulator.serverview import MAX_NAME, MAX_WINDOW

_NAME: Final = Field(
    min_length=1,
    max_length=MAX_NAME,
    pattern=r"^[ -~]+$",
    description="The server's name.",
    examples=["staging"],
)


class ServerView(Answer):
    """What a server believes of the token, as the gauge draws it."""

    name: str = Field(description="The server's name.", examples=["staging"])
    next_counter: int | None = Field(
        description="Event token: the counter that the server expects next.", examples=[4]
    )
    step_offset: int | None = Field(
        description="Time token: steps that the server believes its clock to be ahead.",
        examples=[None],
    )
    look_ahead: int = Field(
        description="Skipped presses (steps, to both sides) that one code is still taken with.",
        examples=[10],
    )
    resync_window: int = Field(description="The same for two codes in a row.", examples=[100])
    locked: bool = Field(description="Whether it takes nothing at present.", examples=[False])


class _ServerViewRequest(Request):
    name: str = _NAME
    look_ahead: int = Field(default=0, ge=0, le=MAX_WINDOW, description="See the answer.")
    resync_window: int = Field(default=0, ge=0, le=MAX_WINDOW, description="See the answer.")
    locked: bool = Field(default=False, description="Whether it takes nothing at present.")


class EventServerView(_ServerViewRequest):
    """What a server believes of an event token."""

    next_counter: int = Field(
        ge=0, le=LAST_COUNTER, description="The counter that it expects next.", examples=[4]
    )
    step_offset: None = None


class TimeServerView(_ServerViewRequest):
    """What a server believes of a time token."""

    step_offset: int = Field(
        ge=-MAX_SEQUENCE,
        le=MAX_SEQUENCE,
        description="Steps that it believes the token's clock to be ahead.",
        examples=[-2],
    )
    next_counter: None = None


class RecipeInfo(Answer):
    """A way to bring a token and a server apart, as it happens to people."""

    name: str = Field(description="As in its path.", examples=["pocket"])
    title: str = Field(description="For people.", examples=["Pressed in a pocket"])
    unit: str | None = Field(
        description="What its number counts; `null`: it takes none.", examples=["presses"]
    )
    default: float | None = Field(description="The number, if none is given.", examples=[37])
    low: float = Field(description="Smallest number.", examples=[1])
    high: float = Field(description="Largest number.", examples=[20000])


class RecipeList(Answer):
    """The recipes that there are."""

    recipes: list[RecipeInfo]


class RecipeRequest(Request):
    """How far to go."""

    by: float | None = Field(
        default=None, description="The recipe's number; none: its default.", examples=[37]
    )


class RecipePlayed(BaseModel):
    """What happened; recipes may tell more than this."""

    model_config = ConfigDict(frozen=True, extra="allow")

    recipe: str = Field(description="Which one it was.", examples=["pocket"])
    serial: str = Field(description="On which token.", examples=["GALH00000042"])
    history: list[str] = Field(
        description="What happened, in lines for people.",
        examples=[["pressed 37 times in a pocket; the server hears nothing of it"]],
    )
    token: Any = Field(description="Where the token is.", examples=[37])
    server: Any = Field(description="Where the server is.", examples=[0])
    distance: Any = Field(description="How far apart they are.", examples=[37])


Code: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{6,10}$")]


class Submission(Request):
    """Codes for the attached server, in the order in which the token showed them."""

    verb: Literal["verify", "sync", "resync"] = Field(
        description="`verify` takes one code, `sync` and `resync` take two.", examples=["verify"]
    )
    codes: list[Code] = Field(
        min_length=1, max_length=10, repr=False, examples=[["755224"]], description="The codes."
    )


class Submitted(Answer):
    """What the server said."""

    accepted: bool = Field(description="Whether it took them.", examples=[True])
    kind: str = Field(description="Its verdict in a word.", examples=["accepted"])
    message: str = Field(description="Its verdict for people.", examples=["accepted at counter 0"])
    sequence: Cursor


class SubmissionReport(Request):
    """What a server that is not attached said: for the timeline, from any adapter."""

    server: str = _NAME
    verb: str = Field(
        min_length=1,
        max_length=40,
        pattern=r"^[ -~]+$",
        description="What was asked of it.",
        examples=["verify"],
    )
    accepted: bool = Field(description="Whether it took the codes.")
    reason: str = Field(
        default="",
        max_length=500,
        description="What it said, for people. Digits of codes are blotted out.",
        examples=["outside the look-ahead window"],
    )
    factor: int | None = Field(
        default=None, ge=0, le=LAST_COUNTER, description="Counter or step of the first code."
    )


class Told(Answer):
    """It stands in the journal now."""

    sequence: Cursor
