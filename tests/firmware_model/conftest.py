"""A token in a test's hand, and the strategies that make histories for it."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware_model import (
    GALH,
    GALT,
    Advance,
    Config,
    Edge,
    Key,
    Profile,
    Rtc,
    Secret,
    TokenType,
    configure,
    manufacture,
    new_physics,
    step,
)
from firmware_model.profile import MILLISECOND
from firmware_model.stimuli import Effect, Stimulus

PRACTICE = Secret(b"12345678901234567890")
"""The secret of RFC 4226 appendix D."""


class Token:
    """Keeps the state, the key and every effect so far."""

    def __init__(self, config: Config, at_ns: int = 0, rtc: Rtc | None = None) -> None:
        self.config = config
        self.key = Key(config.secret, config.algorithm)
        physics = new_physics(config.profile, at_ns)
        if rtc is not None:
            physics = physics._replace(rtc=rtc)
        self.state = manufacture(config, at_ns, physics=physics)
        self.effects: list[Effect] = []

    def do(self, *stimuli: Stimulus) -> list[Effect]:
        """Apply stimuli; return their effects."""
        begin = len(self.effects)
        for stimulus in stimuli:
            self.state, effects = step(self.state, stimulus, self.key)
            self.effects += effects
        return self.effects[begin:]

    def press(self, at_ns: int, hold_ns: int = 100 * MILLISECOND) -> list[Effect]:
        """Close the contact at ``at_ns``, open it after ``hold_ns``."""
        return self.do(Edge(at_ns, closed=True), Edge(at_ns + hold_ns, closed=False))

    def run(self, at_ns: int) -> list[Effect]:
        """Let time pass until ``at_ns``."""
        return self.do(Advance(at_ns))


MakeToken = Callable[..., Token]


@pytest.fixture(scope="session")
def make_token() -> MakeToken:
    """Return a factory: profile settings as keywords, the token's type by ``base``."""

    def make(
        base: Profile = GALH,
        *,
        at_ns: int = 0,
        rtc: Rtc | None = None,
        secret: Secret = PRACTICE,
        **settings: Any,  # noqa: ANN401 (a profile's settings have many types)
    ) -> Token:
        names = {field: getattr(base, field) for field in Profile.__slots__}
        profile = Profile(**{**names, **settings})
        serial = {TokenType.EVENT: "GALH00004226", TokenType.TIME: "GALT00006238"}
        return Token(configure(serial[profile.token_type], profile, secret), at_ns, rtc)

    return make


@pytest.fixture(scope="session")
def event_token(make_token: MakeToken) -> MakeToken:
    """Return a factory of GALH tokens."""
    return make_token


@pytest.fixture(scope="session")
def time_token(make_token: MakeToken) -> MakeToken:
    """Return a factory of GALT tokens."""

    def make(**settings: Any) -> Token:  # noqa: ANN401 (as above)
        return make_token(GALT, **settings)

    return make
