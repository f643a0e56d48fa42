"""What a prescription has to be, and what a DEA number looks like."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.portal.epcs import rules
from hosttools.portal.epcs.rules import FORMULARY, Draft, Schedule

GOOD = Draft(drug="demozepam-1", quantity=30, directions="One at night", refills=5)


def test_a_good_draft() -> None:
    """Nothing is wrong with it."""
    assert () == rules.faults(GOOD)


@pytest.mark.parametrize(
    ("draft", "field", "said"),
    [
        (replace(GOOD, drug="unknown"), "drug", "not one of the list"),
        (replace(GOOD, quantity=0), "quantity", "allowed are 1 to 999"),
        (replace(GOOD, quantity=1000), "quantity", "allowed are 1 to 999"),
        (replace(GOOD, directions=" x "), "directions", "1 characters; allowed are 3 to 200"),
        (replace(GOOD, directions="x" * 201), "directions", "201 characters"),
        (replace(GOOD, directions="two\nlines"), "directions", "one line"),
        (replace(GOOD, refills=6), "refills", "allowed for schedule IV are 0 to 5"),
        (replace(GOOD, refills=-1), "refills", "allowed for schedule IV are 0 to 5"),
    ],
)
def test_one_fault(draft: Draft, field: str, said: str) -> None:
    """It names the field, what was given and what is allowed."""
    (fault,) = rules.faults(draft)

    assert field == fault.field
    assert said in fault.text


def test_all_faults_at_once() -> None:
    """Nobody has to submit a form as often as it has mistakes."""
    found = rules.faults(Draft(drug="", quantity=0, directions="", refills=0))

    assert ["drug", "quantity", "directions"] == [fault.field for fault in found]


@pytest.mark.parametrize("drug", FORMULARY.values(), ids=lambda drug: str(drug.slug))
def test_refills_by_schedule(drug: rules.Drug) -> None:
    """None of schedule II, five of III and IV; one more is always a fault."""
    most = rules.MAX_REFILLS[drug.schedule]
    draft = Draft(drug=drug.slug, quantity=1, directions="As told", refills=most)

    assert () == rules.faults(draft)
    assert rules.faults(replace(draft, refills=most + 1))


def test_schedules_that_are_controlled() -> None:
    """All but one."""
    assert [Schedule.NONE] == [each for each in Schedule if not each.controlled]


@pytest.mark.parametrize("text", ["BA1234563", "ba1234563", " BA 1234563 ", "F91234563"])
def test_dea_numbers(text: str) -> None:
    """Two letters, or a 9 as the second, and a check digit."""
    assert rules.dea_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "BA1234560",
        "BA123456",
        "BA12345633",
        "1A1234563",
        "ZA1234563",
        "",
        "BA\u0661\u0662\u0663\u0664\u0665\u0666\u0663",
        "B\u00c41234563",
    ],
)
def test_what_is_no_dea_number(text: str) -> None:
    """A slip, or something else."""
    assert rules.dea_number(text) is None


@given(six=st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_made_up_numbers_have_the_form(six: str) -> None:
    """Whatever the digits."""
    assert rules.dea_number(rules.made_up_dea_number("Adams", six))


@given(text=st.text())
def test_any_text(text: str) -> None:
    """It is a number or none, and one that is read again is itself."""
    number = rules.dea_number(text)

    assert number is None or number == rules.dea_number(number)
