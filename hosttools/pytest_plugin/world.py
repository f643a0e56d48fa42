"""All that one test has of ours: its tokens, their server, and the clock of both."""

import contextlib
from dataclasses import replace
from typing import Final

from emulator.bench import Bench
from emulator.faults import FaultPlan, arm
from emulator.runner import Runner
from firmware_model.identifier import identify, normalise
from firmware_model.nvm import Config
from firmware_model.products import PROFILES
from firmware_model.profile import TokenType
from hosttools.cases import Case
from hosttools.errors import UsageError
from hosttools.hand import Can, Token
from hosttools.hand.opening import sample_config
from hosttools.manufacture import config_of
from hosttools.pytest_plugin.backends import Ask, Backend, SerialDevice, open_backend
from hosttools.pytest_plugin.clock import GalhClock
from hosttools.pytest_plugin.server import GalhPair, GalhServer
from hosttools.pytest_plugin.spec import Options, Spec
from hosttools.recipes import desync
from hosttools.seedfiles import new_seeds, read_seed

DEFAULT_SERIAL: Final = "GALH00004226"
"""The token of a test that names none: the sample with the secret of RFC 4226."""

_FLEET: Final = 10_000_000
"""Number of the first serial of those that are made up: far from the samples'."""


class World:
    """What a test has; each part is made when it is first asked for.

    Args:
        name: the test's, which the secrets that are made up depend on.
        spec: what it asks for.
        options: how the run goes.
        ask: asks the person of the backend ``manual``.

    Raises:
        HostError, EmulatorError: the backend can't be opened.
    """

    def __init__(self, name: str, spec: Spec, options: Options, ask: Ask) -> None:
        self.name = name
        self.spec = spec
        self.options = options
        self.tokens: list[Token] = []
        self._server: GalhServer | None = None
        self._stack = contextlib.ExitStack()
        self._backend: Backend = open_backend(
            options.backend, options.target, start_ns=spec.start, serial=spec.serial, ask=ask
        )
        try:
            self.runner = self._stack.enter_context(Runner(self._make_bench))
        except BaseException:
            self._backend.close()
            raise
        self._stack.callback(self._backend.close)  # before the bench that its ports serve
        self.clock = GalhClock(self.runner)

    def _make_bench(self) -> Bench:
        bench = Bench(self._backend.clock)
        arm(bench, FaultPlan())  # so that faults can be injected
        return bench

    @property
    def server(self) -> GalhServer:
        """The server, which knows all tokens of the test."""
        if self._server is None:
            self._server = GalhServer(self.spec.policy, self.clock)
            self._stack.callback(self._server.close)
            self._server.know(self.tokens)
        return self._server

    @property
    def has_server(self) -> bool:
        """Whether the test has asked for one."""
        return self._server is not None

    def token(self) -> Token:
        """Return the token that the marker describes; always the same one.

        Raises:
            NotOfferedError: the backend can't do what the marker asks for.
            UsageError: no token can be so.
        """
        return self.tokens[0] if self.tokens else self._take([self._config()])[0]

    def fleet(self, count: int, profile: str | None = None) -> list[Token]:
        """Return new tokens, as the marker describes them, with secrets of their own.

        Args:
            count: how many.
            profile: which product; ``None``: the marker's, or GALH.

        Raises:
            NotOfferedError: the backend has not so many, or can't do what is asked for.
            UsageError: no such profile, or no token can be so.
        """
        if type(count) is not int:
            raise UsageError(f"galh_tokens({count!r}): it takes a whole number of tokens")
        product = PROFILES.get(profile or self.spec.profile or "GALH")
        if product is None:
            raise UsageError(f"no profile {profile!r}; there are {', '.join(sorted(PROFILES))}")
        first = _FLEET + len(self.tokens)
        seeds = new_seeds(product, count, first=first, test_seed=self._test_seed)
        return self._take([self._counted(config_of(seed, product)) for seed in seeds])

    def pair(self) -> GalhPair:
        """Return the token and the server."""
        token = self.token()
        return GalhPair(token, self.server, self.clock)

    def port(self) -> str:
        """Return a port of the token for a program in another process."""
        return self._backend.port(self.token().hand)

    def case(self, failure: str) -> Case | None:
        """Return what happened to the tokens, as a case; ``None``: nobody has kept that.

        Args:
            failure: what went wrong.

        Raises:
            HostError, EmulatorError: none can be taken.
        """
        servers = {self.server.name: self.server.keeps} if self.has_server else {}
        return self._backend.case(
            title=self.name, failure=failure, seed=self.options.seed, servers=servers
        )

    def close(self) -> None:
        """Let go of everything."""
        self._stack.close()

    @property
    def _test_seed(self) -> str:
        return f"{self.options.seed}/{self.name}"

    def _config(self) -> Config:
        """Return the settings of the token that the marker describes."""
        spec, profile = self.spec, PROFILES.get(self.spec.profile or "")
        wanted = None if spec.serial is None else normalise(spec.serial)
        if isinstance(self._backend, SerialDevice):
            wanted = self._backend.serial
        if self.options.seeds is not None:
            return self._counted(config_of(read_seed(self.options.seeds, wanted), profile))
        if wanted is None and profile is not None:
            (seed,) = new_seeds(profile, 1, first=_FLEET, test_seed=self._test_seed)
            return self._counted(config_of(seed, profile))
        wanted = wanted or DEFAULT_SERIAL
        try:
            config = sample_config(wanted)
        except UsageError:
            product = profile or identify(wanted)[1]
            (seed,) = new_seeds(product, 1, first=_FLEET, test_seed=f"{self._test_seed}/{wanted}")
            config = config_of(replace(seed, serial=wanted), profile)
        else:
            config = config if profile is None else replace(config, profile=profile)
        return self._counted(config)

    def _counted(self, config: Config) -> Config:
        if self.spec.counter is None:
            return config
        if config.token_type is TokenType.TIME:
            raise UsageError(f"counter={self.spec.counter}: {config.serial} is a time token")
        return replace(config, first_counter=self.spec.counter)

    def _take(self, configs: list[Config]) -> list[Token]:
        hands = self._backend.make(configs, self.clock)
        made = [Token(hand, config) for hand, config in zip(hands, configs, strict=True)]
        self.tokens += made
        if self._server is not None:
            self._server.know(made)
        for token in made:
            self._prepare(token)
        return made

    def _prepare(self, token: Token) -> None:
        spec = self.spec
        if spec.counter is not None and isinstance(self._backend, SerialDevice):
            token.counter = spec.counter
        if spec.ppm is not None:
            if token.token_type is TokenType.EVENT:
                raise UsageError(f"ppm={spec.ppm:g}: {token.serial} is an event token: no clock")
            token.require(Can.MATTER)
            token.hand.set_ppm(spec.ppm)
        if spec.desync is not None:
            self._desync(token, *spec.desync)
        for fault in spec.faults:  # they count the presses of the test itself
            token.inject(fault)

    def _desync(self, token: Token, name: str, by: float | None) -> None:
        needed = Can.COUNTER if token.token_type is TokenType.EVENT else Can.TOKEN_TIME
        token.require(needed)
        server = self.server
        if token.token_type is TokenType.TIME:
            token.require(Can.ADVANCE, Can.MATTER)
        desync(
            token.hand,
            name,
            serial=token.serial,
            by=by,
            server=server.for_recipes,
            trial=False,
        )
