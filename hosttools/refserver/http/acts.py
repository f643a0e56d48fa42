"""What an operator does to a token. What is refused is 409, and says why."""

from fastapi import APIRouter

from emulator.http.problems import problem_responses
from hosttools.errors import ConflictError
from hosttools.refserver.http import schemas
from hosttools.refserver.http.desk import AtDesk, SerialInPath
from hosttools.refserver.verdict import Verdict

router = APIRouter(tags=["life"], responses=problem_responses(404, 409))


@router.post("/tokens/{serial}/ship")
def post_ship(desk: AtDesk, serial: SerialInPath, body: schemas.Act) -> schemas.Done:
    """Send an ordered token on its way."""
    return _done(desk.store.ship(serial, desk.clock.now_ns(), body.actor))


@router.post("/tokens/{serial}/assign")
def post_assign(desk: AtDesk, serial: SerialInPath, body: schemas.Assignment) -> schemas.Done:
    """Give a shipped token to its holder; one that nobody has added yet, to another one."""
    return _done(desk.store.assign(serial, body.holder, desk.clock.now_ns(), body.actor))


@router.post("/tokens/{serial}/unlock")
def post_unlock(desk: AtDesk, serial: SerialInPath, body: schemas.Act) -> schemas.Done:
    """Forget a token's failures; a locked one is active again."""
    return _done(desk.store.unlock(serial, desk.clock.now_ns(), body.actor))


@router.post("/tokens/{serial}/reset")
def post_reset(desk: AtDesk, serial: SerialInPath, body: schemas.Reset) -> schemas.Done:
    """Find a token again that is too far off to be resynced, by two codes in a row."""
    return _done(desk.store.reset(serial, body.code1, body.code2, desk.clock.now_ns(), body.actor))


@router.post("/tokens/{serial}/replace")
def post_replace(desk: AtDesk, serial: SerialInPath, body: schemas.Replacement) -> schemas.Done:
    """Put another token in the place of one, which never works again."""
    return _done(desk.store.replace(serial, body.by, desk.clock.now_ns(), body.actor))


@router.post("/tokens/{serial}/revoke")
def post_revoke(desk: AtDesk, serial: SerialInPath, body: schemas.Act) -> schemas.Done:
    """Take a token out of use, for good."""
    return _done(desk.store.revoke(serial, desk.clock.now_ns(), body.actor))


@router.post("/tokens/{serial}/expire")
def post_expire(desk: AtDesk, serial: SerialInPath, body: schemas.Act) -> schemas.Done:
    """End the time of a token now, for good."""
    return _done(desk.store.expire(serial, desk.clock.now_ns(), body.actor))


def _done(verdict: Verdict) -> schemas.Done:
    if not verdict.accepted:
        raise ConflictError(f"{verdict.serial}: {verdict.operator}")
    return schemas.Done(status=verdict.status.value, said=verdict.operator)
