"""The tokens on the bench: list, make, look up, take away."""

import contextlib
import os
from bisect import bisect_right
from collections.abc import Callable
from itertools import islice
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from emulator.errors import ConflictError, StateError, UsageError
from emulator.http.counter import counter_of
from emulator.http.desk import AtDesk, Desk
from emulator.http.display import display_of
from emulator.http.hand import Client, InHand
from emulator.http.problems import problem_responses
from emulator.http.schemas import tokens as schemas
from emulator.http.schemas.recipes import ServerView
from emulator.results import View
from firmware_model.errors import FirmwareError
from firmware_model.identifier import MAX_SERIAL, identify
from firmware_model.nvm import Config, configure
from firmware_model.oath import Secret
from firmware_model.products import PROFILES
from firmware_model.profile import Profile, TokenType, WeakBattery
from firmware_model.segments import Lcd

DRAWN_BYTES: Final = 20
"""Length of a secret that the bench draws: that of SHA-1, as RFC 4226 section 4 R6 advises."""

MAX_PAGE: Final = 1_000

router = APIRouter(tags=["tokens"])

Search = Annotated[
    str | None,
    Query(
        max_length=2 * MAX_SERIAL,
        description="Only serial numbers with this in them; case, spaces and hyphens don't count.",
        examples=["0042"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Most tokens in the answer.")]
After = Annotated[
    str | None,
    Query(max_length=2 * MAX_SERIAL, description="Only serial numbers that come after this one."),
]
Forget = Annotated[
    bool, Query(description="Whether it goes out of the state directory too, for good.")
]


def token_of(desk: Desk, serial: str) -> schemas.Token:
    """Return all that is told of a token; one that failed is told of too.

    Args:
        desk: where it is.
        serial: which one.

    Raises:
        UsageError: no such token.
    """
    bench = desk.bench
    config = bench.config(serial)
    try:
        view, failure = bench.look(serial), None
    except StateError as e:
        view, failure = _dark(config), str(e)
    seen = bench.server_view(serial)
    visible = bench.journal.visible
    return schemas.Token.model_construct(
        serial=serial,
        profile=config.profile.name,
        type=config.token_type.value,
        digits=config.digits,
        step_s=config.step_s if config.token_type is TokenType.TIME else None,
        pressed=view.pressed,
        mode=view.mode,
        display=display_of(view, visible),
        counter=counter_of(view, config),
        server=None if seen is None else ServerView.model_construct(**seen.to_mapping()),
        ports=[schemas.Port(**port) for port in desk.ports.get(serial, ())],
        failure=failure,
        sequence=visible,
    )


def _dark(config: Config) -> View:
    """What is seen of a token that failed."""
    lcd = Lcd(
        (0,) * config.digits,
        bar_count=config.profile.time_bars,
        battery_sign=config.profile.weak_battery is WeakBattery.SIGN,
    )
    return View(
        config.serial, lcd, 0, pressed=False, mode="failed", counter=None, token_time_ns=None
    )


@router.get("/tokens")
async def get_tokens(
    desk: AtDesk, search: Search = None, limit: Limit = 50, after: After = None
) -> schemas.TokenList:
    """List the tokens on the bench, by serial number, a page at a time."""
    serials = sorted(desk.bench.serials())
    wanted = "".join((search or "").replace("-", " ").split()).upper()
    matched = [serial for serial in serials if wanted in serial] if wanted else serials
    first = bisect_right(matched, after) if after is not None else 0
    page = list(islice(matched, first, first + limit))
    return schemas.TokenList.model_construct(
        tokens=[token_of(desk, serial) for serial in page],
        total=len(serials),
        matched=len(matched),
        next=page[-1] if first + len(page) < len(matched) else None,
    )


@router.post("/tokens", status_code=201, responses=problem_responses(409))
async def post_token(
    desk: AtDesk, client: Client, body: schemas.NewToken, response: Response
) -> schemas.Token:
    """Make a token and put it on the bench.

    One of which the state directory has the state goes on from it, if its secret and
    settings are the same.
    """
    config = config_of(body, os.urandom)
    with desk.bench.acting(client):
        desk.bench.open(config)
        introduce(desk, config.serial)
    response.headers["Location"] = f"/api/v1/tokens/{config.serial}"
    return token_of(desk, config.serial)


def introduce(desk: Desk, serial: str) -> None:
    """Let the attached server know a token, so that it can be compared with it at once."""
    if desk.server is not None:
        with contextlib.suppress(ConflictError):  # told when a code is submitted
            desk.server.enrol(serial)


def config_of(body: schemas.NewToken, random: Callable[[int], bytes]) -> Config:
    """Return the settings of a token to be made.

    Args:
        body: what was asked for.
        random: draws the secret, if none was given.

    Raises:
        UsageError: it can't be; its secret is in no message.
        ConflictError: each can be, but not together.
    """
    profile = _profile(body.profile)
    known = PROFILES.values() if profile is None else (profile, *PROFILES.values())
    try:
        serial, by_prefix = identify(body.serial, known)
    except FirmwareError as e:
        raise UsageError(str(e)) from None
    chosen = profile or by_prefix
    if body.counter is not None and chosen.token_type is TokenType.TIME:
        raise ConflictError(f"{serial} is a time token: it has no counter; leave counter out")
    secret = random(DRAWN_BYTES) if body.secret is None else bytes.fromhex(body.secret)
    try:
        return configure(
            serial,
            chosen,
            Secret(secret),
            digits=body.digits,
            first_counter=body.counter,
        )
    except FirmwareError as e:
        raise ConflictError(str(e)) from None


def _profile(name: str | None) -> Profile | None:
    if name is None or name in PROFILES:
        return PROFILES.get(name or "")
    raise UsageError(f"no profile {name[:16]!r}; there are {', '.join(PROFILES)}")


@router.get("/tokens/{serial}", responses=problem_responses(404))
async def get_token(desk: AtDesk, hand: InHand) -> schemas.Token:
    """Tell all of a token, but its secret."""
    return token_of(desk, hand.serial)


@router.delete("/tokens/{serial}", status_code=204, responses=problem_responses(404, 409))
async def delete_token(hand: InHand, *, forget: Forget = False) -> None:
    """Take a token off the bench. Its state stays on disk, unless it is to be forgotten."""
    with hand.acting():
        hand.bench.remove(hand.serial, forget=forget)
