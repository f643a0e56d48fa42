"""``POST /wait``: one call that returns when something has happened, or won't.

It looks back from a cursor first, so that who comes late misses nothing.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Request

from emulator import journalform
from emulator.clock import BILLION
from emulator.http.desk import AtDesk, Desk, client_name
from emulator.http.display import display_of
from emulator.http.journal import chooser
from emulator.http.problems import Problem, known_serial, problem_responses
from emulator.http.schemas.journal import JournalRecord
from emulator.http.schemas.waiting import WaitAnswer, WaitRequest
from emulator.http.tickets import gone, settled
from emulator.journal import Record

router = APIRouter(tags=["journal"])


@router.post("/wait", summary="Wait for something to happen", responses=problem_responses(404))
async def wait(
    request: Request, desk: AtDesk, wanted: Annotated[WaitRequest, Body()]
) -> WaitAnswer:
    """Wait until a token's LCD is lit or dark, or something is recorded of it.

    Answers with `met` false when the time is over; that is no error.
    """
    known_serial(desk.bench, wanted.serial)
    journalform.check_kinds([wanted.until])
    begun = desk.bench.journal.visible
    cursor = begun if wanted.after is None else wanted.after
    met, record = await _in_bench_time(request, desk, wanted, cursor)
    if not met and wanted.patience_s > 0:
        record = await _with_patience(request, desk, wanted, cursor)
        met = record is not None
    view, visible = desk.bench.look(wanted.serial), desk.bench.journal.visible
    return WaitAnswer(
        met=met,
        record=None if record is None else JournalRecord(**journalform.to_mapping(record)),
        display=display_of(view, visible),
        sequence=visible,
    )


async def _in_bench_time(
    request: Request, desk: Desk, wanted: WaitRequest, cursor: int
) -> tuple[bool, Record | None]:
    timeout_ns = round(wanted.timeout_s * BILLION)
    if wanted.after is None and wanted.until in {"lit", "dark"}:
        lit = wanted.until == "lit"
        if wanted.text is None:
            with desk.bench.acting(client_name(request)):
                so = desk.bench.wait(wanted.serial, lit=lit, timeout_ns=timeout_ns)
            met = await settled(so, request, wanted.serial)
            return met, _recorded(desk, wanted, cursor) if met else None
        shown = desk.bench.look(wanted.serial).lcd
        if shown.lit == lit and shown.text == wanted.text:
            return True, None
    if wanted.until not in journalform.EFFECT_KINDS:
        record = _recorded(desk, wanted, cursor)
    else:
        with desk.bench.acting(client_name(request)):
            found = desk.bench.await_event(
                wanted.serial,
                [wanted.until],
                after=cursor,
                timeout_ns=timeout_ns,
                text=wanted.text,
            )
        record = await settled(found, request, wanted.serial)
    return record is not None, record


async def _with_patience(
    request: Request, desk: Desk, wanted: WaitRequest, cursor: int
) -> Record | None:
    """Wait for somebody else, for as long as the host's clock says."""
    woken = asyncio.Event()
    leaving = asyncio.create_task(gone(request))
    leaving.add_done_callback(lambda _: woken.set())
    unsubscribe = desk.bench.journal.subscribe(woken.set)
    try:
        with desk.seats.take(woken.set):
            async with asyncio.timeout(wanted.patience_s):
                while (record := _recorded(desk, wanted, cursor)) is None:
                    cursor = max(cursor, desk.bench.journal.visible)
                    await woken.wait()
                    woken.clear()
                    desk.seats.refuse_if_closed()
                    if leaving.done():
                        raise Problem(503, "nobody waits for it any more")
                return record
    except TimeoutError:
        return None
    finally:
        unsubscribe()
        leaving.cancel()


def _recorded(desk: Desk, wanted: WaitRequest, cursor: int) -> Record | None:
    """Return the first record after a cursor that is what is waited for."""
    if wanted.text is not None:
        # The bench knows which text belongs to an effect.
        looked = desk.bench.await_event(
            wanted.serial, [wanted.until], after=cursor, timeout_ns=0, text=wanted.text
        )
        return looked.result if looked.done else None
    found = desk.bench.journal.read(
        cursor, 1, serials={wanted.serial}, chosen=chooser([wanted.until])
    )
    return found[0] if found else None
