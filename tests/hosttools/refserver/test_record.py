"""A server record holds what can be, and shows no secret."""

import dataclasses
from typing import Any

import pytest

from hosttools.errors import RecordError
from hosttools.refserver import Record
from hosttools.refserver.record import serial_of


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"serial": "galh 00000042"}, "a record holds it as 'GALH00000042'"),
        ({"serial": "ß"}, "serial number"),
        ({"digits": 9}, "digits = 9; allowed are 6 to 8"),
        ({"step_s": 0}, "step_s = 0; allowed are 1"),
        ({"next_factor": -1}, "next_factor = -1; allowed are 0"),
        ({"next_factor": 2**64 + 1}, "next_factor"),
        ({"failures": -1}, "failures = -1"),
        ({"expires_ns": 2**63}, "expires_ns"),
        ({"holder": "x" * 81}, "a holder's name has 81 characters; allowed are 1 to 80"),
        ({"holder": "two\nlines"}, "printable"),
        ({"holder": " alice"}, "a space at an end"),
    ],
)
def test_refuses_what_cannot_be(event: Record, change: dict[str, Any], says: str) -> None:
    """A value out of range is refused with the value and what is allowed."""
    with pytest.raises(RecordError, match=says):
        dataclasses.replace(event, **change)


def test_repr_hides_secret_and_mark(event: Record) -> None:
    """Neither the secret nor the mark of a form shows in repr."""
    shown = repr(dataclasses.replace(event, form_mark="feedfacefeedface"))

    assert "<Secret of 20 bytes>" in shown
    assert "feedface" not in shown


def test_marks_differ_by_form_and_order(event: Record) -> None:
    """The mark of a form depends on the form, the codes and their order."""
    marks = {
        event.mark("sync", "111111", "222222"),
        event.mark("resync", "111111", "222222"),
        event.mark("resync", "222222", "111111"),
    }

    assert len(marks) == 3
    assert event.mark("sync", "111111", "222222") in marks


def test_expected_step_follows_drift_and_t0(timed: Record) -> None:
    """The step expected is that of the server's time since T0, plus the drift."""
    record = dataclasses.replace(timed, t0_s=60, drift_steps=3)

    assert (
        record.expected_factor(119 * 10**9),
        record.expected_factor(0),
    ) == (1 + 3, -2 + 3)


def test_serials_are_taken_as_people_type_them() -> None:
    """Spaces, hyphens and lower case are no obstacle."""
    assert serial_of("galh 0000-0042") == "GALH00000042"
