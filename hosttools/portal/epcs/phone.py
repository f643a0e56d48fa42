"""The practice phone: texts and calls of one doctor, as the phone shows them.

It stands for the telephone in the doctor's pocket. What it shows is in nobody else's hands:
a page may show a doctor the own phone and no other.
"""

import enum
import re
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, insert, select

from hosttools.portal import limits
from hosttools.portal.accounts import Account
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import challenges, tables
from hosttools.portal.epcs.challenges import Purpose
from hosttools.refserver.record import NS_PER_S

DIGITS: Final = 6
LIVES_S: Final = 300
"""How long a code is valid, seconds."""

MOST_SENT: Final = 5
WITHIN_S: Final = 600
"""So many codes are sent to a phone in so many seconds; our default."""

CODE_REFUSED: Final = (
    "The code was not accepted. Enter the newest one within five minutes, or have another sent."
)

_CODE: Final = re.compile(r"\b[0-9](?: ?[0-9]){5}\b")


class Channel(enum.Enum):
    """How the portal reaches a phone."""

    SMS = "sms"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Message:
    """What a phone received.

    Attributes:
        at_ns: when, by the portal's clock, ns since 1970, UTC.
        kind: a text, or a call as it was heard.
        text: what it says.
    """

    at_ns: int
    kind: Channel
    text: str = field(repr=False)

    @property
    def code(self) -> str:
        """The one-time code in it, as one would type it; empty if there is none."""
        found = _CODE.search(self.text)
        return found[0].replace(" ", "") if found else ""


def messages(portal: Portal, account: Account) -> tuple[Message, ...]:
    """Return what an account's phone received, the newest last."""
    wanted = (
        select(tables.phone_message)
        .where(tables.phone_message.c.account == account.name)
        .order_by(tables.phone_message.c.id)
    )
    with portal.db.read() as at:
        return tuple(Message(row.at_ns, Channel(row.kind), row.text) for row in at.execute(wanted))


def send_code(
    portal: Portal, at: Connection, account: Account, purpose: Purpose, channel: Channel
) -> None:
    """Draw a one-time code and bring it to an account's phone.

    Args:
        portal: draws it.
        at: where the phone's memory is.
        account: whose phone it is.
        purpose: what the code is for.
        channel: a text, or a call, which reads digit by digit.

    Raises:
        Refusal: too many were sent.
    """
    limits.take(portal, at, f"phone:{account.name}", most=MOST_SENT, within_s=WITHIN_S)
    now_ns = portal.clock.now_ns()
    code = challenges.issue(
        portal, at, account.name, purpose, digits=DIGITS, expires_ns=now_ns + LIVES_S * NS_PER_S
    )
    if channel is Channel.SMS:
        text = f"Your one-time code is {code}. Never give it to anybody who asks for it."
    else:
        text = f"This is your practice portal. Your one-time code is {' '.join(code)}. Goodbye."
    at.execute(
        insert(tables.phone_message).values(
            account=account.name, at_ns=now_ns, kind=channel.value, text=text
        )
    )
