"""What an operator does to a record."""

import dataclasses

import pytest

from hosttools.refserver import Kind, Record, Status, revoke, unlock


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
