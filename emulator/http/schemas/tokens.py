"""Tokens: all that is told of one, and what it takes to make one."""

from typing import Literal

from pydantic import Field

from emulator.http.schemas.base import Answer, Cursor, Request
from emulator.http.schemas.counter import Counter
from emulator.http.schemas.display import Display
from emulator.http.schemas.recipes import ServerView
from firmware_model.identifier import MAX_SERIAL
from firmware_model.products import PROFILES


class Port(Answer):
    """A way to the token besides HTTP."""

    kind: str = Field(description="`pty`, `tcp`, `rfc2217` …", examples=["pty"])
    address: str = Field(description="What to open.", examples=["/dev/pts/7"])


class Token(Answer):
    """A token on the bench. Its secret is in no answer."""

    serial: str = Field(description="What is printed on its back.", examples=["GALH00000042"])
    profile: str = Field(description="Which product it is.", examples=["GALH"])
    type: Literal["event", "time"] = Field(
        description="What moves its factor: presses (HOTP) or its clock (TOTP).",
        examples=["event"],
    )
    digits: int = Field(description="Digits of a code.", examples=[6])
    step_s: int | None = Field(description="See `counter`.", examples=[None])
    pressed: bool = Field(description="Whether the button's contact is closed.", examples=[False])
    mode: str = Field(
        description="What the firmware is doing; `failed` once its state can't be kept.",
        examples=["asleep"],
    )
    display: Display
    counter: Counter
    server: ServerView | None = Field(description="What a server last said of it, if one did.")
    ports: list[Port] = Field(description="Other ways to it.")
    failure: str | None = Field(
        description="Why nothing can be done to it any more; `null`: nothing is wrong.",
        examples=[None],
    )
    sequence: Cursor


class TokenList(Answer):
    """A page of the tokens on the bench, by serial number."""

    tokens: list[Token] = Field(description="Those of this page.")
    total: int = Field(description="Tokens on the bench.", examples=[4000])
    matched: int = Field(
        description="Tokens whose serial number has `search` in it.", examples=[12]
    )
    next: str | None = Field(
        description="Give it as `after` for the next page; `null`: this is the last one.",
        examples=["GALH00000042"],
    )


class NewToken(Request):
    """A token to be made."""

    serial: str = Field(
        min_length=1,
        max_length=2 * MAX_SERIAL,
        description="What is printed on its back; its prefix says which product it is.",
        examples=["GALH00000042"],
        json_schema_extra={"format": "galh-serial"},
    )
    profile: str | None = Field(
        default=None,
        max_length=16,
        description="Another product than the serial number's, see `galh profile list`.",
        examples=["GALH"],
        json_schema_extra={"enum": [*PROFILES, None]},
    )
    secret: str | None = Field(
        default=None,
        repr=False,
        pattern=r"^([0-9A-Fa-f]{2}){16,64}$",
        description="16 to 64 bytes, in hex; none: the bench draws one, and keeps it to itself.",
        json_schema_extra={"writeOnly": True},
    )
    counter: int | None = Field(
        default=None,
        ge=0,
        le=2**31,
        description="Event token: its first counter.",
        examples=[0],
    )
    digits: int | None = Field(
        default=None, ge=6, le=8, description="Digits of a code; none: the product's."
    )
