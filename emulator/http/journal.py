"""The journal in pages, and what its readers share."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from emulator import journalform
from emulator.http.desk import AtDesk
from emulator.http.schemas.base import MAX_SEQUENCE
from emulator.http.schemas.journal import JournalPage
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
