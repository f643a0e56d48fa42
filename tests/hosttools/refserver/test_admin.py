"""What an operator does to a record."""

import dataclasses
from collections.abc import Callable

import pytest

from hosttools.errors import RecordError
from hosttools.refserver import (
    Kind,
    Record,
    Status,
    Verdict,
    assign,
    enrol,
    expire,
    order,
    replace,
    revoke,
    ship,
    unlock,
)
from hosttools.refserver.lifecycle import TABLE, TERMINAL, Trigger

ACTS: dict[Trigger, Callable[[Record], tuple[Record, Verdict]]] = {
    Trigger.SHIP: ship,
    Trigger.ASSIGN: lambda record: assign(record, "alice"),
    Trigger.UNLOCK: unlock,
    Trigger.REVOKE: revoke,
    Trigger.REPLACE: lambda record: replace(record, "GALH00000043"),
    Trigger.EXPIRE: lambda record: expire(record, 5),
}


@pytest.mark.parametrize(
    ("before", "afterwards"),
    [
        (Status.LOCKED, Status.ACTIVE),
        (Status.ACTIVE, Status.ACTIVE),
        (Status.ASSIGNED, Status.ASSIGNED),
    ],
)
def test_unlock_forgets_refusals(event: Record, before: Status, afterwards: Status) -> None:
    """Unlocking forgets failures and waits; counter and drift stay."""
    record = dataclasses.replace(
        event,
        status=before,
        failures=10,
        resync_failures=10,
        throttled_until_ns=99,
        form_mark="00",
    )

    after, verdict = unlock(record)

    assert dataclasses.replace(event, status=afterwards) == after
    assert (verdict.kind, verdict.accepted) == (Kind.UNLOCKED, True)


def test_unlock_leaves_revoked(event: Record) -> None:
    """A revoked token can't be unlocked."""
    record = dataclasses.replace(event, status=Status.REVOKED)
    after, verdict = unlock(record)

    assert (record, Kind.REVOKED, False) == (after, verdict.kind, verdict.accepted)


def test_revoke_is_for_good(event: Record) -> None:
    """Revoking takes out of use; revoking again changes nothing."""
    once, verdict = revoke(event)
    twice, _ = revoke(once)

    assert (Status.REVOKED, True, once) == (once.status, verdict.accepted, twice)


@pytest.mark.parametrize("trigger", ACTS)
@pytest.mark.parametrize("status", Status)
def test_does_what_the_table_has(event: Record, status: Status, trigger: Trigger) -> None:
    """An act leads where the table says; one that it does not have changes nothing."""
    record = dataclasses.replace(event, status=status)
    after, verdict = ACTS[trigger](record)
    to = TABLE[status].get(trigger)
    again = status in {Status.REVOKED, Status.EXPIRED} and status.value.startswith(trigger.value)

    assert (to or status) is after.status is verdict.status
    assert (to is not None or again) is verdict.accepted
    if to is None:
        assert record == after


def test_a_whole_life(event: Record) -> None:
    """Ordered, shipped, assigned: nobody's until it has a holder."""
    ordered, first = order(dataclasses.replace(event, holder="somebody"))
    shipped, second = ship(ordered)
    assigned, third = assign(shipped, " alice ")

    assert [(Status.ORDERED, ""), (Status.SHIPPED, ""), (Status.ASSIGNED, "alice")] == [
        (record.status, record.holder) for record in (ordered, shipped, assigned)
    ]
    assert ["taken in, on order", "shipped", "assigned to alice"] == [
        verdict.operator for verdict in (first, second, third)
    ]


def test_enrol_leaves_a_record_as_it_is(event: Record) -> None:
    """It may be active already, on the server that it comes from."""
    after, verdict = enrol(event)

    assert (event, True, "taken in, active") == (after, verdict.accepted, verdict.operator)


def test_a_token_that_is_not_added_can_change_hands(event: Record) -> None:
    """One that is added can't: it is taken out of use, and another one is given."""
    record = dataclasses.replace(event, status=Status.ASSIGNED, holder="alice")
    later, _ = assign(record, "bob")
    _, refused = assign(dataclasses.replace(event, holder="alice"), "bob")

    assert "bob" == later.holder
    assert (
        "no assign of a token that is active; possible: unlock, reset, revoke, replace, expire"
    ) == refused.operator


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "two\nlines"])
def test_assign_wants_a_name(event: Record, name: str) -> None:
    """Of 1 to 80 printable characters."""
    with pytest.raises(RecordError, match="a holder's name"):
        assign(dataclasses.replace(event, status=Status.SHIPPED), name)


def test_replace_names_the_new_one(event: Record) -> None:
    """The old one says by which; by the same again changes nothing, by a third is refused."""
    once, first = replace(event, "galh 0000-0043")
    twice, again = replace(once, "GALH00000043")
    third, refused = replace(once, "GALH00000044")

    assert "replaced by GALH00000043" == first.operator
    assert [True, True, False] == [first.accepted, again.accepted, refused.accepted]
    assert once == twice == third


def test_nothing_replaces_itself(event: Record) -> None:
    """It would be out of use, and in its own place."""
    with pytest.raises(RecordError, match="by itself"):
        replace(event, "galh-0000-0042")


def test_expire_says_when(event: Record) -> None:
    """An operator ends a token's time at the server's."""
    after, verdict = expire(dataclasses.replace(event, expires_ns=10**18), 86_400 * 10**9)

    assert 86_400 * 10**9 == after.expires_ns
    assert "expired: not to be used after 1970-01-02T00:00:00Z" == verdict.operator


@pytest.mark.parametrize("status", TERMINAL)
def test_an_end_is_told_as_what_it_is(event: Record, status: Status) -> None:
    """Whoever tries to unlock it reads why that is of no use."""
    verdict = unlock(dataclasses.replace(event, status=status))[1]

    assert (status.value, False) == (verdict.kind.value, verdict.accepted)
