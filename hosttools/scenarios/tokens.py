"""From what a scenario says of its tokens to what they are made of."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from emulator.errors import EmulatorError
from firmware_model.errors import FirmwareError
from firmware_model.identifier import identify
from firmware_model.nvm import Config, configure
from firmware_model.physics import Physics, new_physics
from firmware_model.products import PROFILES
from hosttools.errors import HostError, UsageError
from hosttools.hand.opening import sample_config
from hosttools.scenarios.model import Scenario, TokenSpec
from hosttools.seedfiles.new import new_seed

_OURS: Final = (EmulatorError, FirmwareError, HostError)


def configs_of(scenario: Scenario) -> Iterator[Config | str]:
    """Return each token's settings, or what is wrong with them."""
    made: dict[str, Config] = {}
    for token in scenario.tokens:
        try:
            config = made[token.serial] = _config(token, scenario, made)
        except _OURS as e:
            yield str(e)
        else:
            yield config


def physics_of(token: TokenSpec, config: Config, start_ns: int) -> Physics:
    """Return what a token is made of at the start."""
    return new_physics(
        config.profile, start_ns, tolerance_ppb=token.tolerance_ppb, offset_ns=token.offset_ns
    )


def _config(token: TokenSpec, scenario: Scenario, made: dict[str, Config]) -> Config:
    named = None if token.profile is None else PROFILES[token.profile]
    serial, profile = identify(token.serial) if named is None else identify(token.serial, (named,))
    if token.sample is not None and token.same_secret_as is not None:
        raise UsageError("give sample or same_secret_as, not both")
    if token.same_secret_as is not None:
        if token.same_secret_as not in made:
            raise UsageError(f"same_secret_as: no token {token.same_secret_as} before this one")
        like = replace(made[token.same_secret_as], profile=profile)
    elif token.sample is not None:
        like = replace(sample_config(token.sample), profile=profile)
    else:
        seed = new_seed(profile, serial, test_seed=f"galh scenario {scenario.seed}")
        like = configure(serial, profile, seed.secret)
    return configure(
        serial,
        profile,
        like.secret,
        algorithm=like.algorithm,
        digits=token.digits or like.digits,
        step_s=token.step_s or like.step_s,
        t0_s=like.t0_s,
        first_counter=like.first_counter if token.counter is None else token.counter,
    )
