"""What goes over the wire: requests that are strict, and the answers that are no verb's own.

Most routes answer what their verb returns: a frozen dataclass, of which no field is a secret,
save where the answer is the export of one.
"""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from emulator.http.schemas.base import Answer, Request
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.portal.accounts import Account
from hosttools.portal.epcs.factors import Factors, Known
from hosttools.portal.epcs.forms import Form
from hosttools.portal.epcs.phone import Channel
from hosttools.portal.epcs.rules import Draft
from hosttools.portal.spares.book import Destination
from hosttools.portal.spares.payments import Card
from hosttools.refserver.http.schemas import FAR_NS, MOST_AT_ONCE, Seed, Serial
from hosttools.refserver.policies import POLICIES
from hosttools.seedfiles.model import SeedRecord

MOST_TYPED: Final = 10_000
"""Characters in any field; what a field may be is for the verbs to say."""

Text: TypeAlias = Annotated[str, Field(max_length=MOST_TYPED)]
Name: TypeAlias = Annotated[str, Field(max_length=80)]
Typed: TypeAlias = Annotated[
    str,
    Field(
        max_length=MOST_TYPED,
        repr=False,
        description="What was typed; anything at all. It is in no answer.",
        examples=["755224"],
        json_schema_extra={"writeOnly": True},
    ),
]
Reason: TypeAlias = Annotated[
    str,
    Field(max_length=MOST_TYPED, description="Why, for the log.", examples=["a test"]),
]
OneOf = Field(strict=False)
"""Of a list: JSON has its words, not our enums."""


class LogIn(Request):
    """Who wants to log in."""

    name: Text = Field(examples=["dr.adams"])
    password: Typed


class SessionAnswer(Answer):
    """A session, as its owner is told of it."""

    account: Account
    opened_ns: int = Field(description="Portal time of the log-in.")
    proven_until_ns: int = Field(description="Tokens can be managed until then; 0: they can't.")


class Opened(Answer):
    """A new session."""

    token: str = Field(description="Send it as `Authorization: Bearer …`. It is told this once.")
    session: SessionAnswer


class Code(Request):
    """One code."""

    code: Typed


class ByChannel(Request):
    """How the phone is reached."""

    channel: Annotated[Channel, OneOf]


class Identity(Request):
    """Who somebody claims to be."""

    full_name: Text
    dea_number: Text
    channel: Annotated[Channel, OneOf]


class BothCodes(Request):
    """The codes that came over two channels."""

    letter_code: Typed
    phone_code: Typed


class OpenForm(Request):
    """Which form is opened."""

    form: Annotated[Form, OneOf]
    serial: Text | None = Field(
        default=None, description="Of the token that is resynced; the add form asks for it later."
    )


class TokenForm(Request):
    """A form of a token as it is submitted, once."""

    form_id: Text = Field(description="Of the form that was opened.")
    serial: Text = Field(
        description="From the back of the token; spaces, hyphens and small letters do not matter.",
        examples=["GALH00000042"],
    )
    code1: Typed
    code2: Typed


class DraftIn(Request):
    """What is prescribed."""

    drug: Text = Field(description="A slug of `GET /drugs`.", examples=["samplodone-5"])
    quantity: int = Field(ge=-(2**53), le=2**53, examples=[20])
    directions: Text = Field(examples=["One at night"])
    refills: int = Field(default=0, ge=-(2**53), le=2**53)

    def draft(self) -> Draft:
        """Return it as the verbs take it."""
        return Draft(
            drug=self.drug,
            quantity=self.quantity,
            directions=self.directions,
            refills=self.refills,
        )


class NewPrescription(DraftIn):
    """What is prescribed, and by whom."""

    doctor: Text = Field(
        default="", description="Who is to sign it; staff have to say so.", examples=["dr.adams"]
    )


class ReadVersion(Request):
    """What the doctor has read."""

    version: int = Field(ge=0, le=2**53, description="Of the prescription as it was shown.")


class FactorsIn(Request):
    """The two factors of a doctor."""

    known: Annotated[Known, OneOf] = Field(description="What the doctor knows.")
    secret: Typed
    code: Typed
    serial: Text | None = Field(default=None, description="Which token; none: the only one.")

    def factors(self) -> Factors:
        """Return them as the verbs take them."""
        return Factors(known=self.known, secret=self.secret, code=self.code, serial=self.serial)


class Signature(FactorsIn):
    """What is signed, and by which factors."""

    prescriptions: list[Name] = Field(max_length=MOST_AT_ONCE)


class NewOrder(Request):
    """Where a spare goes."""

    destination: Annotated[Destination, OneOf]
    idempotency: Text = Field(
        description="8 to 80 letters, digits, hyphens and underscores: the same order again.",
        examples=["order-0001"],
    )


class Payment(Request):
    """With which practice card an order is paid. There is no field for a card's number."""

    card: Annotated[Card, OneOf]
    billing_email: Text = Field(examples=["office@practice.example"])
    billing_zip: Text = Field(examples=["62704"])


class Reasoned(Request):
    """Something that an operator does, with a reason."""

    reason: Reason


class Intake(Reasoned):
    """Tokens that a doctor has in the hand: all of them are taken in, or none."""

    tokens: list[Seed] = Field(min_length=1, max_length=MOST_AT_ONCE)
    holder: Text = Field(description="The doctor's account.", examples=["dr.adams"])

    def seeds(self) -> list[SeedRecord]:
        """Return them as the verbs take them."""
        return [
            SeedRecord(
                serial=token.serial,
                # A short secret was warned of by whoever read it first; a client sees none.
                secret=Secret.again(bytes.fromhex(token.secret)),
                token_type=TokenType(token.type),
                algorithm=Algorithm(token.algorithm),
                digits=token.digits,
                step_s=token.step_s,
                t0_s=token.t0_s,
                counter=token.counter,
            )
            for token in self.tokens
        ]


class Reset(Reasoned):
    """Two codes that a token's holder reads out."""

    code1: Typed
    code2: Typed


class Replacement(Reasoned):
    """Which token takes a place."""

    by: Serial


class Assignment(Reasoned):
    """Whose a token is from now on."""

    holder: Text = Field(description="The doctor's account.", examples=["dr.adams"])


class NewPolicy(Reasoned):
    """By which policy tokens are treated."""

    policy: Text = Field(description=f"One of {', '.join(POLICIES)}.", examples=["default"])


class PolicyNow(Answer):
    """By which policy tokens are treated."""

    policy: str = Field(description="Its name; `custom`: it has none.", examples=["default"])


class NewBugs(Reasoned):
    """What is wrong on purpose from now on, and nothing else."""

    bugs: list[Name] = Field(max_length=MOST_AT_ONCE)


class BugsNow(Answer):
    """What is wrong on purpose."""

    bugs: tuple[str, ...] = Field(description="Their names, sorted.")


class SetClock(Reasoned):
    """Where a manual clock is put."""

    now_ns: int = Field(ge=0, le=FAR_NS, description="ns since 1970, UTC.")


class Clock(Answer):
    """Portal time."""

    now_ns: int = Field(description="ns since 1970, UTC.")


class Done(Answer):
    """What an operator did to a token."""

    serial: str
    status: str = Field(description="The token's status now.", examples=["active"])
    said: str = Field(description="What became of it, in full.")


class Health(Answer):
    """It lives."""

    status: Literal["ok"] = Field(default="ok", examples=["ok"])
