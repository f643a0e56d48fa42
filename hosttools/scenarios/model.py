"""A scenario as a value: tokens, a policy, steps in order. No clock, token or server in it."""

from dataclasses import dataclass, field
from typing import Final

from emulator.clock import parse_utc
from firmware_model.crystal import MAX_TOLERANCE_PPB
from firmware_model.oath import MAX_COUNTER, MAX_DIGITS, MIN_DIGITS
from firmware_model.products import PROFILES
from firmware_model.profile import SECOND
from hosttools.errors import UsageError
from hosttools.refserver import Policy
from hosttools.scenarios.steps import NAMES, Expect, What
from hosttools.scenarios.values import Choice, Name, Number, Serial, Switch, Word, setting

VERSION: Final = 1
START_NS: Final = parse_utc("2026-01-05T08:00:00Z")
_DAY_NS: Final = 86_400 * SECOND


class ScenarioError(UsageError):
    """A scenario that can't be.

    Args:
        problems: all that is wrong with it, each with its place.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSpec:
    """A token of a scenario, and what the server knows of it."""

    serial: str = setting(Serial("its serial number; the prefix says which product it is"))
    name: str | None = setting(
        Name("what steps call it; without it, they say its serial number"), default=None
    )
    profile: str | None = setting(
        Choice("which product it is, if not by its serial number", tuple(PROFILES)), default=None
    )
    sample: str | None = setting(
        Serial("the sample token whose secret it has; without it, the seed makes one up"),
        default=None,
    )
    same_secret_as: str | None = setting(
        Serial("the token before it that has the same secret: a spare"), default=None
    )
    user: str | None = setting(
        Word("whose it is; without it, each token has a holder of its own"), default=None
    )
    counter: int | None = setting(
        Number("event token: its first counter, which the server is told", 0, MAX_COUNTER),
        default=None,
    )
    digits: int | None = setting(Number("digits of a code", MIN_DIGITS, MAX_DIGITS), default=None)
    step_s: int | None = setting(Number("time token: its step, seconds", 1, 86_400), default=None)
    tolerance_ppb: int = setting(
        Number(
            "rate error of its crystal, millionths; positive runs fast",
            -MAX_TOLERANCE_PPB,
            MAX_TOLERANCE_PPB,
            1_000,
            key="ppm",
        ),
        default=0,
    )
    offset_ns: int = setting(
        Number(
            "time token: seconds that its clock is ahead at the start",
            -365 * _DAY_NS,
            365 * _DAY_NS,
            SECOND,
            key="offset_s",
        ),
        default=0,
    )
    enrolled: bool = setting(
        Switch("whether the server knows it from the start; else a step enrols it"), default=True
    )

    @property
    def called(self) -> str:
        """What steps call it."""
        return self.name or self.serial


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        what: what is done.
        token: to which token, by name; empty: to the only one.
        expect: what has to be so then; ``None``: nothing.
        note: what it is about, for people.
    """

    what: What
    token: str = ""
    expect: Expect | None = None
    note: str = ""

    @property
    def do(self) -> str:
        """What files call what is done."""
        return NAMES[type(self.what)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens to tokens and to a server, and what must come of it.

    Attributes:
        title: what it is about, in a line.
        tokens: those on the bench.
        steps: in order.
        seed: of all that is left to chance, and of secrets that are made up.
        start_ns: bench time at the start.
        policy: how the reference server is set up; ``None``: as by default.
        source: where it was written, for messages.
    """

    title: str
    tokens: tuple[TokenSpec, ...]
    steps: tuple[Step, ...]
    seed: int | str = 0
    start_ns: int = START_NS
    policy: Policy | None = None
    source: str = field(default="scenario", compare=False)

    def token(self, called: str) -> TokenSpec:
        """Return a token by what steps call it; empty: the only one.

        Raises:
            UsageError: there is none.
        """
        if not called and len(self.tokens) == 1:
            return self.tokens[0]
        for token in self.tokens:
            if called in {token.name, token.serial}:
                return token
        names = ", ".join(token.called for token in self.tokens)
        if not called:
            raise UsageError(f"token is missing, and there are {names}; say which")
        raise UsageError(f"no token {called!r}; there are {names}")
