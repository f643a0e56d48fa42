"""What a server knows of one token: a flat, frozen value without any clock.

It holds the shared secret and factors, never digits. ``form_mark`` recognises
a form that is submitted twice: a keyed hash of the two codes, useless to
whoever lacks the secret that lies beside it.
"""

import enum
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final, Self

from firmware_model.errors import IdentifierError
from firmware_model.identifier import normalise
from firmware_model.nvm import Config
from firmware_model.oath import MAX_COUNTER, MAX_DIGITS, MIN_DIGITS, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.errors import RecordError

NS_PER_S: Final = 1_000_000_000
MAX_STEP_S: Final = 86_400
MAX_NAME: Final = 80
FAR: Final = 2**62
"""What any other number of a record may be: SQLite's have 64 bits. In ns, the year 2116."""


class Status(enum.Enum):
    """Where a token is in its life; :mod:`hosttools.refserver.lifecycle` says what leads where."""

    ORDERED = "ordered"
    """Made for the customer, not on its way yet."""
    SHIPPED = "shipped"
    """On its way, or in a drawer: nobody's yet."""
    ASSIGNED = "assigned"
    """Somebody's, not yet added by its holder."""
    ACTIVE = "active"
    """Added: codes are taken."""
    LOCKED = "locked"
    """Too many refused codes; a resync or an operator unlocks it."""
    REVOKED = "revoked"
    """Taken out of use, for good."""
    REPLACED = "replaced"
    """Another token took its place, for good."""
    EXPIRED = "expired"
    """Its time is over, for good."""


def name_of(text: str, what: str) -> str:
    """Return a person's name as records and the audit hold it, from how people type it.

    Args:
        text: the name.
        what: whose it is, for the message.

    Raises:
        RecordError: too long, empty, or nothing that can be shown on a line.
    """
    name = text.strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise RecordError(
            f"{what}'s name has {len(name)} characters; allowed are 1 to {MAX_NAME} printable ones"
        )
    return name


def serial_of(text: str) -> str:
    """Return a serial number as records hold it, from how people type it.

    Raises:
        RecordError: no serial number can look like that.
    """
    try:
        return normalise(text)
    except IdentifierError as e:
        raise RecordError(str(e)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One token as the server sees it.

    Attributes:
        serial: serial number, normalised.
        token_type: event (HOTP) or time (TOTP).
        secret: the shared secret.
        algorithm: hash under the HMAC.
        digits: 6 to 8.
        step_s: time step in seconds; of no meaning for an event token.
        t0_s: Unix time at which step 0 begins, seconds.
        status: where it is in its life.
        next_factor: event: next counter expected; time: lowest step that is still
            allowed, one past the last accepted. Never goes back.
        drift_steps: steps that the token's clock is ahead of the server's.
        failures: refused codes in a row.
        resync_failures: refused pairs in a row.
        throttled_until_ns: no code is looked at before, ns since 1970.
        form_mark: names the last form that was evaluated; empty if none was.
        holder: whose it is, a user name; empty: nobody's yet, or the server was not told.
        expires_ns: not to be used after, ns since 1970, UTC; ``None``: it has no end.
        replaced_by: serial number of the token in its place; empty: there is none.

    Raises:
        RecordError: a value out of range.
    """

    serial: str
    token_type: TokenType
    secret: Secret
    algorithm: Algorithm = Algorithm.SHA1
    digits: int = 6
    step_s: int = 30
    t0_s: int = 0
    status: Status = Status.ASSIGNED
    next_factor: int = 0
    drift_steps: int = 0
    failures: int = 0
    resync_failures: int = 0
    throttled_until_ns: int = 0
    form_mark: str = field(default="", repr=False)
    holder: str = ""
    expires_ns: int | None = None
    replaced_by: str = ""

    @classmethod
    def of_token(cls, config: Config) -> Self:
        """Return what a server knows of a token once its seed file was imported."""
        return cls(
            serial=config.serial,
            token_type=config.token_type,
            secret=config.secret,
            algorithm=config.algorithm,
            digits=config.digits,
            step_s=config.step_s,
            t0_s=config.t0_s,
            next_factor=config.first_counter,
        )

    def __post_init__(self) -> None:
        if serial_of(self.serial) != self.serial:
            raise RecordError(
                f"serial number {self.serial!r}; a record holds it as {serial_of(self.serial)!r}"
            )
        if self.holder and name_of(self.holder, "a holder") != self.holder:
            raise RecordError(f"record {self.serial}: a space at an end of the holder's name")
        bounds = {
            "digits": (MIN_DIGITS, MAX_DIGITS),
            "step_s": (1, MAX_STEP_S),
            "t0_s": (-FAR, FAR),
            "next_factor": (0, MAX_COUNTER + 1),  # one past the last: nothing is left
            "drift_steps": (-FAR, FAR),
            "failures": (0, FAR),
            "resync_failures": (0, FAR),
            "expires_ns": (-FAR, FAR),
        }
        for name, (low, high) in bounds.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise RecordError(
                    f"record {self.serial}: {name} = {value}; allowed are {low} to {high}"
                )

    def expected_factor(self, now_ns: int) -> int:
        """Return where the server expects the token: its next counter, or the step it is in.

        Args:
            now_ns: server time, ns since 1970, UTC. May lie before T0: then no
                code is valid.
        """
        if self.token_type is TokenType.EVENT:
            return self.next_factor
        return (now_ns - self.t0_s * NS_PER_S) // (self.step_s * NS_PER_S) + self.drift_steps

    def mark(self, form: str, code1: str, code2: str) -> str:
        """Name one submission of one form, without giving its codes away."""
        text = f"galh form v1 {form} {code1} {code2}".encode()
        return hmac.digest(self.secret.reveal(), text, hashlib.sha256).hex()[:32]
