"""The server itself: its policy, its clock, and whether it lives."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from emulator.http.problems import problem_responses
from emulator.http.schemas.base import Answer
from hosttools.errors import ConflictError, PolicyError
from hosttools.refserver.http import schemas
from hosttools.refserver.http.desk import AtDesk, ServerDesk
from hosttools.refserver.policy import Policy

router = APIRouter(tags=["server"])
open_router = APIRouter(tags=["health"])


class Health(Answer):
    """It lives."""

    status: Literal["ok"] = Field(default="ok", examples=["ok"])


@open_router.get("/healthz", summary="Whether the server lives")
def healthz(desk: AtDesk) -> Health:
    """Answer 200 as long as the tokens can be read; needs no bearer token."""
    desk.store.list(limit=1)
    return Health()


@router.get("/policy", response_model=schemas.PolicyAnswer)
def get_policy(desk: AtDesk) -> Policy:
    """Tell how the server treats its tokens."""
    return desk.store.policy


@router.put("/policy", response_model=schemas.PolicyAnswer, responses=problem_responses(409))
def put_policy(desk: AtDesk, body: schemas.PolicyRequest) -> Policy:  # type: ignore[valid-type]  # made of Policy's own fields
    """Have the server treat its tokens otherwise from now on, until it ends."""
    settings: dict[str, Any] = body.model_dump()  # type: ignore[attr-defined]  # likewise
    try:
        desk.store.policy = Policy(**settings)
    except PolicyError as e:  # each can be, but not together
        raise ConflictError(str(e)) from None
    return desk.store.policy


@router.get("/clock")
def get_clock(desk: AtDesk) -> schemas.Clock:
    """Tell server time."""
    return _told(desk)


@router.put("/clock", responses=problem_responses(409))
def put_clock(desk: AtDesk, body: schemas.SetClock) -> schemas.Clock:
    """Put a manual clock somewhere, forward or back."""
    desk.clock.set(body.now_ns)
    return _told(desk)


def _told(desk: ServerDesk) -> schemas.Clock:
    return schemas.Clock(now_ns=desk.clock.now_ns(), mode="manual" if desk.clock.manual else "real")
