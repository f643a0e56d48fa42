"""The server's side: recipes that bring it out of step with a token, what it believes, codes.

None of it knows a server: recipes and the server under test are attached to the desk,
and any adapter may push what a server of its own believes.
"""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from emulator.annotations import Submitted
from emulator.errors import ConflictError
from emulator.http.desk import AtDesk, RecipeInfo
from emulator.http.hand import InHand, its_own_fault
from emulator.http.problems import Problem, problem_responses
from emulator.http.schemas import recipes as schemas
from emulator.serverview import ServerView
from firmware_model.profile import TokenType

_CODES: Final = re.compile(r"[0-9]{6,}")
"""What may be a code: nobody reads one in the journal."""

_BLOT: Final = "******"

router = APIRouter(tags=["server"])

OfType = Annotated[
    TokenType | None, Query(alias="type", description="Only those for tokens of this type.")
]
RecipeName = Annotated[str, Path(description="Name of a recipe.", examples=["pocket"])]


@router.get("/recipes", tags=["recipes"])
async def get_recipes(desk: AtDesk, token_type: OfType = None) -> schemas.RecipeList:
    """List the recipes; there are none if `capabilities` says so."""
    types = TokenType if token_type is None else (token_type,)
    found: dict[str, RecipeInfo] = {}
    if desk.recipes is not None:
        for each in types:
            found |= {info.name: info for info in desk.recipes.names(each)}
    return schemas.RecipeList(
        recipes=[schemas.RecipeInfo(**info._asdict()) for info in found.values()]
    )


@router.post(
    "/tokens/{serial}/recipes/{name}", responses=problem_responses(404, 409), tags=["recipes"]
)
async def post_recipe(
    hand: InHand, name: RecipeName, body: schemas.RecipeRequest
) -> schemas.RecipePlayed:
    """Play a recipe to its end: presses, months, torn writes; never a counter that is set."""
    book = hand.desk.recipes
    known = [] if book is None else book.names(hand.bench.token_type(hand.serial))
    if book is None or name not in {info.name for info in known}:
        names = ", ".join(info.name for info in known) or "none"
        raise Problem(404, f"no recipe {name[:40]!r} for {hand.serial}; there are {names}")
    return schemas.RecipePlayed(**await book.play(hand.serial, name, body.by))


@router.get("/tokens/{serial}/server", responses=problem_responses(404))
async def get_server(hand: InHand) -> schemas.ServerView:
    """Say what a server last told of the token."""
    view = hand.bench.server_view(hand.serial)
    if view is None:
        raise Problem(404, f"no server has said anything of {hand.serial}; PUT what one believes")
    return schemas.ServerView(**view.to_mapping())


@router.put("/tokens/{serial}/server", responses=problem_responses(404, 409))
async def put_server(
    hand: InHand, body: schemas.EventServerView | schemas.TimeServerView
) -> schemas.ServerView:
    """Tell what a server believes of the token: the gauge shows it, the journal keeps it."""
    view = ServerView(**body.model_dump())
    timed = hand.bench.token_type(hand.serial) is TokenType.TIME
    if timed != (view.step_offset is not None):
        wanted = "step_offset" if timed else "next_counter"
        raise ConflictError(f"the server's side of {hand.serial} is told by {wanted}")
    with hand.acting(), its_own_fault():
        hand.bench.set_server_view(hand.serial, view)
    return schemas.ServerView(**view.to_mapping())


@router.post("/tokens/{serial}/submissions", responses=problem_responses(404, 409))
async def post_submission(hand: InHand, body: schemas.Submission) -> schemas.Submitted:
    """Hand codes to the attached server; that it refuses them is an answer, no error."""
    server = hand.desk.server
    if server is None:
        raise ConflictError(
            "no server is attached; POST what yours says to …/submissions/report, or attach one"
        )
    if not server.enrolled(hand.serial):
        raise ConflictError(f"server {server.name} doesn't know {hand.serial}; enrol it there")
    with hand.acting():
        verdict = server.submit(hand.serial, body.verb, body.codes)
    return schemas.Submitted(
        accepted=verdict["accepted"],
        kind=verdict["kind"],
        message=verdict["message"],
        sequence=hand.visible,
    )


@router.post(
    "/tokens/{serial}/submissions/report", status_code=201, responses=problem_responses(404)
)
async def post_submission_report(hand: InHand, body: schemas.SubmissionReport) -> schemas.Told:
    """Tell what another server said, for the timeline."""
    reason = _CODES.sub(_BLOT, body.reason)
    told = Submitted(
        hand.bench.now_ns(), body.server, body.verb, body.accepted, reason, body.factor
    )
    with hand.acting():
        hand.bench.annotate(hand.serial, told)
    return schemas.Told(sequence=hand.visible)
