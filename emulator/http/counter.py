"""Where a token's counter or step stands, and setting it."""

from fastapi import APIRouter

from emulator.http.hand import InHand, its_own_fault
from emulator.http.problems import problem_responses
from emulator.http.schemas import counter as schemas
from emulator.results import View
from firmware_model.nvm import Config
from firmware_model.profile import SECOND, TokenType

router = APIRouter(tags=["counter"], responses=problem_responses(404))


def counter_of(view: View, config: Config) -> schemas.Counter:
    """Return where a token's moving factor stands.

    Args:
        view: a look at it.
        config: its settings.
    """
    timed = config.token_type is TokenType.TIME
    step = None
    if view.token_time_ns is not None:
        step = (view.token_time_ns - config.t0_s * SECOND) // config.step_ns
    return schemas.Counter.model_construct(
        next=view.counter,
        step=step,
        step_s=config.step_s if timed else None,
        token_time_ns=view.token_time_ns,
    )


@router.get("/tokens/{serial}/counter")
async def get_counter(hand: InHand) -> schemas.Counter:
    """Say where the counter or step stands."""
    return counter_of(hand.bench.look(hand.serial), hand.bench.config(hand.serial))


@router.put("/tokens/{serial}/counter", responses=problem_responses(409))
async def put_counter(hand: InHand, body: schemas.CounterRequest) -> schemas.Counter:
    """Set the next counter of an event token, as a programming tool would.

    Setting it back begins a new lineage: the image that says which counters were used
    is left as it is.
    """
    with hand.acting(), its_own_fault():
        hand.bench.set_counter(hand.serial, body.next)
    return counter_of(hand.bench.look(hand.serial), hand.bench.config(hand.serial))
