"""What the server believes of a token, as plain data."""

from dataclasses import replace

import pytest

from hosttools.refserver import Policy, Record, Status
from hosttools.refserver.view import server_view


@pytest.mark.parametrize("status", Status)
def test_view_of_status(event: Record, status: Status) -> None:
    """Only a token that takes codes, or waits for its first two, is shown as open."""
    view = server_view(replace(event, status=status), Policy(), 0)

    assert (status not in {Status.ASSIGNED, Status.ACTIVE}) is view.locked


def test_view_while_throttled(event: Record) -> None:
    """A server that evaluates nothing for a while takes nothing for that while."""
    record = replace(event, throttled_until_ns=10)

    assert [True, False] == [server_view(record, Policy(), at).locked for at in (9, 10)]


def test_view_of_a_token_whose_time_is_over(event: Record) -> None:
    """It takes nothing any more, whether somebody has tried or not."""
    record = replace(event, expires_ns=10)

    assert [False, True] == [server_view(record, Policy(), at).locked for at in (10, 11)]


def test_view_of_lopsided_policy(timed: Record) -> None:
    """Of windows that differ to the sides, a time token's view has the nearer edge."""
    view = server_view(timed, Policy(steps_back=3, steps_forward=0), 0)

    assert 0 == view.look_ahead
