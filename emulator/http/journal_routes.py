"""The journal in pages, and what its readers share."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from emulator import journalform
from emulator.http.desk import AtDesk
from emulator.http.schemas import MAX_SEQUENCE, Answer
from emulator.journal import Record

MAX_PAGE: Final = 1_000

router = APIRouter(tags=["journal"])

Serials = Annotated[
    list[str] | None,
    Query(description="Only records of these tokens; repeat it.", examples=[["GALH00004226"]]),
]
Kind = Annotated[str, Field(json_schema_extra={"enum": sorted(journalform.KINDS)})]
Kinds = Annotated[
    list[Kind] | None,
    Query(description="Only records of these kinds; repeat it.", examples=[["lit", "refused"]]),
]


class JournalRecord(Answer):
    """One record. Each kind has fields of its own besides."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "sequence": 8,
                "serial": "GALH00004226",
                "kind": "lit",
                "at_ns": 1_767_225_600_045_000_000,
                "factor": 0,
            }
        },
    )

    sequence: int = Field(description="Its number, without gaps.")
    serial: str = Field(description="The token it is about; empty: the bench.")
    kind: str = Field(description="What happened.")
    at_ns: int = Field(description="When, by the bench's clock.")
    by: str | None = Field(default=None, description="Which client did it.")
    key: str | None = Field(default=None, description="Under which idempotency key.")


class JournalPage(Answer):
    """Records in order."""

    records: list[JournalRecord]
    next: int = Field(description="Cursor for the next page: its `after`.", examples=[8])
    visible: int = Field(description="The newest sequence number.", examples=[8])
    oldest: int = Field(description="The oldest that can still be read.", examples=[1])


def chooser(kinds: Sequence[str] | None) -> Callable[[Record], bool] | None:
    """Return what is true for records of some kinds; ``None`` for all of them.

    Raises:
        UsageError: there is no such kind.
    """
    if not kinds:
        return None
    journalform.check_kinds(kinds)
    wanted = frozenset(kinds)
    return lambda record: journalform.kind_of(record.event) in wanted


@router.get("/journal", summary="What happened, in pages", response_model=JournalPage)
async def journal(
    desk: AtDesk,
    serial: Serials = None,
    kind: Kinds = None,
    after: Annotated[
        int, Query(ge=0, le=MAX_SEQUENCE, description="Records after this number.", examples=[0])
    ] = 0,
    limit: Annotated[
        int, Query(ge=1, le=MAX_PAGE, description="At most so many.", examples=[100])
    ] = 100,
) -> JSONResponse:
    """Read the journal from a cursor on.

    With `next` as the next `after`, no record comes twice and none is missed; if it
    is less than `oldest` - 1, the records between are no longer kept.
    """
    told = desk.bench.journal
    desk.bench.pump()
    found = told.read(
        after, limit, serials=frozenset(serial) if serial else None, chosen=chooser(kind)
    )
    # Built by hand: the model says what it is, and checking a thousand records costs more
    # than reading them.
    return JSONResponse(
        {
            "records": [journalform.to_mapping(record) for record in found],
            "next": found[-1].sequence if len(found) == limit else max(told.visible, after),
            "visible": told.visible,
            "oldest": told.oldest,
        }
    )
