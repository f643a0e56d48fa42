"""One token as a seed file describes it, whatever the file's format.

What a file does not say is ``None``, never a default: a setting comes from a
flag, else the seed file, else the identifier's prefix, else the profile, and
only whoever knows all four can tell.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from firmware_model.errors import ProfileError
from firmware_model.identifier import normalise
from firmware_model.oath import MAX_COUNTER, MAX_DIGITS, MIN_DIGITS, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import shown
from hosttools.seedfiles.practice import is_published

_BOUNDS: Final = {
    "digits": (MIN_DIGITS, MAX_DIGITS),
    "step_s": (1, 86_400),
    "t0_s": (-(2**62), 2**62),
    "counter": (0, MAX_COUNTER),
    "time_steps": (0, MAX_COUNTER),
    "drift_steps": (-(2**31), 2**31 - 1),
}
_MAX_NAME: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRecord:
    """A token's secret and settings.

    Attributes:
        serial: serial number; normalised when the record is made.
        secret: the shared secret.
        token_type: event (HOTP) or time (TOTP).
        algorithm: hash under the HMAC.
        digits: digits of a code, 6 to 8.
        step_s: time step X of a time token, seconds.
        t0_s: T0 of a time token, Unix seconds.
        counter: next counter of an event token.
        time_steps: time steps since T0 when the file was written (PSKC ``Time``).
        drift_steps: how far the token's clock is ahead of the right time, in time
            steps; negative when it is behind (PSKC ``TimeDrift``).
        starts_at: not to be used before; with a time zone.
        expires_at: not to be used after; with a time zone.
        manufacturer: who made it, at most 128 printable characters.
        model: what they call it, likewise.
        practice: not for real use. Set for published secrets, whatever is passed.

    Raises:
        IdentifierError: a serial number that none can be.
        ProfileError: a setting out of range.
    """

    serial: str
    secret: Secret
    token_type: TokenType | None = None
    algorithm: Algorithm | None = None
    digits: int | None = None
    step_s: int | None = None
    t0_s: int | None = None
    counter: int | None = None
    time_steps: int | None = None
    drift_steps: int | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    manufacturer: str | None = None
    model: str | None = None
    practice: bool = False

    def __post_init__(self) -> None:
        # A frozen dataclass is set by way of object, in here only.
        object.__setattr__(self, "serial", normalise(self.serial))
        if is_published(self.serial, self.secret.reveal()):
            object.__setattr__(self, "practice", True)
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ProfileError(f"{name}: {shown(str(value))}; allowed are {low} to {high}")
        for name in ("starts_at", "expires_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ProfileError(f"{name} = {moment.isoformat()}; it needs a time zone")
        for name in ("manufacturer", "model"):
            text = getattr(self, name)
            if text is not None and not _is_name(text):
                raise ProfileError(
                    f"{name} has {len(text)} characters; allowed are 1 to {_MAX_NAME} printable"
                    " ones, no space at either end"
                )


def _is_name(text: str) -> bool:
    return 1 <= len(text) <= _MAX_NAME and text.isprintable() and text == text.strip()


def uncarried(record: SeedRecord, carried: frozenset[str]) -> tuple[str, ...]:
    """Name the settings of a record that a format with these fields would lose.

    T0 = 0 is never lost: it is what every format without a T0 means.
    """
    return tuple(
        field.name
        for field in fields(record)
        if field.name not in carried
        and field.name not in {"serial", "secret", "practice"}
        and getattr(record, field.name) is not None
        and not (field.name == "t0_s" and record.t0_s == 0)
    )
