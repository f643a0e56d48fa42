"""A case of the bench: what happened to its tokens, in one file that replays elsewhere.

What a case is is not known here: who takes one is attached to the desk. Nobody gets a
token's own secret by this way.
"""

from fastapi import APIRouter, Response

from emulator.errors import ConflictError
from emulator.http.desk import AtDesk
from emulator.http.hand import its_own_fault
from emulator.http.problems import known_serial, problem_responses
from emulator.http.schemas import cases as schemas

router = APIRouter(tags=["journal"], responses=problem_responses(404, 409))


@router.post("/case", response_model=schemas.CaseFile)
async def post_case(desk: AtDesk, body: schemas.CaseRequest) -> Response:
    """Take a case of the bench, or of some of its tokens; secrets in it are made up."""
    if desk.cases is None:
        raise ConflictError("this bench takes no cases; one of galh serve does")
    for serial in body.tokens or ():
        known_serial(desk.bench, serial)
    with its_own_fault():
        make = desk.cases.take(body.tokens, since=body.since, title=body.title, note=body.note)
        return Response(await desk.beside(make), media_type="application/json")
