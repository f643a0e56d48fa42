"""A server under test, whatever it is: what the prober, scenarios and cases ask of one.

An adapter is a :class:`Server`: it says what it offers (:attr:`Server.can`), overrides
the verbs of that, and leaves the others to refuse. It judges nothing: what a server
says is passed on, and who asked decides what to make of it.
"""

import enum
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, NoReturn, Self

from emulator.serverview import ServerView
from firmware_model.nvm import Config
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.errors import HostError, NotOfferedError

_MAX_REASON: Final = 500
_CODE: Final = re.compile(r"\d(?: ?\d){5,}")
_SECRET: Final = re.compile(r"[0-9A-Fa-f]{32,}|[A-Z2-7]{26,}=*|[A-Za-z0-9+/]{20,}={1,2}", re.ASCII)
"""What may be a secret of 128 bits and more, in hex, base32 or base64."""


class ServerError(HostError):
    """A server under test that can't be reached, or does not answer as one does."""


class Can(enum.Enum):
    """What a server may offer. Who needs more says so, and why it skips."""

    EVENT = "event"
    """Takes event tokens (HOTP)."""
    TIME = "time"
    """Takes time tokens (TOTP)."""
    ENROL = "enrol"
    """Tokens are made on it by program: each measurement can have a fresh one."""
    SYNC = "sync"
    """Has an add form that takes two codes."""
    RESYNC = "resync"
    """Has a resync form that takes two codes."""
    UNLOCK = "unlock"
    REMOVE = "remove"
    CLOCK = "clock"
    """Its clock goes where it is told; else it is the host's."""
    VIEW = "view"
    """Tells what it believes of a token."""
    AT_ONCE = "at_once"
    """Can be asked by several threads at a time, for races."""
    APART = "apart"
    """Tells the tokens of one user apart; else a code of any of them will do."""
    PROCEDURE = "procedure"
    """Offers further acts, by name, under the logins of people: see :meth:`Server.ask`."""


class Outcome(enum.Enum):
    """What a server let on about one submission."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """No, without saying that more is behind it than a wrong code."""
    REPLAYED = "replayed"
    """No: this code was used before."""
    LOCKED = "locked"
    """No: the token or its holder is locked."""
    THROTTLED = "throttled"
    """No: too soon after a failure."""
    CHALLENGED = "challenged"
    """Not yet: it wants another code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one submission.

    Attributes:
        outcome: what it let on.
        reason: its own words, codes blotted out; empty if it gave none.
    """

    outcome: Outcome
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", clean(self.reason))

    @property
    def accepted(self) -> bool:
        """Whether it took the code, or the pair."""
        return self.outcome is Outcome.ACCEPTED


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said to one of its further acts.

    Attributes:
        accepted: whether it was done.
        told: what it tells, as plain JSON; of a refusal its ``code`` and ``detail``.
    """

    accepted: bool
    told: Any = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A token as a server gets to know it.

    Attributes:
        serial: serial number.
        token_type: event (HOTP) or time (TOTP).
        secret: the shared secret.
        algorithm: hash under the HMAC.
        digits: 6 to 8.
        step_s: time step, seconds; of no meaning for an event token.
        counter: the next counter of an event token.
        user: whose it is; ``None``: each token has a holder of its own.
    """

    serial: str
    token_type: TokenType
    secret: Secret
    algorithm: Algorithm = Algorithm.SHA1
    digits: int = 6
    step_s: int = 30
    counter: int = 0
    user: str | None = None

    @classmethod
    def of_token(cls, config: Config, *, user: str | None = None) -> Self:
        """Return what a seed file would tell a server of a token."""
        return cls(
            serial=config.serial,
            token_type=config.token_type,
            secret=config.secret,
            algorithm=config.algorithm,
            digits=config.digits,
            step_s=config.step_s,
            counter=config.first_counter,
            user=user,
        )

    @property
    def holder(self) -> str:
        """The user's name, as servers that want one get it."""
        return self.user or self.serial.lower()


class Server:
    """A server under test. Adapters override what theirs offers.

    Belongs to one thread, unless it can :attr:`Can.AT_ONCE`. Every verb raises
    :class:`ServerError` when the server can't be reached or makes no sense, and
    :class:`NotOfferedError` when it has no such verb.

    Attributes:
        name: the server's, for people.
        can: what it offers.
        host: the machine that it is on; ``None``: in this process, or on this machine.
        acts: names of its further acts, if it has a :attr:`Can.PROCEDURE`.
    """

    name: str
    can: frozenset[Can]
    host: str | None = None
    acts: frozenset[str] = frozenset()

    def expecting(self, outcome: Outcome) -> AbstractContextManager[None]:  # noqa: ARG002  # for Guarded
        """Say what the submissions within should come to, as far as is known.

        Changes nothing but for a server with a failure budget, see
        :class:`~hosttools.servers.safety.Guarded`: there, what is not expected to be
        accepted is taken for what may fail.
        """
        return nullcontext()

    def enrol(self, token: Enrolment) -> None:
        """Make a token known, ready to :meth:`verify` unless the server wants :meth:`sync`."""
        self._lacks(f"a way to enrol a token such as {token.serial}")

    def sync(self, serial: str, code1: str, code2: str) -> Answer:  # noqa: ARG002  # the verb's signature
        """Submit the add form: the first two codes of a token."""
        self._lacks("an add form with two codes")

    def verify(self, serial: str, code: str) -> Answer:
        """Submit one code, as it was typed; anything at all."""
        raise NotImplementedError

    def resync(self, serial: str, code1: str, code2: str) -> Answer:  # noqa: ARG002  # the verb's signature
        """Submit the resync form: two codes in a row."""
        self._lacks("a resync form")

    def unlock(self, serial: str) -> None:  # noqa: ARG002  # the verb's signature
        """Forget a token's failures, as an operator."""
        self._lacks("a way to unlock a token")

    def remove(self, serial: str) -> None:  # noqa: ARG002  # the verb's signature
        """Make a token unknown again."""
        self._lacks("a way to remove a token")

    def view(self, serial: str) -> ServerView:  # noqa: ARG002  # the verb's signature
        """Return what it believes of a token."""
        self._lacks("a way to tell what it believes of a token")

    def set_clock(self, now_ns: int) -> None:  # noqa: ARG002  # the verb's signature
        """Put its clock to a time, ns since 1970, UTC; it stands still there."""
        self._lacks("a clock that can be set")

    def ask(self, act: str, user: str, given: Mapping[str, Any]) -> Reply:  # noqa: ARG002  # the verb's signature
        """Have one of its further acts done.

        Args:
            act: which, one of :attr:`acts`; nothing else of the server can be reached.
            user: under whose login, by the server's name for them.
            given: what the act takes, as plain JSON.
        """
        self._lacks(f"an act {act!r}")

    def unpack(self, user: str, parcel: int) -> Config:  # noqa: ARG002  # the verb's signature
        """Take a fob that was sent to a user out of its parcel, once."""
        self._lacks("parcels with fobs")

    def close(self) -> None:
        """Let go of what the adapter holds: connections, processes, files."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def _lacks(self, what: str) -> NoReturn:
        raise NotOfferedError(f"{self.name} has not got {what}")


def clean(reason: str) -> str:
    """Return a server's words fit to be kept and shown: one line, short, codes blotted out.

    So is what looks like a secret, should a server tell one.
    """
    line = " ".join(_CODE.sub("######", _SECRET.sub("[secret]", reason)).split())
    shown = "".join(c if c.isprintable() else "?" for c in line)
    return shown if len(shown) <= _MAX_REASON else shown[: _MAX_REASON - 1] + "…"
