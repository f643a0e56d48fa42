"""Time travel: a token as it was, a copy that branches off, and what would have been."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from emulator.errors import ConflictError, UsageError
from emulator.history import Change, Drop, Future, Insert, Move
from emulator.http.counter import counter_of
from emulator.http.display import display_of
from emulator.http.hand import InHand, its_own_fault
from emulator.http.problems import Problem, problem_responses
from emulator.http.schemas import history as schemas
from emulator.http.schemas.base import MAX_SEQUENCE
from emulator.http.schemas.tokens import Token
from emulator.http.tokens import introduce, token_of
from emulator.views import view_of
from firmware_model.codec import digest
from firmware_model.errors import IdentifierError, StimulusError
from firmware_model.identifier import normalise
from firmware_model.profile import MILLISECOND

router = APIRouter(tags=["history"], responses=problem_responses(404))

At = Annotated[
    int | None,
    Query(
        ge=0,
        le=MAX_SEQUENCE,
        description="Right after this record of the journal; left out: now.",
        examples=[42],
    ),
]


@router.post("/tokens/{serial}/fork", status_code=201, responses=problem_responses(409))
async def post_fork(hand: InHand, body: schemas.ForkRequest, response: Response) -> Token:
    """Put a copy of the token on the bench, as it was or is; the original goes on.

    It has the same secret: both give the same codes, each in its own time.
    """
    try:
        name = None if body.name is None else normalise(body.name)
    except IdentifierError as e:
        raise UsageError(str(e)) from None
    with hand.acting(), its_own_fault():
        serial = hand.bench.fork(hand.serial, at=body.at, name=name)
        introduce(hand.desk, serial)
    response.headers["Location"] = f"/api/v1/tokens/{serial}"
    return token_of(hand.desk, serial)


@router.get("/tokens/{serial}/state")
async def get_state(hand: InHand, at: At = None) -> schemas.PastState:
    """Say how the token was right after a record."""
    if at is None:
        state, sequence = hand.bench.state(hand.serial), hand.visible
    else:
        try:
            state, sequence = hand.bench.state_at(hand.serial, at), at
        except UsageError as e:
            raise Problem(404, str(e)) from None
    view = view_of(state, state.now_ns)
    return schemas.PastState(
        sequence=sequence,
        at_ns=state.now_ns,
        display=display_of(view, sequence),
        counter=counter_of(view, state.config),
        mode=view.mode,
        digest=digest(state),
    )


@router.post("/tokens/{serial}/what-if", responses=problem_responses(409))
async def post_what_if(hand: InHand, body: schemas.WhatIfRequest) -> schemas.Comparison:
    """Replay with one press left out, moved or added, on to the present; nothing changes."""
    try:
        with its_own_fault():
            found = hand.bench.what_if(hand.serial, _change(body))
    except StimulusError as e:  # a press at a time that no token lives in
        raise ConflictError(str(e)) from None
    return schemas.Comparison(
        from_sequence=found.from_sequence,
        to_ns=found.to_ns,
        actual=_future(found.actual),
        other=_future(found.other),
        diverge_ns=found.diverge_ns,
    )


def _change(body: schemas.WhatIfRequest) -> Change:
    match body:
        case schemas.DropPress():
            return Drop(body.drop)
        case schemas.MovePress():
            return Move(body.move.sequence, body.move.by_ns)
        case schemas.InsertPress():
            return Insert(body.insert.at_ns, body.insert.hold_ms * MILLISECOND)


def _future(future: Future) -> schemas.Future:
    return schemas.Future(
        digest=future.digest,
        next_counter=future.next_counter,
        lit=[schemas.LitEvent(at_ns=at_ns, factor=factor) for at_ns, factor in future.lit],
        refused=[
            schemas.RefusedEvent(at_ns=at_ns, reason=reason) for at_ns, reason in future.refused
        ],
    )
