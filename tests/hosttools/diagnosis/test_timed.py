"""What a time token's steps say of its clock."""

import pytest

from firmware_model.profile import SECOND
from hosttools.diagnosis import TimeFacts, time_facts
from hosttools.errors import UsageError
from tests.hosttools.diagnosis.ward import NOW_NS, STEP, TIME, Ask, Codes

YEAR_S = 31_557_600


def _facts(ask: Ask, typed: list[str], *times_ns: int, last_ns: int | None = None) -> TimeFacts:
    best = ask(TIME, typed, times_ns=times_ns).best
    assert best is not None
    return time_facts(best, times_ns, last_ns)


def test_offset(ask: Ask, codes: Codes) -> None:
    """One time is that of the last code: so many steps off, and a step's doubt."""
    facts = _facts(ask, codes(TIME, STEP + 5, STEP + 6), NOW_NS)
    assert (6, (1,)) == (facts.offset_steps, facts.gaps)
    assert (180 * SECOND, 210 * SECOND) == (facts.low_ns, facts.high_ns)


def test_several_times_narrow_it_down(ask: Ask, codes: Codes) -> None:
    """A code just before a step and one just after leave little doubt."""
    times = (NOW_NS + 9 * SECOND, NOW_NS + 11 * SECOND)
    facts = _facts(ask, codes(TIME, STEP + 5, STEP + 6), *times)
    assert (169 * SECOND, 171 * SECOND) == (facts.low_ns, facts.high_ns)


def test_times_that_contradict_each_other(ask: Ask, codes: Codes) -> None:
    """If the times can't all be true, the last one counts."""
    facts = _facts(ask, codes(TIME, STEP, STEP + 9), NOW_NS, NOW_NS + 30 * SECOND)
    assert (240 * SECOND, 270 * SECOND) == (facts.low_ns, facts.high_ns)


def test_ppm(ask: Ask, codes: Codes) -> None:
    """A second a day for a year is 11.6 ppm, to within a step."""
    fast = round(YEAR_S * 11.6e-6 / 30)
    last_ns = NOW_NS - YEAR_S * SECOND
    facts = _facts(ask, codes(TIME, STEP + fast), NOW_NS, last_ns=last_ns)
    assert facts.ppm is not None
    assert pytest.approx(11.6, abs=facts.ppm_error) == facts.ppm
    assert facts.ppm_error < 1


def test_no_time_since(ask: Ask, codes: Codes) -> None:
    """A last sign of life after the code is refused."""
    with pytest.raises(UsageError, match="not before the codes"):
        _facts(ask, codes(TIME, STEP), NOW_NS, last_ns=NOW_NS)
