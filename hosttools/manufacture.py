"""From a seed file's record to a token's settings.

A setting comes from a flag, else from the seed file, else from what the serial
number's prefix says, else from the profile.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from firmware_model.errors import IdentifierError
from firmware_model.identifier import identify
from firmware_model.nvm import Config, configure
from firmware_model.physics import Physics, new_physics
from firmware_model.products import GALH, GALT, PROFILES
from firmware_model.profile import SECOND, Profile, TokenType
from hosttools.errors import UsageError
from hosttools.seedfiles.model import SeedRecord

_PLAIN: Final[Mapping[TokenType, Profile]] = {TokenType.EVENT: GALH, TokenType.TIME: GALT}
"""The profile of a token whose seed file says another type than its prefix."""


def profile_of(record: SeedRecord, flag: Profile | None = None) -> Profile:
    """Decide by which profile a token behaves.

    Args:
        record: what the seed file says.
        flag: the profile asked for on the command line, if any.

    Raises:
        UsageError: the serial number fits no profile, or the profile asked for is of
            another type than the seed.
    """
    known = PROFILES.values() if flag is None else (flag, *PROFILES.values())
    try:
        _, by_prefix = identify(record.serial, known)
    except IdentifierError as e:
        raise UsageError(str(e)) from None
    if flag is None:
        wanted = record.token_type or by_prefix.token_type
        return by_prefix if by_prefix.token_type is wanted else _PLAIN[wanted]
    if record.token_type not in {None, flag.token_type}:
        raise UsageError(
            f"the seed of {record.serial} is for {record.token_type.value}-based codes, profile"
            f" {flag.name} for {flag.token_type.value}-based ones; choose another profile"
        )
    return flag


def config_of(record: SeedRecord, flag: Profile | None = None) -> Config:
    """Return the settings that a token is manufactured with.

    Raises:
        UsageError: see :func:`profile_of`.
    """
    return configure(
        record.serial,
        profile_of(record, flag),
        record.secret,
        algorithm=record.algorithm,
        digits=record.digits,
        step_s=record.step_s,
        t0_s=record.t0_s,
        first_counter=record.counter,
    )


def physics_of(record: SeedRecord, config: Config, at_ns: int) -> Physics | None:
    """Return what a token is made of whose seed file says how far its clock is off.

    Returns:
        ``None`` if the file says nothing, or the token has no clock.
    """
    if not record.drift_steps or config.token_type is TokenType.EVENT:
        return None
    offset_ns = record.drift_steps * config.step_s * SECOND
    return new_physics(config.profile, at_ns, offset_ns=offset_ns)


def completed(record: SeedRecord) -> SeedRecord:
    """Return a record in which nothing is left open that its serial's profile knows.

    Raises:
        UsageError: as of :func:`config_of`.
    """
    config = config_of(record)
    event = config.token_type is TokenType.EVENT
    return replace(
        record,
        token_type=config.token_type,
        algorithm=config.algorithm,
        digits=config.digits,
        counter=config.first_counter if event else record.counter,
        step_s=record.step_s if event else config.step_s,
    )
