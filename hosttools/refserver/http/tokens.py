"""Tokens: take in, list, look up, forget, and what happened to them. For operators."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from emulator.http.problems import problem_responses
from emulator.http.schemas.recipes import ServerView
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.refserver.history import history_of
from hosttools.refserver.http import schemas
from hosttools.refserver.http.desk import AtDesk, SerialInPath, ServerDesk
from hosttools.refserver.lifecycle import aged
from hosttools.refserver.record import Record, serial_of
from hosttools.refserver.view import server_view

MAX_PAGE: Final = 1_000
MOST_ENTRIES: Final = 100_000

router = APIRouter(tags=["tokens"])

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Most tokens in the answer.")]
After = Annotated[
    str, Query(max_length=64, description="Only serial numbers that come after this one.")
]
Entries = Annotated[
    int, Query(ge=1, le=MOST_ENTRIES, description="The last so many acts are looked at.")
]


@router.get("/tokens")
def get_tokens(desk: AtDesk, limit: Limit = 50, after: After = "") -> schemas.TokenList:
    """List the tokens, by serial number, a page at a time."""
    found = desk.store.list(after, limit + 1)
    page = found[:limit]
    return schemas.TokenList(
        tokens=[_told(desk, record) for record in page],
        next=page[-1].serial if len(found) > limit else None,
    )


@router.post("/tokens", status_code=201, responses=problem_responses(409))
def post_token(desk: AtDesk, body: schemas.NewToken, response: Response) -> schemas.Token:
    """Take a token in: assigned, for its holder to add it, or on order."""
    _take_in(desk, body)
    record = desk.store.get(body.serial)
    response.headers["Location"] = f"/api/v1/tokens/{record.serial}"
    return _told(desk, record)


@router.post("/import", status_code=201, responses=problem_responses(409))
def post_import(desk: AtDesk, body: schemas.NewTokens) -> schemas.Taken:
    """Take many tokens in: all of them, or none."""
    with desk.store.together():
        return schemas.Taken(serials=[_take_in(desk, token) for token in body.tokens])


@router.get("/tokens/{serial}", responses=problem_responses(404))
def get_token(desk: AtDesk, serial: SerialInPath) -> schemas.Token:
    """Tell all of a token, but its secret."""
    return _told(desk, desk.store.get(serial))


@router.delete("/tokens/{serial}", status_code=204, responses=problem_responses(404))
def delete_token(desk: AtDesk, serial: SerialInPath) -> None:
    """Forget a token. What happened to it is still told."""
    desk.store.remove(serial)


@router.get("/tokens/{serial}/history", responses=problem_responses(404))
def get_history(desk: AtDesk, serial: SerialInPath, limit: Entries = 1_000) -> schemas.History:
    """Tell what happened to a token: when, by whom, from which status to which, and why.

    No code is in it: the server keeps none.
    """
    return schemas.History(**history_of(desk.store, serial, limit).as_dict())


def _take_in(desk: ServerDesk, token: schemas.NewToken) -> str:
    record = Record(
        serial=serial_of(token.serial),
        token_type=TokenType(token.type),
        # A short secret was warned of by whoever read it first; a client sees no warning.
        secret=Secret.again(bytes.fromhex(token.secret)),
        algorithm=Algorithm(token.algorithm),
        digits=token.digits,
        step_s=token.step_s,
        t0_s=token.t0_s,
        next_factor=token.counter if token.type == TokenType.EVENT.value else 0,
        holder=token.holder or "",
        expires_ns=token.expires_ns,
    )
    take_in = desk.store.order if token.ordered else desk.store.enrol
    return take_in(record, desk.clock.now_ns(), token.actor).serial


def _told(desk: ServerDesk, record: Record) -> schemas.Token:
    now_ns = desk.clock.now_ns()
    record = aged(record, now_ns)
    view = server_view(record, desk.store.policy, now_ns, name=desk.name)
    return schemas.Token(
        serial=record.serial,
        type=record.token_type.value,
        algorithm=record.algorithm.value,
        digits=record.digits,
        step_s=record.step_s,
        t0_s=record.t0_s,
        status=record.status.value,
        holder=record.holder or None,
        expires_ns=record.expires_ns,
        replaced_by=record.replaced_by or None,
        failures=record.failures,
        resync_failures=record.resync_failures,
        throttled_until_ns=record.throttled_until_ns,
        view=ServerView(**view.to_mapping()),
    )
