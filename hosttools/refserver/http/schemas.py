"""What goes over the wire: requests that are strict, answers that hold no secret."""

import dataclasses
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, create_model

from emulator.http.schemas.base import LAST_COUNTER, Answer, Request
from emulator.http.schemas.recipes import ServerView
from firmware_model.identifier import MAX_SERIAL
from firmware_model.oath import MAX_DIGITS, MAX_SECRET_BYTES, MIN_DIGITS, MIN_SECRET_BYTES
from hosttools.refserver.policy import Policy
from hosttools.refserver.record import MAX_NAME, MAX_STEP_S
from hosttools.refserver.store import OPERATOR
from hosttools.refserver.verdict import Kind

SERIAL: Final = rf"^[A-Za-z0-9]{{1,{MAX_SERIAL}}}$"

FAR_NS: Final = 4_600_000_000_000_000_000
"""The year 2115, as far as server time goes over HTTP: written as a float it is the same."""

MOST_TYPED: Final = 10_000
"""Characters in a field for a code; what is no code is refused as one, not as a request."""

MOST_AT_ONCE: Final = 1_000
"""Tokens in one request."""

Serial: TypeAlias = Annotated[
    str, Field(pattern=SERIAL, description="Serial number.", examples=["GALH00000042"])
]
Typed: TypeAlias = Annotated[
    str,
    Field(
        max_length=MOST_TYPED,
        repr=False,
        description="What was typed; anything at all.",
        examples=["755224"],
    ),
]
Name: TypeAlias = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_NAME,
        json_schema_extra={"format": "galh-name"},
        examples=["alice"],
    ),
]
Actor: TypeAlias = Annotated[
    Name, Field(description="Who does it, for the history.", examples=["help desk"])
]


class Seed(Request):
    """A token as a seed file tells of it."""

    serial: Serial
    type: Literal["event", "time"] = Field(
        description="What moves its factor: presses (HOTP) or a clock (TOTP).", examples=["event"]
    )
    secret: str = Field(
        repr=False,
        pattern=rf"^([0-9A-Fa-f]{{2}}){{{MIN_SECRET_BYTES},{MAX_SECRET_BYTES}}}$",
        description="The shared secret in hex. It is in no answer.",
        json_schema_extra={"writeOnly": True},
    )
    algorithm: Literal["SHA1", "SHA256", "SHA512"] = Field(
        default="SHA1", description="Hash under the HMAC."
    )
    digits: int = Field(default=6, ge=MIN_DIGITS, le=MAX_DIGITS, description="Digits of a code.")
    step_s: int = Field(
        default=30, ge=1, le=MAX_STEP_S, description="Time token: its step, seconds."
    )
    t0_s: int = Field(
        default=0, ge=-(2**40), le=2**40, description="Time token: when step 0 began, Unix seconds."
    )
    counter: int = Field(
        default=0, ge=0, le=LAST_COUNTER, description="Event token: its next counter."
    )


class NewToken(Seed):
    """A token, and where it is in its life."""

    holder: Name | None = Field(default=None, description="Whose it is, a user name.")
    expires_ns: int | None = Field(
        default=None,
        ge=-FAR_NS,
        le=FAR_NS,
        description="Not to be used after, ns since 1970, UTC; none: it has no end.",
    )
    ordered: bool = Field(
        default=False,
        description="Whether it is being made: it has to be shipped and assigned before its"
        " holder can add it. Else it is assigned.",
    )
    actor: Actor = OPERATOR


class NewTokens(Request):
    """Tokens that are taken in together: all of them, or none."""

    tokens: list[NewToken] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Taken(Answer):
    """Tokens that were taken in."""

    serials: list[str] = Field(description="In the order of the request.")


class Token(Answer):
    """What the server knows of a token, but its secret. For operators."""

    serial: str = Field(description="Serial number.", examples=["GALH00000042"])
    type: Literal["event", "time"] = Field(description="See `POST /tokens`.", examples=["event"])
    algorithm: str = Field(description="Hash under the HMAC.", examples=["SHA1"])
    digits: int = Field(description="Digits of a code.", examples=[6])
    step_s: int = Field(description="Time token: its step, seconds.", examples=[30])
    t0_s: int = Field(description="Time token: when step 0 began.", examples=[0])
    status: str = Field(description="Where it is in its life.", examples=["active"])
    holder: str | None = Field(description="Whose it is.", examples=["alice"])
    expires_ns: int | None = Field(description="Not to be used after.", examples=[None])
    replaced_by: str | None = Field(description="What is in its place.", examples=[None])
    failures: int = Field(description="Refused codes in a row.", examples=[0])
    resync_failures: int = Field(description="Refused pairs in a row.", examples=[0])
    throttled_until_ns: int = Field(description="No code is looked at before.", examples=[0])
    view: ServerView = Field(description="Where the server is, and how far it looks.")


class TokenList(Answer):
    """A page of tokens, by serial number."""

    tokens: list[Token] = Field(description="Those of this page.")
    next: str | None = Field(
        description="Give it as `after` for the next page; `null`: this is the last one.",
        examples=["GALH00000042"],
    )


class OneCode(Request):
    """One code."""

    code: Typed


class TwoCodes(Request):
    """The codes of two presses in a row, in their order."""

    code1: Typed
    code2: Typed


class Judged(Answer):
    """What became of codes: what an application that relies on the server may know."""

    accepted: bool = Field(description="Whether they are good.", examples=[True])
    kind: Kind = Field(description="What they were found to be.", examples=["accepted"])
    message: str = Field(
        description="What the token's holder may read.", examples=["The code was accepted."]
    )


class Act(Request):
    """Something that an operator does."""

    actor: Actor = OPERATOR


class Assignment(Act):
    """Whose a token is from now on."""

    holder: Name = Field(description="A user name.")


class Replacement(Act):
    """Which token takes a place."""

    by: Serial


class Reset(Act, TwoCodes):
    """Two codes in a row of a token that is too far off to be resynced."""


class Done(Answer):
    """What an operator did."""

    status: str = Field(description="The token's status now.", examples=["active"])
    said: str = Field(
        description="What became of it.", examples=["unlocked by an operator, active"]
    )


class Event(Answer):
    """One act, or several alike in a row that left the status as it was."""

    at: str = Field(description="Server time of the first.", examples=["2026-01-05T08:00:00Z"])
    until: str = Field(description="Of the last.", examples=["2026-01-05T08:00:00Z"])
    times: int = Field(description="How many.", examples=[1])
    actor: str = Field(description="Who did it; empty: its holder.", examples=["help desk"])
    act: str = Field(description="What was asked.", examples=["verify"])
    kind: str = Field(description="What became of it.", examples=["accepted"])
    before: str | None = Field(
        alias="from", description="The status before; `null`: there was none.", examples=["active"]
    )
    status: str = Field(alias="to", description="The status afterwards.", examples=["active"])
    said: str = Field(description="The last one's explanation, without codes.")


class History(Answer):
    """What happened to a token. For operators."""

    serial: str = Field(description="Serial number.", examples=["GALH00000042"])
    status: str | None = Field(
        description="Its status now; `null`: it was removed.", examples=["active"]
    )
    holder: str | None = Field(description="Whose it is.", examples=["alice"])
    expires: str | None = Field(description="Not to be used after.", examples=[None])
    replaced_by: str | None = Field(description="What is in its place.", examples=[None])
    events: list[Event] = Field(description="What happened, oldest first.")


class Clock(Answer):
    """Server time."""

    now_ns: int = Field(description="ns since 1970, UTC.", examples=[1_767_225_600_000_000_000])
    mode: Literal["real", "manual"] = Field(
        description="`manual`: it stands where it is put.", examples=["manual"]
    )


class SetClock(Request):
    """Where a manual clock is put."""

    now_ns: int = Field(
        ge=-FAR_NS,
        le=FAR_NS,
        description="ns since 1970, UTC.",
        examples=[1_767_225_600_000_000_000],
    )


def _settings() -> dict[str, Any]:
    return {
        field.name: (
            field.type,
            Field(
                default=field.default,
                description=f"{field.metadata['doc']}.",
                **(
                    {"ge": field.metadata["low"], "le": field.metadata["high"]}
                    if "low" in field.metadata
                    else {}
                ),
            ),
        )
        for field in dataclasses.fields(Policy)
    }


PolicyRequest: Final = create_model(
    "PolicyRequest",
    __base__=Request,
    __doc__="How the server is to treat its tokens; what is left out has its default.",
    **_settings(),
)
PolicyAnswer: Final = create_model(
    "PolicyAnswer",
    __base__=Answer,
    __doc__="How the server treats its tokens.",
    **_settings(),
)
