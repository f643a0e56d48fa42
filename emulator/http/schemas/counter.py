"""Where a token's counter or step stands, and setting it."""

from pydantic import Field

from emulator.http.schemas.base import LAST_COUNTER, Answer, Request


class Counter(Answer):
    """Where the token's moving factor stands."""

    next: int | None = Field(
        description="Event token: the counter that the next press uses (not the last one used)."
        " `null` for a time token, a broken memory, and without power.",
        examples=[4],
    )
    step: int | None = Field(
        description="Time token: the step of its own clock. `null` for an event token, and"
        " without power.",
        examples=[None],
    )
    step_s: int | None = Field(
        description="Time token: seconds of one step; else `null`.", examples=[None]
    )
    token_time_ns: int | None = Field(
        description="Time token: what its own clock believes, ns since 1970, UTC; else `null`.",
        examples=[None],
    )


class CounterRequest(Request):
    """Where the counter is to be set to. Setting it back begins a new lineage."""

    next: int = Field(
        ge=0, le=LAST_COUNTER, description="The counter that the next press uses.", examples=[40]
    )
