"""Codes to be judged: what an application that relies on the server asks for.

The answer says what a code was found to be and what its holder may read, and no more: how
far off it was is in the history, which is for operators.
"""

from fastapi import APIRouter

from emulator.http.problems import problem_responses
from hosttools.refserver.http import schemas
from hosttools.refserver.http.desk import AtDesk, SerialInPath
from hosttools.refserver.verdict import Verdict

router = APIRouter(tags=["codes"], responses=problem_responses(404, 409))


@router.post("/tokens/{serial}/verify")
def post_verify(desk: AtDesk, serial: SerialInPath, body: schemas.OneCode) -> schemas.Judged:
    """Judge one code. A refused one is an answer, not an error."""
    return _judged(desk.store.verify(serial, body.code, desk.clock.now_ns()))


@router.post("/tokens/{serial}/sync")
def post_sync(desk: AtDesk, serial: SerialInPath, body: schemas.TwoCodes) -> schemas.Judged:
    """Submit the add form: the first two codes of an assigned token make it active."""
    return _judged(desk.store.sync(serial, body.code1, body.code2, desk.clock.now_ns()))


@router.post("/tokens/{serial}/resync")
def post_resync(desk: AtDesk, serial: SerialInPath, body: schemas.TwoCodes) -> schemas.Judged:
    """Submit the resync form: two codes in a row bring a token back in step."""
    return _judged(desk.store.resync(serial, body.code1, body.code2, desk.clock.now_ns()))


def _judged(verdict: Verdict) -> schemas.Judged:
    return schemas.Judged(accepted=verdict.accepted, kind=verdict.kind, message=verdict.user)
