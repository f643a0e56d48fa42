"""Locust users who own a token each; for ``galh load``, and for locustfiles of your own.

    from hosttools.load.plan import Plan
    from hosttools.load.users import TokenUser

    class Doctor(TokenUser):
        plan = Plan(server="reference:http://127.0.0.1:8080")

Importing this imports Locust, which patches the interpreter for gevent: do so in a
locustfile, or in a process of its own.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

import gevent
from gevent.lock import BoundedSemaphore
from locust import User, task
from locust.env import Environment

from hosttools.errors import HostError
from hosttools.load.person import Person, Place, Sent, Thunk, Told
from hosttools.load.plan import Plan, holder_number, open_loaded, rules_for
from hosttools.load.tally import Tally
from hosttools.servers import Can


class WrongVerdictError(HostError):
    """A verdict that can't be right; Locust counts it as a failure."""


class NoAnswerError(HostError):
    """A request to which no answer came, or none that makes sense."""


@dataclass(frozen=True, slots=True)
class Station:
    """What the users of one plan share in a process.

    Attributes:
        place: where their holders live.
        tally: what went wrong.
        numbers: numbers the holders of this process.
    """

    place: Place
    tally: Tally
    numbers: Iterator[int]


_STATIONS: Final[WeakKeyDictionary[Environment, dict[Plan, Station]]] = WeakKeyDictionary()


def station_of(environment: Environment, plan: Plan) -> Station:
    """Return what the users of a plan share, and open the server first if nobody has.

    Raises:
        HostError: see :func:`hosttools.load.plan.open_loaded`.
    """
    stations = _STATIONS.setdefault(environment, {})
    if plan not in stations:
        stations[plan] = _make(environment, plan)
    return stations[plan]


def _make(environment: Environment, plan: Plan) -> Station:
    server = open_loaded(plan)
    tally = Tally()

    def tell(told: Told) -> None:
        tally.add(told)
        environment.events.request.fire(
            request_type=told.what,
            name=told.said,
            response_time=told.took_s * 1000,
            response_length=0,
            exception=_exception(told),
            context={},
        )

    place = Place(
        server=server,
        rules=rules_for(plan, server),
        tell=tell,
        seed=plan.seed,
        base=plan.base,
        habits=plan.habits,
        timed=plan.timed,
        race=plan.race,
        tidy=plan.tidy,
        at_once=_at_once,
        gate=BoundedSemaphore(plan.in_flight if Can.AT_ONCE in server.can else 1),
        sleep=gevent.sleep,
    )
    environment.events.quit.add_listener(lambda **_: server.close())
    return Station(place, tally, itertools.count())


def _exception(told: Told) -> HostError | None:
    if told.wrong is not None:
        return WrongVerdictError(f"expected {told.wrong.expected}, got {told.wrong.got}")
    return NoAnswerError(told.error) if told.error else None


def _at_once(thunks: Sequence[Thunk]) -> list[Sent | None]:
    if len(thunks) == 1:
        return [thunks[0]()]
    jobs = [gevent.spawn(thunk) for thunk in thunks]
    gevent.joinall(jobs)
    return [job.get() for job in jobs]


class TokenUser(User):
    """A user who owns a token, and treats it as the holder model says.

    Its task lives on until the holder has submitted something: a code, one typed wrong, a
    code once more, after a refusal a fresh one, then the resync form. A class of yours may
    add tasks, and ask for codes with :meth:`press`.

    Attributes:
        plan: which server, and how.
        person: the holder.
    """

    abstract = True
    plan: ClassVar[Plan]

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        station = station_of(environment, self.plan)
        # Of a runner that has no workers, and without a runner, there is only this process.
        worker = max(getattr(environment.runner, "worker_index", 0), 0)
        self.person = Person(station.place, holder_number(worker, next(station.numbers)))

    def on_start(self) -> None:
        """Get a token."""
        self.person.begin()

    def on_stop(self) -> None:
        """Put it away."""
        self.person.end()

    def wait_time(self) -> float:
        """Return how long to wait until the next task, seconds."""
        return self.person.pause_s(self.plan.every_s)

    @task
    def act(self) -> None:
        """Live on until something was submitted."""
        self.person.act()
