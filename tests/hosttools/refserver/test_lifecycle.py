"""Where a token's life leads, and that its end is one."""

import dataclasses
from collections.abc import Callable

import pytest

from hosttools.refserver import Kind, Record, Status, resync, sync, verify
from hosttools.refserver.lifecycle import OUT_OF_USE, TABLE, TERMINAL, Trigger, aged
from hosttools.refserver.policy import Policy


def test_every_status_has_its_row() -> None:
    """No status is forgotten, and each can be reached."""
    assert {None, *Status} == set(TABLE)
    assert set(Status) == {to for leads in TABLE.values() for to in leads.values()}


def test_every_trigger_leads_somewhere() -> None:
    """No trigger is there for nothing."""
    assert set(Trigger) == {trigger for leads in TABLE.values() for trigger in leads}


def test_three_statuses_are_the_end() -> None:
    """Nothing leads out of them, and everything else can still end in each."""
    assert {Status.REVOKED, Status.REPLACED, Status.EXPIRED} == TERMINAL
    for status in set(Status) - TERMINAL:
        assert set(TABLE[status].values()) >= TERMINAL


def test_only_a_pair_and_an_operator_lead_to_active() -> None:
    """Nothing else makes a token take codes."""
    leading = {t for leads in TABLE.values() for t, to in leads.items() if to is Status.ACTIVE}
    assert {Trigger.PAIR, Trigger.UNLOCK, Trigger.RESET} == leading


@pytest.mark.parametrize("status", Status)
def test_time_ends_a_token(event: Record, status: Status) -> None:
    """After its last moment it is expired, at that moment not yet; an end stays what it is."""
    record = dataclasses.replace(event, status=status, expires_ns=1_000)
    after = status if status in TERMINAL else Status.EXPIRED

    assert [record, dataclasses.replace(record, status=after)] == [
        aged(record, 1_000),
        aged(record, 1_001),
    ]


def test_most_tokens_have_no_end(event: Record) -> None:
    """Without an expiry, time does nothing."""
    assert event == aged(event, 2**62)


@pytest.mark.parametrize("status", OUT_OF_USE)
def test_what_is_out_of_use_takes_nothing(event: Record, status: Status) -> None:
    """Neither a code nor a pair is looked at, whatever is typed, and nothing changes."""
    record = dataclasses.replace(event, status=status)
    for typed in ("287922", "1", ""):
        outcomes = (
            verify(record, Policy(), typed, 0),
            sync(record, Policy(), typed, typed, 0),
            resync(record, Policy(), typed, typed, 0),
        )
        assert [(record, OUT_OF_USE[status])] * 3 == [(r, v.kind) for r, v in outcomes]


def test_a_server_says_expired_by_itself(event: Record, code: Callable[[int], str]) -> None:
    """A good code after the last moment is refused, and so is the clock that is set back."""
    record = dataclasses.replace(event, expires_ns=1_000)
    late, verdict = verify(record, Policy(), code(10), 1_001)
    _, early = verify(late, Policy(), code(10), 0)

    assert (Status.EXPIRED, Kind.EXPIRED, Kind.EXPIRED) == (late.status, verdict.kind, early.kind)
    assert "expired: not to be used after 1970-01-01T00:00:00Z" == verdict.operator
    assert Kind.ACCEPTED is verify(record, Policy(), code(10), 1_000)[1].kind
