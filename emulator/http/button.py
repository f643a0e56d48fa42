"""The white button: the one way to move an event token, and the busiest route of all.

A press answers when its code is lit or refused, and what it answers is durable. With an
Idempotency-Key, sent again it answers again, and presses nothing
(draft-ietf-httpapi-idempotency-key-header).
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request

from emulator.http.display import display_of
from emulator.http.hand import Hand, InHand, its_own_fault
from emulator.http.problems import problem_responses
from emulator.http.schemas import button as schemas
from emulator.http.tickets import settled
from emulator.results import PressResult, Ticket
from firmware_model.profile import MILLISECOND

router = APIRouter(tags=["button"], responses=problem_responses(404, 409))

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of the client's own for `press-and-release`: the same request with"
        " the same key presses once, however often it is sent, and across a restart. Another"
        " request with it: 422; while the first is under way: 409.",
        examples=["6f9d1f0c-press-1"],
    ),
]


@router.post("/tokens/{serial}/button")
async def post_button(
    request: Request,
    hand: InHand,
    body: Annotated[schemas.ButtonRequest, Body()],
    key: Key = None,
) -> schemas.PressAnswer | schemas.EdgeAnswer:
    """Press the button.

    `press-and-release` is one act, and answers with its code once that is lit, or with
    the reason why there is none. `press` and `release` answer at once.
    """
    if not isinstance(body, schemas.Press):
        return _edge(hand, closed=isinstance(body, schemas.Down))
    with hand.acting(key), its_own_fault():
        ticket = _begin(hand, body, key)
    return _told(hand, await settled(ticket, request, hand.serial))


def _begin(hand: Hand, body: schemas.Press, key: str | None) -> Ticket[tuple[PressResult, ...]]:
    hold_ns = body.hold_ms * MILLISECOND
    if key is None:
        return hand.bench.press_many(hand.serial, body.times, hold_ns)
    # What was asked for, in one spelling: a default left out is the same as one given.
    asked = json.dumps(body.model_dump(), sort_keys=True, separators=(",", ":"))
    return hand.bench.press_once(hand.serial, key, asked, body.times, hold_ns)


def _edge(hand: Hand, *, closed: bool) -> schemas.EdgeAnswer:
    with hand.acting():
        (hand.bench.down if closed else hand.bench.up)(hand.serial)
    view = hand.bench.look(hand.serial)
    return schemas.EdgeAnswer.model_construct(
        pressed=view.pressed, display=display_of(view, hand.visible), sequence=hand.visible
    )


def _told(hand: Hand, results: tuple[PressResult, ...]) -> schemas.PressAnswer:
    presses = [schemas.PressResult.model_construct(**_plain(result)) for result in results]
    view, visible = hand.bench.look(hand.serial), hand.visible
    return schemas.PressAnswer.model_construct(
        **_plain(results[-1]),
        presses=presses,
        display=display_of(view, visible),
        sequence=visible,
    )


def _plain(result: PressResult) -> dict[str, Any]:
    return {
        "code": result.code,
        "refused": result.refused,
        "factor": result.factor,
        "at_ns": result.at_ns,
    }
