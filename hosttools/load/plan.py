"""What a load run is to do, as one value that goes from process to process.

It holds no secret and no password: an adapter finds its own in the environment. How a
server is opened from it is in here too, since each process that loads one opens its own.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from emulator.streams import Stream
from hosttools.errors import UsageError
from hosttools.holder import Habits, habits_from_mapping
from hosttools.load.anyserver import AnyServerRules
from hosttools.load.fob import SERIALS
from hosttools.load.person import HABITS, TOKENS
from hosttools.load.rules import PolicyRules, Rules
from hosttools.refserver import Policy
from hosttools.servers import Can, Server
from hosttools.servers.reference import HttpReferenceServer, ReferenceServer
from hosttools.servers.spec import open_server

MAX_USERS: Final = 20_000
"""In one process."""

MAX_WORKERS: Final = SERIALS // (MAX_USERS * TOKENS)


def holder_number(worker: int, nth: int) -> int:
    """Number the holders of all workers, so that no two ever have a token of one serial number.

    Args:
        worker: which worker, from 0.
        nth: which of its holders, from 0.

    Raises:
        UsageError: more than serial numbers allow.
    """
    if not (0 <= worker < MAX_WORKERS and 0 <= nth < MAX_USERS):
        raise UsageError(
            f"holder {nth} of worker {worker}; allowed are {MAX_USERS} holders of each of"
            f" {MAX_WORKERS} workers"
        )
    return worker * MAX_USERS + nth


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to load, and how.

    Attributes:
        server: which server, as ``--server`` names it.
        authorised: hosts other than this machine that may be tested.
        budget: how many submissions a server elsewhere may refuse, in each process.
        policy: how it treats its tokens; ``None``: the reference server is asked, and of any
            other only what holds for all is demanded.
        any_server: whether to demand no more of the reference server either.
        seed: of all decisions.
        every_s: seconds from one submission of a holder to the next, on average.
        timed: share of holders with a time token.
        race: probability that something is submitted several times at once.
        tidy: whether tokens are removed in the end.
        habits: of the holders.
        in_flight: most requests that one process has under way.
    """

    server: str
    authorised: tuple[str, ...] = ()
    budget: int = 0
    policy: Policy | None = None
    any_server: bool = False
    seed: int = 0
    every_s: float = 5.0
    timed: float = 0.0
    race: float = 0.1
    tidy: bool = True
    habits: Habits = HABITS
    in_flight: int = 64

    @property
    def base(self) -> int:
        """The number of the first token of the first holder: other seeds, other tokens."""
        return Stream(self.seed, "load/serials").below(SERIALS)

    def as_json(self) -> str:
        """Return it as JSON on one line."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read it back."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            **{
                **data,
                "authorised": tuple(data["authorised"]),
                "policy": None if data["policy"] is None else Policy(**data["policy"]),
                "habits": habits_from_mapping(data["habits"]),
            }
        )


def habits_of(settings: Mapping[str, object]) -> Habits:
    """Return the habits of a load run, some of them set otherwise.

    Args:
        settings: by name, as TOML gives them.

    Raises:
        UsageError: an unknown setting, or a value that can't be.
    """
    return habits_from_mapping({**dataclasses.asdict(HABITS), **settings})


def open_loaded(plan: Plan) -> Server:
    """Open the server that a plan names.

    Raises:
        UsageError: it can't be opened, may not be tested, or takes no tokens by program.
        ServerError: it can't be reached.
    """
    server = open_server(
        plan.server,
        trusted=True,
        authorised=plan.authorised,
        failure_budget=plan.budget,
    )
    wanted = {Can.ENROL: "tokens that are enrolled by program"}
    if plan.timed < 1:
        wanted[Can.EVENT] = "event tokens"
    if plan.timed > 0:
        wanted[Can.TIME] = "time tokens"
    for can, what in wanted.items():
        if can not in server.can:
            server.close()
            raise UsageError(f"{server.name} has not got {what}, which this load run needs")
    return server


def rules_for(plan: Plan, server: Server) -> Rules:
    """Return how a server has to answer: by its policy, if that is known.

    Raises:
        ServerError: it does not tell.
    """
    # One elsewhere is wrapped by its guard: its policy has to be given.
    own = isinstance(server, ReferenceServer | HttpReferenceServer)
    policy = plan.policy
    if plan.any_server:
        return AnyServerRules()
    if policy is None and isinstance(server, ReferenceServer | HttpReferenceServer):
        policy = server.policy()
    if policy is None:
        return AnyServerRules()
    return PolicyRules(policy, adds=Can.SYNC in server.can, exact=own)
