"""Cases: what happened, in a file."""

from typing import Any, Literal

from pydantic import Field

from emulator.http.schemas.base import MAX_SEQUENCE, Answer, Request


class CaseRequest(Request):
    """A case to be taken."""

    tokens: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Serial numbers; left out: all on the bench.",
        examples=[["GALH00000042"]],
    )
    since: int | None = Field(
        default=None,
        ge=1,
        le=MAX_SEQUENCE,
        description="Begin at this record of the journal, or before; left out: as far back as"
        " it goes.",
    )
    title: str = Field(
        default="",
        max_length=200,
        description="What it is about; what looks like a code in it is blotted out.",
        examples=["refused after twelve presses"],
    )
    note: str = Field(default="", max_length=20_000, description="What to say about it; likewise.")


class CaseFile(Answer):
    """A case, whole: what `galh case replay` takes once it is saved as it came."""

    format: Literal["galh-case"]
    version: int = Field(description="Of the form.", examples=[1])
    content: dict[str, Any] = Field(description="What happened, and what it takes to replay it.")
    sha256: str = Field(description="Over all the rest, as JSON with sorted keys, no white space.")
