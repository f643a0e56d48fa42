"""What is waited for, and what became of it."""

from typing import Final

from pydantic import Field

from emulator import journalform
from emulator.http.schemas.base import MAX_SEQUENCE, Answer, Request
from emulator.http.schemas.display import Display
from emulator.http.schemas.journal import JournalRecord

MAX_TIMEOUT_S: Final = 1e10
"""More than bench time has."""

MAX_PATIENCE_S: Final = 600.0
"""Our default."""


class WaitRequest(Request):
    """What to wait for."""

    serial: str = Field(
        min_length=1, max_length=64, description="Of which token.", examples=["GALH00004226"]
    )
    until: str = Field(
        max_length=64,
        json_schema_extra={"enum": [*sorted({"lit", "dark", *journalform.KINDS})]},
        description="`lit`, `dark`, or any kind of record, such as `refused` or `nvm_write`."
        " What a token doesn't do by itself (`edge`, `submitted`) is waited for with"
        " `patience_s` only.",
        examples=["dark"],
    )
    after: int | None = Field(
        default=None,
        ge=0,
        le=MAX_SEQUENCE,
        description="Count only what is recorded after this number. Without it, `lit` and"
        " `dark` ask what the LCD is, and other kinds what happens from now on.",
        examples=[7],
    )
    text: str | None = Field(
        default=None,
        max_length=64,
        description="What the LCD has to show with it, digit by digit.",
        examples=["755224"],
    )
    timeout_s: float = Field(
        default=30.0,
        ge=0,
        le=MAX_TIMEOUT_S,
        allow_inf_nan=False,
        description="Seconds of bench time. On a manual clock the wait moves the clock to the"
        " moment; if nothing ahead can make it true in time, it moves nothing.",
        examples=[30],
    )
    patience_s: float = Field(
        default=0.0,
        ge=0,
        le=MAX_PATIENCE_S,
        allow_inf_nan=False,
        description="Seconds of the host to wait after that for somebody else to do it.",
        examples=[0],
    )


class WaitAnswer(Answer):
    """What became of it."""

    met: bool = Field(description="Whether it happened.")
    record: JournalRecord | None = Field(
        description="The record that says so; null if none does, as the LCD was so already."
    )
    display: Display
    sequence: int = Field(description="The newest sequence number: a cursor.", examples=[12])
