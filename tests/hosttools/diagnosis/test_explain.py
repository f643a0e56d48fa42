"""Prepared cases: the counter, the typo and the token are named, and how sure that is."""

import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import Key, hotp
from hosttools.diagnosis import Explanation, Worn, default_search, diagnose, subjects
from hosttools.diagnosis.explain import MAX_SEARCH
from hosttools.errors import HostError, UsageError
from hosttools.holder import SlipKind
from hosttools.seedfiles import SeedRecord
from tests.hosttools.diagnosis.ward import (
    EVENT,
    NOW_NS,
    SEEDS,
    STEP,
    TIME,
    Ask,
    Codes,
)


def _factors(best: Explanation | None) -> list[int | None]:
    assert best is not None
    return [None if seen is None else seen.factor for seen in best.seen]


def test_counters(ask: Ask, codes: Codes) -> None:
    """Two codes name their counters, as good as certainly."""
    found = ask(EVENT, codes(EVENT, 57, 58))
    assert found.best is not None
    assert [57, 58] == _factors(found.best)
    assert found.best.probability > 0.999
    assert found.best.coincidence < 1e-6


def test_steps(ask: Ask, codes: Codes) -> None:
    """Two codes of a time token name their steps."""
    assert [STEP - 9, STEP - 7] == _factors(ask(TIME, codes(TIME, STEP - 9, STEP - 7)).best)


def test_transposed_digits(ask: Ask, codes: Codes) -> None:
    """A code with two digits transposed is found, the digits named."""
    first, second = codes(EVENT, 57, 58)
    wrong = second[:2] + second[3] + second[2] + second[4:]
    best = ask(EVENT, [first, wrong]).best
    assert [57, 58] == _factors(best)
    assert best is not None
    reading = best.known[1].reading
    assert (SlipKind.TRANSPOSED, 2) == (reading.slip, reading.place)


def test_mistyped_digit(ask: Ask, codes: Codes) -> None:
    """A code with a wrong key, and no other, is found where the server is."""
    (code,) = codes(EVENT, 58)
    assert "3" == code[3]
    best = ask(EVENT, [code[:3] + "2" + code[4:]], counter=57).best
    assert [58] == _factors(best)
    assert best is not None
    assert (SlipKind.MISTYPED, 3) == (best.known[0].reading.slip, best.known[0].reading.place)


def test_dead_segment(ask: Ask, codes: Codes) -> None:
    """Three codes read through one dead segment: the segment is named, by all of them."""
    worn = Worn(1, "e")
    shown = codes(EVENT, 63, 64, 65)
    read = [worn.reads(code) for code in shown]
    assert not set(shown) & set(read)
    best = ask(EVENT, read).best
    assert [63, 64, 65] == _factors(best)
    assert best is not None
    assert worn == best.worn


def test_code_of_the_press_before(ask: Ask, codes: Codes) -> None:
    """The last code again is a replay, or perhaps that of the press before: both are told."""
    (old,) = codes(EVENT, 54)
    told = [e.known[0].reading.slip for e in ask(EVENT, [old], counter=55).explanations[:2]]
    assert [None, SlipKind.PREVIOUS_CODE] == told


def test_the_same_code_twice(ask: Ask, codes: Codes) -> None:
    """One code in both fields is one press, and says no more than one code does."""
    twice = ask(EVENT, codes(EVENT, 57) * 2).best
    once = ask(EVENT, codes(EVENT, 57)).best
    assert [57, 57] == _factors(twice)
    assert twice is not None
    assert once is not None
    assert pytest.approx(once.coincidence) == twice.coincidence


def test_wrong_order(ask: Ask, codes: Codes) -> None:
    """Codes the wrong way round are told as such, not as something else."""
    assert [58, 57] == _factors(ask(EVENT, codes(EVENT, 58, 57)).best)


def test_one_code_of_another_token(ask: Ask, codes: Codes) -> None:
    """A code that is none of the token's does not hide what the other two say."""
    (other,) = codes("GALH12345678", 7)
    first, last = codes(EVENT, 57, 58)
    assert [57, None, 58] == _factors(ask(EVENT, [first, other, last]).best)


def test_nothing_fits(ask: Ask) -> None:
    """Codes of no token of ours are no token's."""
    found = ask(EVENT, ["000000", "111111"])
    assert found.best is None
    assert found.unexplained > 0.99


def test_which_token(batch: list[SeedRecord]) -> None:
    """Two codes name the token of a batch."""
    typed = [hotp(Key(batch[222].secret), n) for n in (40, 41)]
    found = diagnose(subjects(batch, [NOW_NS], typed), typed)
    assert found.best is not None
    assert "GALH00000223" == found.best.subject.config.serial
    assert [40, 41] == _factors(found.best)
    assert found.best.probability > 0.99


def test_one_code_of_a_batch_is_a_guess(batch: list[SeedRecord]) -> None:
    """One code fits tokens by chance: nobody is sure, and it says so."""
    typed = hotp(Key(batch[222].secret), 40)
    best = diagnose(subjects(batch, [NOW_NS], [typed]), [typed], 3_000).best
    assert best is None or best.probability < 0.95


def test_probabilities_sum_to_one(ask: Ask, codes: Codes) -> None:
    """All explanations and none together are certain."""
    found = ask(EVENT, codes(EVENT, 57, 58))
    total = math.fsum([found.unexplained, *(e.probability for e in found.explanations)])
    assert pytest.approx(1, abs=1e-6) == total


@pytest.mark.parametrize("search", [0, MAX_SEARCH + 1])
def test_too_far(ask: Ask, search: int) -> None:
    """A search of nothing, or of hours, is refused."""
    with pytest.raises(UsageError, match="allowed are 1 to"):
        ask(EVENT, ["123456"], search=search)


def test_default_search() -> None:
    """A million codes are shared out: many counters of one token, fifty of each of a batch."""
    assert [100_000, 500, 50] == [default_search(n) for n in (1, 1_000, 100_000)]


_DIGITS = st.text("0123456789", min_size=6, max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(_DIGITS | st.text(max_size=9), max_size=4), st.integers(0, 2**64 - 1))
def test_any_text(typed: list[str], counter: int) -> None:
    """Arbitrary texts, at any counter, raise nothing but errors of ours."""
    with suppress(HostError):
        suspects = subjects([SEEDS[EVENT]], [NOW_NS], typed, counter=counter)
        found = diagnose(suspects, typed, 60)
        assert 0 <= found.unexplained <= 1
