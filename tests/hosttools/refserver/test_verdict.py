"""A verdict explains itself, to the operator and to the end user apart."""

import dataclasses
import json
import re
from collections.abc import Callable

import pytest

from firmware_model.profile import TokenType
from hosttools.refserver import Act, Kind, Policy, Record, Status, Verdict, resync, verify

Code = Callable[[int], str]
At = Callable[[int], int]


@pytest.mark.parametrize(
    ("counter", "says"),
    [
        (10, "accepted at counter 10 (server was at 10)"),
        (12, "accepted at counter 12 (server was at 10)"),
        (9, "replayed code of counter 9 (server is at 10)"),
        (
            47,
            (
                "out of sync: 37 presses ahead, inside the resync window"
                " (counter 47, server is at 10); failure 1 of 10"
            ),
        ),
        (
            5000,
            (
                "invalid: not found within the resync window of 1000 presses"
                " (server is at 10); failure 1 of 10"
            ),
        ),
    ],
)
def test_operator_reads_of_a_code(event: Record, code: Code, counter: int, says: str) -> None:
    """The operator reads counters and exact distances."""
    assert says == verify(event, Policy(), code(counter), 0)[1].operator


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (
            47,
            48,
            "resynced, active: counter 47, then counter 48 (server was at 10, 37 presses ahead)",
        ),
        (
            1244,
            1245,
            (
                "outside of the re-activation window: 1234 presses ahead, allowed are 1000 presses"
                " (server is at 10); failure 1 of 10"
            ),
        ),
        (
            13,
            12,
            "wrong pair order: counter 13, then counter 12 (server is at 10); failure 1 of 10",
        ),
        (12, 12, "same code twice: counter 12 (server is at 10); failure 1 of 10"),
        (12, 15, "not consecutive: counter 12, then counter 15 (server is at 10); failure 1 of 10"),
        (8, 9, "replayed code of counter 8, then counter 9 (server is at 10)"),
    ],
)
def test_operator_reads_of_a_pair(
    event: Record, code: Code, first: int, second: int, says: str
) -> None:
    """The operator reads what is wrong with a pair."""
    assert says == resync(event, Policy(), code(first), code(second), 0)[1].operator


def test_operator_reads_of_a_time_token(timed: Record, code: Code, at: At) -> None:
    """Of a time token the operator reads steps, one of them in the singular."""
    policy = Policy(steps_back=0)
    verdict = verify(timed, policy, code(999), at(1000))[1]

    assert (
        verdict.operator == "out of sync: 1 step behind, inside the resync window"
        " (step 999, server is at 1000); failure 1 of 10"
    )


def test_operator_reads_of_the_lock(event: Record) -> None:
    """The failure that locks says so, and afterwards nothing is evaluated."""
    record, last = verify(dataclasses.replace(event, failures=9), Policy(), "000000", 0)
    _, later = verify(record, Policy(), "000000", 0)

    assert last.operator.endswith("; failure 10 of 10, locked now")
    assert later.operator == "locked: nothing was evaluated"


def _every_verdict() -> list[Verdict]:
    return [
        Verdict(
            act=act,
            kind=kind,
            serial="GALH00000042",
            token_type=token_type,
            status=Status.LOCKED,
            expected=314159,
            factor=factor,
            second_factor=factor,
            counted=True,
            failures=7,
            limit=10,
            window=271828,
            wait_ns=5_000_000_000,
            note="nothing typed",
        )
        for act in Act
        for kind in Kind
        for token_type in TokenType
        for factor in (None, 314200, 314100)
    ]


def test_every_verdict_has_both_texts() -> None:
    """No combination lacks a text, and none has an unfilled place."""
    assert [
        v
        for v in _every_verdict()
        if not v.user or not v.operator or "{" in v.operator or "None" in v.operator
    ] == []


def test_end_user_reads_no_number() -> None:
    """No counter, distance, window or limit reaches the end user."""
    assert [v.user for v in _every_verdict() if re.search(r"\d", v.user)] == []


def test_refused_codes_read_the_same(event: Record, code: Code) -> None:
    """Wrong, replayed, out of sync, too far, and the one that locks: one text."""
    nearly = dataclasses.replace(event, failures=9)
    texts = {
        verify(record, Policy(), c, 0)[1].user
        for record in (event, nearly)
        for c in ("000000", code(9), code(47), code(5000))
    }

    assert len(texts) == 1


def test_refused_pairs_read_the_same(event: Record, code: Code) -> None:
    """Unknown, too far, replayed, in the wrong order, with a gap: one text."""
    pairs = ((1, 2), (8, 9), (9, 10), (12, 15), (13, 12), (1244, 1245), (90000, 70000))
    texts = {resync(event, Policy(), code(a), code(b), 0)[1].user for a, b in pairs}

    assert len(texts) == 1


def test_user_of_a_good_pair_reads_active(event: Record, code: Code) -> None:
    """After a resync the user reads what the customer's procedure says."""
    assert resync(event, Policy(), code(10), code(11), 0)[1].user == "Token Status: Active"


def test_as_dict_is_json() -> None:
    """Every verdict can be written as JSON."""
    assert [v for v in _every_verdict() if json.loads(json.dumps(v.as_dict())) != v.as_dict()] == []
