"""A plan goes from process to process unchanged, and what follows from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.errors import UsageError
from hosttools.holder import Habits
from hosttools.load.anyserver import AnyServerRules
from hosttools.load.person import HABITS
from hosttools.load.plan import (
    MAX_USERS,
    MAX_WORKERS,
    Plan,
    habits_of,
    holder_number,
    open_loaded,
    rules_for,
)
from hosttools.load.rules import PolicyRules
from hosttools.refserver import Policy
from hosttools.servers import Can
from hosttools.servers.reference import ReferenceServer
from tests.hosttools.prober import tiny


@given(
    st.builds(
        Plan,
        server=st.text(),
        authorised=st.lists(st.text()).map(tuple),
        budget=st.integers(0, 9),
        policy=st.none() | st.builds(Policy, look_ahead=st.integers(0, 99)),
        seed=st.integers(0),
        habits=st.builds(Habits, mistyped=st.floats(0, 1)),
    )
)
def test_there_and_back(plan: Plan) -> None:
    """As JSON on one line."""
    text = plan.as_json()

    assert "\n" not in text
    assert plan == Plan.from_json(text)


def test_habits_are_those_of_load_but_for_what_is_given() -> None:
    """Others of the file are kept."""
    habits = habits_of({"retries": 3, "use_hours": [1] * 24})

    assert 3 == habits.retries
    assert HABITS.uses_per_day == habits.uses_per_day
    assert (1,) * 24 == habits.use_hours


def test_holders_are_numbered_apart() -> None:
    """Those of one worker end before those of the next begin."""
    assert holder_number(1, 0) == holder_number(0, MAX_USERS - 1) + 1
    for worker, nth in ((MAX_WORKERS, 0), (-1, 0), (0, MAX_USERS)):
        with pytest.raises(UsageError, match="allowed are"):
            holder_number(worker, nth)


def test_rules() -> None:
    """A reference server is asked; of others only what holds for all is demanded."""
    policy = Policy(look_ahead=3)
    with ReferenceServer(policy=policy) as server:
        plan = Plan(server="reference")

        assert PolicyRules(policy, adds=True, exact=True) == rules_for(plan, server)
        assert isinstance(rules_for(Plan(server="", any_server=True), server), AnyServerRules)
    assert isinstance(rules_for(plan, tiny.Tiny()), AnyServerRules)
    given = rules_for(Plan(server="", policy=policy), tiny.Tiny())
    assert PolicyRules(policy, adds=False, exact=False) == given


def test_what_a_server_lacks() -> None:
    """Time tokens, where some are wanted."""
    spec = f"python:{__name__}:EventsOnly"
    with open_loaded(Plan(server=spec)):
        pass
    with pytest.raises(UsageError, match="time tokens"):
        open_loaded(Plan(server=spec, timed=0.5))


class EventsOnly(tiny.Tiny):
    """Takes no time tokens."""

    can = tiny.Tiny.can - {Can.TIME}
