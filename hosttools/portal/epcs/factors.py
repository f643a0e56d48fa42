"""Two factors of two kinds: something known, and the fob in the hand (21 CFR 1311.115).

What is known is asked first, and the fob's code is looked at only if it was right: so
nobody without the password or PIN uses a code up, locks a token, or learns anything of a
code. That a token is locked or not added is told before either is looked at: it stands on
the doctor's own page, and after the password it would give the password away.

Both factors are refused with the same words. Only the log says which one it was.
"""

import dataclasses
import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from hosttools.portal import accounts, auditlog, limits
from hosttools.portal.accounts import Account
from hosttools.portal.bugs import Bug
from hosttools.portal.desk import Portal
from hosttools.portal.epcs import devices
from hosttools.portal.epcs.devices import Device
from hosttools.portal.epcs.keeping import keeping
from hosttools.portal.refusals import Refusal, Why
from hosttools.refserver.lifecycle import OUT_OF_USE
from hosttools.refserver.record import Record, Status
from hosttools.refserver.verdict import Kind, Verdict

MOST: Final = 5
WITHIN_S: Final = 900
"""So many wrong passwords or PINs in so many seconds; our default. Wrong codes are the token's
to count, by its policy."""

REFUSED: Final = (
    "That was not accepted: what you know, or the code of your token. Press the button of your"
    " token for a new code and enter both again. If that does not help, your token may be out"
    " of sync: resync it."
)


class Known(enum.Enum):
    """What a doctor knows. The fob's code is always the other factor."""

    PASSWORD = "password"  # noqa: S105  # the name of a factor
    PIN = "pin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What somebody enters to sign.

    Attributes:
        known: which of the two is entered,
        secret: and it.
        code: what the fob shows.
        serial: which fob; ``None``: the only one that can be used.
    """

    known: Known
    secret: str = field(repr=False)
    code: str = field(repr=False)
    serial: str | None = None


@contextmanager
def two_factors(
    portal: Portal, account: Account, factors: Factors, act: str
) -> Iterator[tuple[Connection, Verdict]]:
    """Take both factors, and do the block's work in the change that takes the code.

    What is refused is counted and kept. If the block raises anything, it is as if no code
    had been entered.

    Args:
        portal: whose.
        account: the doctor's.
        factors: what was entered.
        act: what for, as the log says it.

    Yields:
        The change, and the verdict that the code was accepted with.

    Raises:
        Refusal: a token that can't be used now, a factor that was refused, or too many.
    """
    key = f"knows {account.name}"
    with keeping(portal) as at:
        seen = _token(portal, at, account, factors, act)
        limits.take(portal, at, key, most=MOST, within_s=WITHIN_S)
    # Outside of any change: it takes long on purpose. It was counted before, so that many
    # at once are no more than as many.
    knows = _CHECKS[factors.known](portal, account, factors.secret)
    with portal.db.write() as at:
        if knows:
            limits.give_back(at, key)
        refused = _taken(portal, at, account, factors, act, seen=seen if knows else None)
        if not isinstance(refused, Refusal):
            limits.clear(at, key)
            yield at, refused
            return
    raise refused


def _taken(
    portal: Portal,
    at: Connection,
    account: Account,
    factors: Factors,
    act: str,
    *,
    seen: Record | None,
) -> Verdict | Refusal:
    """Take the code of a token, which was ``seen`` before; ``None``: what was known was wrong."""
    user = REFUSED
    if seen is None:
        said, about = f"wrong {factors.known.value}", account.name
    else:
        serial = _token(portal, at, account, factors, act).serial
        now_ns = portal.clock.now_ns()
        verdict = portal.tokens.verify(serial, factors.code, now_ns)
        if Bug.CODE_TWICE_RACE in portal.bugs and not verdict.accepted:
            _, verdict = portal.tokens.judge.verify(
                seen, portal.tokens.policy, factors.code, now_ns
            )
        if Bug.ONE_FACTOR in portal.bugs:
            verdict = dataclasses.replace(verdict, kind=Kind.ACCEPTED)
        if verdict.accepted:
            return verdict
        said, about = verdict.operator, serial
        if Bug.SAYS_WHY in portal.bugs:
            user = f"{REFUSED} ({said})"
    auditlog.append(portal, at, account.name, f"{act} refused", about, said=said)
    return Refusal(Why.WRONG_FACTOR, user, said)


def _token(portal: Portal, at: Connection, account: Account, factors: Factors, act: str) -> Record:
    """Return the token that is meant, if a code of it can be looked at now."""
    device = _meant(portal, at, account, factors.serial)
    now_ns = portal.clock.now_ns()
    # What became of the code is thrown away: only what holds of any code is told here.
    record = portal.tokens.get(device.serial)
    _, verdict = portal.tokens.judge.verify(record, portal.tokens.policy, factors.code, now_ns)
    why = _UNEVALUATED.get(verdict.kind)
    if why is not None:
        auditlog.append(
            portal, at, account.name, f"{act} refused", device.serial, said=verdict.operator
        )
        raise Refusal(why, verdict.user, verdict.operator, verdict.wait_ns)
    return record


def _meant(portal: Portal, at: Connection, account: Account, serial: str | None) -> Device:
    if serial is not None:
        return devices.mine(portal, at, account, serial)
    added = devices.of_account(portal, at, account.name)
    found = [device for device in added if device.status is Status.ACTIVE]
    # Of a single one that is locked, that is told; a second one may be the one meant.
    found = found or [device for device in added if device.status is Status.LOCKED]
    if not found:
        raise Refusal(
            Why.CONFLICT,
            "You have no token that is in use. Add one in Device Management.",
            f"{account.name} has no token in use",
        )
    if len(found) > 1:
        raise Refusal(Why.BAD_INPUT, "You have more than one token. Choose the one that you press.")
    return found[0]


_CHECKS: Final = {Known.PASSWORD: accounts.check_password, Known.PIN: accounts.check_pin}

_UNEVALUATED: Final[Mapping[Kind, Why]] = {
    Kind.MALFORMED: Why.BAD_INPUT,
    Kind.THROTTLED: Why.TOO_MANY,
    Kind.LOCKED: Why.LOCKED,
    **dict.fromkeys((*OUT_OF_USE.values(), Kind.NOT_ACTIVE), Why.CONFLICT),
}
"""Where no code is looked at, whatever it is."""
