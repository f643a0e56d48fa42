"""Where tokens to measure with come from: made afresh on the server, or the one it knows.

A fresh token for each measurement is what makes searching safe and exact: no failure adds
up, and no code is in anybody's window by chance twice. Where tokens can't be made by
program, the one token that was given is used again and again; what it can't tell then
stays unknown.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from emulator.runner import Runner
from firmware_model.nvm import Config, configure
from firmware_model.oath import Key, Secret, hotp
from firmware_model.products import GALH, GALT
from firmware_model.profile import TokenType
from hosttools.errors import UsageError
from hosttools.hand import BenchHand, open_bench
from hosttools.prober.finding import NotMeasuredError
from hosttools.prober.ledger import Ledger
from hosttools.prober.subject import Subject
from hosttools.prober.world import World
from hosttools.servers import Can, Enrolment, Server, ServerError

SECRET_BYTES: Final = 20
_SERIALS: Final = 10**8
_PREFIXES: Final = {TokenType.EVENT: "GALH", TokenType.TIME: "GALT"}
_PROFILES: Final = {TokenType.EVENT: GALH, TokenType.TIME: GALT}


class Supply(Protocol):
    """Gives tokens that the server knows."""

    @property
    def fresh(self) -> bool:
        """Whether each token is one that the server never had a code of."""

    def take(
        self, token_type: TokenType, *, user: str | None = None, first_digit: str = ""
    ) -> Subject:
        """Return a token that the server knows and is in step with.

        Args:
            token_type: event or time.
            user: whose; ``None``: somebody's who has no other.
            first_digit: what its next code has to begin with; a fresh event token's only.

        Raises:
            NotMeasuredError: there is no such token.
        """

    def tidy(self) -> None:
        """Take back the tokens that were made for a rule which is done."""

    def close(self) -> None:
        """Put the tokens down."""


class FreshTokens:
    """A new token each time.

    Args:
        server: one that :attr:`~hosttools.servers.Can.ENROL`.
        world: server time.
        ledger: is told of all that is sent.
        draw: gives so many random bytes, for secrets and serial numbers.
    """

    fresh = True

    def __init__(
        self,
        server: Server,
        world: World,
        ledger: Ledger,
        *,
        draw: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._server = server
        self._world = world
        self._ledger = ledger
        self._draw = draw
        self._bench: Runner | None = None
        self._taken: list[str] = []

    def take(
        self, token_type: TokenType, *, user: str | None = None, first_digit: str = ""
    ) -> Subject:
        """Make a token, enrol it, and add it with two codes where the server wants that."""
        adds = Can.SYNC in self._server.can
        config = self._config(token_type, first_digit, 2 if adds else 0)
        enrolment = Enrolment.of_token(config, user=user)
        self._server.enrol(enrolment)
        self._taken.append(config.serial)
        hand = BenchHand(self._on_bench(config), config.serial)
        number = self._ledger.number()
        subject = Subject(self._server, hand, enrolment, self._world, self._ledger, number)
        if adds:
            self._add(subject, token_type)
        return subject

    def tidy(self) -> None:
        """Remove the tokens from the server where it can; put them down."""
        if Can.REMOVE in self._server.can:
            for serial in self._taken:
                try:
                    self._server.remove(serial)
                except ServerError:
                    continue  # it stays there, with a secret that nobody has any more
        self._taken.clear()
        self.close()

    def close(self) -> None:
        """Put the tokens down."""
        if self._bench is not None:
            self._bench.close()
            self._bench = None

    def _config(self, token_type: TokenType, first_digit: str, counter: int) -> Config:
        while True:
            number = int.from_bytes(self._draw(8)) % _SERIALS
            secret = Secret(self._draw(SECRET_BYTES))
            if hotp(Key(secret), counter).startswith(first_digit):
                serial = f"{_PREFIXES[token_type]}{number:08d}"
                return configure(serial, _PROFILES[token_type], secret)

    def _on_bench(self, config: Config) -> Runner:
        tokens = [(config, None)]
        if self._bench is None:
            self._bench = open_bench(tokens)
        else:
            bench = self._bench.bench
            self._bench.call(lambda: bench.open_many(tokens))
        return self._bench

    def _add(self, subject: Subject, token_type: TokenType) -> None:
        first = subject.next
        if token_type is TokenType.TIME:
            self._world.advance(subject.step_ns)
        if not subject.sync(first, first + 1).accepted:
            raise ServerError(f"{self._server.name} refused the first two codes of a new token")
        if token_type is TokenType.TIME:
            self._world.advance(subject.step_ns)


class OneToken:
    """The token that the server knows already, again and again.

    Args:
        server: knows it, and is in step with it.
        config: the token.
        world: server time.
        ledger: is told of all that is sent.
        position: of an event token, the next counter, if it has moved since the seed was
            written.
    """

    fresh = False

    def __init__(
        self,
        server: Server,
        config: Config,
        world: World,
        ledger: Ledger,
        *,
        position: int | None = None,
    ) -> None:
        counter = config.first_counter if position is None else position
        self._server = server
        self._world = world
        self._type = config.profile.token_type
        self._bench = open_bench([(config, None)])
        enrolment = replace(Enrolment.of_token(config), counter=counter)
        hand = BenchHand(self._bench, config.serial)
        self._subject = Subject(server, hand, enrolment, world, ledger, 1)

    @property
    def position(self) -> int | None:
        """An event token's next counter, to go on from."""
        return self._subject.next if self._type is TokenType.EVENT else None

    def take(
        self, token_type: TokenType, *, user: str | None = None, first_digit: str = ""
    ) -> Subject:
        """Return it once the server took its next code, which shows that the two are in step."""
        if token_type is not self._type or user is not None or first_digit:
            raise NotMeasuredError(
                f"not measured: it takes another token than {self._subject.serial}, and"
                f" {self._server.name} has no way to enrol one"
            )
        subject = self._subject
        if token_type is TokenType.TIME and subject.last is not None:
            self._world.advance(max(subject.last + 1 - subject.next, 0) * subject.step_ns)
        if not subject.verify(subject.next, sure=True).accepted and not self._helped():
            raise NotMeasuredError(
                f"not measured: {self._server.name} does not take the next code of"
                f" {subject.serial}; it is locked or out of step"
            )
        return subject

    def tidy(self) -> None:
        """Keep it: it is not ours to remove."""

    def close(self) -> None:
        """Put it down."""
        self._bench.close()

    def _helped(self) -> bool:
        if self._type is TokenType.TIME:  # a run before this one may have used up the step
            self._world.advance(self._subject.step_ns)
            return self._subject.verify(self._subject.next, sure=True).accepted
        if Can.RESYNC not in self._server.can:
            return False
        here = self._subject.next
        return self._subject.resync(here + 1, here + 2).accepted


def supply_for(
    server: Server,
    world: World,
    ledger: Ledger,
    *,
    config: Config | None = None,
    position: int | None = None,
    draw: Callable[[int], bytes] = secrets.token_bytes,
) -> Supply:
    """Return the best that a server allows.

    Args:
        server: the server.
        world: server time.
        ledger: is told of all that is sent.
        config: a token that the server knows; ``None``: none is given.
        position: its next counter.
        draw: gives random bytes.

    Raises:
        UsageError: no token is given, and none can be made.
    """
    if makes_tokens(server, config):
        return FreshTokens(server, world, ledger, draw=draw)
    assert config is not None  # noqa: S101  # asked there
    return OneToken(server, config, world, ledger, position=position)


def makes_tokens(server: Server, config: Config | None) -> bool:
    """Return whether each measurement gets a new token; nothing is sent.

    Args:
        server: the server.
        config: a token that it knows; ``None``: none is given.

    Raises:
        UsageError: no token is given, and none can be made.
    """
    if config is not None:
        return False
    if Can.ENROL not in server.can:
        raise UsageError(
            f"{server.name} has no way to enrol a token by program: give one that it knows,"
            " with --seeds FILE --serial SERIAL"
        )
    return True
