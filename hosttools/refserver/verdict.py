"""What a server says to one submission, once for the operator and once for the end user.

The operator sees counters, steps and exact distances. An end user may be
somebody who guesses: all refused codes read the same to them, and so do all
refused pairs, save for what shows in what they typed. Neither sees digits.
"""

import enum
from dataclasses import dataclass
from typing import Final

from firmware_model.profile import TokenType
from hosttools.refserver.record import Status


class Act(enum.Enum):
    """What was asked of the server."""

    VERIFY = "verify"
    SYNC = "sync"
    """The add form: a new token and two codes."""
    RESYNC = "resync"
    UNLOCK = "unlock"
    REVOKE = "revoke"

    ENROL = "enrol"
    """Take a token in that is in its holder's hands already."""
    ORDER = "order"
    """Take a token in that is being made."""
    SHIP = "ship"
    ASSIGN = "assign"
    REPLACE = "replace"
    RESET = "reset"
    """Two codes that a holder reads to an operator, from further off than the resync form takes."""
    EXPIRE = "expire"


class Kind(enum.Enum):
    """What became of it."""

    ACCEPTED = "accepted"
    ACTIVE = "active"
    """Added: the token is in use from now on."""
    RESYNCED = "resynced"
    UNLOCKED = "unlocked"
    REVOKED = "revoked"
    """Refused because it is, or done, if that was asked for."""
    REPLACED = "replaced"
    """The same of being replaced."""
    EXPIRED = "expired"
    """The same of its end, which may come by itself."""
    ENROLLED = "enrolled"
    ORDERED = "ordered"
    SHIPPED = "shipped"
    ASSIGNED = "assigned"
    RESET = "reset"

    INVALID = "invalid"
    REPLAYED = "replayed"
    OUT_OF_SYNC = "out_of_sync"
    OUTSIDE_WINDOW = "outside_window"
    WRONG_ORDER = "wrong_order"
    SAME_CODE = "same_code"
    NOT_CONSECUTIVE = "not_consecutive"

    MALFORMED = "malformed"
    LOCKED = "locked"
    THROTTLED = "throttled"
    RESYNC_BLOCKED = "resync_blocked"
    NOT_ASSIGNED = "not_assigned"
    NOT_ACTIVE = "not_active"
    ALREADY_ACTIVE = "already_active"
    DOUBLE_SUBMIT = "double_submit"
    NOT_ALLOWED = "not_allowed"
    """An operator's act that a token of this status is not for."""


_DONE: Final = frozenset(
    {
        Kind.ACCEPTED,
        Kind.ACTIVE,
        Kind.RESYNCED,
        Kind.UNLOCKED,
        Kind.ENROLLED,
        Kind.ORDERED,
        Kind.SHIPPED,
        Kind.ASSIGNED,
        Kind.RESET,
    }
)
_DONE_IF_ASKED: Final = {
    Act.REVOKE: Kind.REVOKED,
    Act.REPLACE: Kind.REPLACED,
    Act.EXPIRE: Kind.EXPIRED,
}
"""Refused if anything else was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The server's answer, explaining itself.

    Attributes:
        act: what was asked.
        kind: what became of it.
        serial: the token's serial number.
        token_type: event or time.
        status: the token's status afterwards.
        expected: where the server was: its next counter, or the step it expected.
        factor: counter or step of the (first) code; ``None`` if it is not known.
        second_factor: the same of the second code of a pair.
        counted: whether this counts as a failure.
        failures: refused codes (of a form: pairs) in a row, afterwards.
        limit: how many of them are too many; 0 for no limit.
        window: edge of the window that a refused code or pair was held against.
        wait_ns: how long until a code is looked at again.
        note: what is wrong with the form of a malformed code; by which token it was
            replaced, when it expired, to whom it was assigned, what is possible instead.
    """

    act: Act
    kind: Kind
    serial: str
    token_type: TokenType
    status: Status
    expected: int
    factor: int | None = None
    second_factor: int | None = None
    counted: bool = False
    failures: int = 0
    limit: int = 0
    window: int = 0
    wait_ns: int = 0
    note: str = ""

    @property
    def accepted(self) -> bool:
        """Whether what was asked for was done."""
        return self.kind in _DONE or self.kind is _DONE_IF_ASKED.get(self.act)

    @property
    def distance(self) -> int | None:
        """Presses or steps that the (first) code is ahead of the server; negative: behind."""
        return None if self.factor is None else self.factor - self.expected

    @property
    def operator(self) -> str:
        """What an operator reads: all there is to know, without digits."""
        text = _OPERATOR[self.kind].format(
            form="add" if self.act is Act.SYNC else self.act.value,
            status=self.status.value,
            act=self.act.value,
            at=self._at(),
            server=f"server {'was' if self.accepted else 'is'} at {self.expected}",
            distance=self._distance(),
            window=_count(self.window, self.token_type),
            note=self.note,
            failures=self.failures,
            wait_s=f"{self.wait_ns / 1e9:.1f}",
        )
        if self.counted:
            of = f" of {self.limit}" if self.limit else ""
            text += f"; failure {self.failures}{of}"
            # A form never locks: a token that is locked here was so before.
            if self.status is Status.LOCKED and self.act is Act.VERIFY:
                text += ", locked now"
        return text

    @property
    def user(self) -> str:
        """What an end user reads: nothing that would help somebody who guesses."""
        if self.kind in _USER:
            return _USER[self.kind]
        return _CODE_REFUSED if self.act is Act.VERIFY else _PAIR_REFUSED

    def as_dict(self) -> dict[str, str | int | bool | None]:
        """Return it as plain values, for JSON."""
        return {
            "act": self.act.value,
            "kind": self.kind.value,
            "accepted": self.accepted,
            "serial": self.serial,
            "token_type": self.token_type.value,
            "status": self.status.value,
            "expected": self.expected,
            "factor": self.factor,
            "second_factor": self.second_factor,
            "distance": self.distance,
            "counted": self.counted,
            "failures": self.failures,
            "operator": self.operator,
            "user": self.user,
        }

    def _at(self) -> str:
        name = "counter" if self.token_type is TokenType.EVENT else "step"
        if self.act is Act.VERIFY or self.kind is Kind.SAME_CODE:
            return f"{name} {self.factor}" if self.factor is not None else "unknown code"
        first, second = (
            f"{name} {f}" if f is not None else "an unknown code"
            for f in (self.factor, self.second_factor)
        )
        return f"{first}, then {second}"

    def _distance(self) -> str:
        return "not found" if self.distance is None else away(self.distance, self.token_type)


def away(distance: int, token_type: TokenType) -> str:
    """Return a distance in words.

    Args:
        distance: presses or steps that a code is ahead of the server; negative: behind.
        token_type: which of both.

    >>> away(-1, TokenType.EVENT)
    '1 press behind'
    """
    where = "behind" if distance < 0 else "ahead"
    return f"{_count(abs(distance), token_type)} {where}"


def _count(number: int, token_type: TokenType) -> str:
    one, many = ("press", "presses") if token_type is TokenType.EVENT else ("step", "steps")
    return f"{number} {one if number == 1 else many}"


_OPERATOR: Final = {
    Kind.ACCEPTED: "accepted at {at} ({server})",
    Kind.ACTIVE: "added, active: {at} ({server})",
    Kind.RESYNCED: "resynced, active: {at} ({server}, {distance})",
    Kind.UNLOCKED: "unlocked by an operator, {status}",
    Kind.REVOKED: "revoked",
    Kind.REPLACED: "replaced by {note}",
    Kind.EXPIRED: "expired: not to be used after {note}",
    Kind.ENROLLED: "taken in, {status}",
    Kind.ORDERED: "taken in, on order",
    Kind.SHIPPED: "shipped",
    Kind.ASSIGNED: "assigned to {note}",
    Kind.RESET: "reset by an operator, {status}: {at} ({server}, {distance})",
    Kind.INVALID: "invalid: not found within the resync window of {window} ({server})",
    Kind.REPLAYED: "replayed code of {at} ({server})",
    Kind.OUT_OF_SYNC: "out of sync: {distance}, inside the resync window ({at}, {server})",
    Kind.OUTSIDE_WINDOW: (
        "outside of the re-activation window: {distance}, allowed are {window} ({server})"
    ),
    Kind.WRONG_ORDER: "wrong pair order: {at} ({server})",
    Kind.SAME_CODE: "same code twice: {at} ({server})",
    Kind.NOT_CONSECUTIVE: "not consecutive: {at} ({server})",
    Kind.MALFORMED: "malformed: {note}",
    Kind.LOCKED: "locked: nothing was evaluated",
    Kind.THROTTLED: "throttled for another {wait_s} s: nothing was evaluated",
    Kind.RESYNC_BLOCKED: (
        "{failures} refused pairs: nothing was evaluated, an operator has to unlock it"
    ),
    Kind.NOT_ASSIGNED: "{status}, not assigned yet: nothing was evaluated",
    Kind.NOT_ACTIVE: "not added yet: nothing was evaluated",
    Kind.ALREADY_ACTIVE: "added before, {status}: the add form changes nothing",
    Kind.DOUBLE_SUBMIT: "double submit of the {form} form: it was handled before, nothing changes",
    Kind.NOT_ALLOWED: "no {act} of a token that is {status}; possible: {note}",
}

_ACTIVE: Final = "Token Status: Active"
_CODE_REFUSED: Final = (
    "The code was not accepted. Wait until the token is dark, press its button and enter"
    " the new code. If that does not help, your token may be out of sync: resync it."
)
_PAIR_REFUSED: Final = (
    "The codes were not accepted. Press the button, enter the code, wait until the token is"
    " dark, press again and enter the second code. If that does not help, contact support."
)
_SUPPORT: Final = "Contact support."
_USER: Final = {
    Kind.ACCEPTED: "The code was accepted.",
    Kind.ACTIVE: _ACTIVE,
    Kind.RESYNCED: _ACTIVE,
    Kind.UNLOCKED: "Your token was unlocked.",
    Kind.REVOKED: "This token can't be used any more. " + _SUPPORT,
    Kind.REPLACED: "This token was replaced. Use the new one, or contact support.",
    Kind.EXPIRED: "This token has expired. " + _SUPPORT,
    Kind.ENROLLED: "Your token is known. Add it next.",
    Kind.ORDERED: "Your token was ordered.",
    Kind.SHIPPED: "Your token is on its way.",
    Kind.ASSIGNED: "This token is yours. Add it next.",
    Kind.RESET: "Your token was reset. Go on with its next code.",
    Kind.SAME_CODE: (
        "Both codes are the same. Wait until the token is dark before you press again."
    ),
    Kind.MALFORMED: "Enter the digits as the token shows them, without spaces.",
    Kind.LOCKED: "Your token is locked. Resync it, or contact support.",
    Kind.THROTTLED: "Too many attempts. Wait a while before you try again.",
    Kind.RESYNC_BLOCKED: "Your token can't be resynced any more. " + _SUPPORT,
    Kind.NOT_ASSIGNED: "This token is nobody's yet. " + _SUPPORT,
    Kind.NOT_ACTIVE: "Your token has not been added yet. Add it first.",
    Kind.ALREADY_ACTIVE: "This token has been added already.",
    Kind.DOUBLE_SUBMIT: "This form was submitted already. Submit it only once.",
    Kind.NOT_ALLOWED: "That can't be done with this token now. " + _SUPPORT,
}
