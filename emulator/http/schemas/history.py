"""Time travel: copies, states of the past, and what would have been."""

from typing import TypeAlias

from pydantic import Field

from emulator.bench import MAX_HOLD_NS
from emulator.http.schemas.base import MAX_SEQUENCE, NS_NOTE, Answer, Request
from emulator.http.schemas.counter import Counter
from emulator.http.schemas.display import Display
from firmware_model.identifier import MAX_SERIAL
from firmware_model.profile import MILLISECOND


class ForkRequest(Request):
    """Where a copy of the token branches off."""

    at: int | None = Field(
        default=None,
        ge=0,
        le=MAX_SEQUENCE,
        description="As of this record of the journal; none: now.",
        examples=[42],
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=2 * MAX_SERIAL,
        description="Serial number of the copy; none: the original's with F1, F2 … behind it.",
        examples=["GALH00000042F1"],
        json_schema_extra={"format": "galh-copy"},
    )


class PastState(Answer):
    """A token as it was right after a record of the journal."""

    sequence: int = Field(description="The record.", examples=[42])
    at_ns: int = Field(description=NS_NOTE, examples=[1_790_000_000_040_000_000])
    display: Display
    counter: Counter
    mode: str = Field(description="What the firmware was doing.", examples=["lit"])
    digest: str = Field(
        description="Names the state without giving secrets or codes away; the same history"
        " has the same digest.",
    )


class DropPress(Request):
    """One press is left out."""

    drop: int = Field(
        ge=0, le=MAX_SEQUENCE, description="Sequence number of its edge.", examples=[42]
    )


class Moved(Request):
    """One press comes earlier or later."""

    sequence: int = Field(ge=0, le=MAX_SEQUENCE, description="Sequence number of its edge.")
    by_ns: int = Field(
        ge=-MAX_SEQUENCE, le=MAX_SEQUENCE, description="By how much; negative: earlier."
    )


class MovePress(Request):
    """One press comes earlier or later."""

    move: Moved


class Inserted(Request):
    """One press more."""

    at_ns: int = Field(ge=0, le=MAX_SEQUENCE, description=f"When. {NS_NOTE}")
    hold_ms: int = Field(
        default=100, ge=1, le=MAX_HOLD_NS // MILLISECOND, description="Held how long."
    )


class InsertPress(Request):
    """One press more."""

    insert: Inserted


WhatIfRequest: TypeAlias = DropPress | MovePress | InsertPress


class LitEvent(Answer):
    """A code that lit."""

    at_ns: int = Field(description=NS_NOTE)
    factor: int = Field(description="Its counter or step.", examples=[4])


class RefusedEvent(Answer):
    """A press that gave no code."""

    at_ns: int = Field(description=NS_NOTE)
    reason: str = Field(description="Why.", examples=["lit"])


class Future(Answer):
    """How it went on until the present."""

    digest: str = Field(description="Names the state at its end.")
    next_counter: int | None = Field(description="Event token: where it ends.", examples=[5])
    lit: list[LitEvent] = Field(description="Codes that lit.")
    refused: list[RefusedEvent] = Field(description="Presses that gave none.")


class Comparison(Answer):
    """What was, and what would have been."""

    from_sequence: int = Field(description="The record from which both start.", examples=[1])
    to_ns: int = Field(description=f"Where both end. {NS_NOTE}")
    actual: Future
    other: Future
    diverge_ns: int | None = Field(
        description=f"When the two part; `null`: they are the same. {NS_NOTE}"
    )
