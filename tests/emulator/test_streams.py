"""Random streams: named, seeded, and the same everywhere."""

import decimal
import hashlib
import math
import pickle
import statistics
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import UsageError
from emulator.streams import Stream

SEEDS = st.integers() | st.text()


def words(stream: Stream, count: int = 20) -> list[int]:
    """Draw some numbers."""
    return [stream.below(2**64) for _ in range(count)]


@given(SEEDS, st.text())
def test_same_seed_and_name(seed: int | str, name: str) -> None:
    """The same seed and name give the same sequence."""
    assert words(Stream(seed, name)) == words(Stream(seed, name))


def test_others_differ() -> None:
    """Another seed or name gives another sequence, also where the two run together."""
    streams = [("1", "12"), ("11", "2"), ("112", ""), ("", "112"), ("1", "1"), ("2", "12")]
    firsts = {words(Stream(seed, name))[0] for seed, name in streams}
    assert len(streams) == len(firsts)


def test_a_number_is_its_text() -> None:
    """Seed 7 is the same written as a number and as a text."""
    assert words(Stream(7, "a")) == words(Stream("7", "a"))


def test_the_bits_are_as_documented() -> None:
    """The words are those of SHA-256 over key and block number, from the first on."""
    key = hashlib.sha256(
        b"".join(len(p).to_bytes(8, "big") + p for p in (b"galh stream 1", b"7", b"dice"))
    ).digest()
    blocks = b"".join(hashlib.sha256(key + bytes([0] * 7 + [i])).digest() for i in range(2))
    expected = [int.from_bytes(blocks[i : i + 8], "big") for i in range(0, 64, 8)]
    assert expected == words(Stream(7, "dice"), 8)


GOLDEN = (
    979419131731976121905978075310,
    -3,
    [False, True, False, False, True, False, True, True],
    [False, False, False, True, False, False, True, False],
    "0x1.ae479fc64efe1p-1",
    "d",
    "0x1.23d91ba7e0b49p+2",
    "-0x1.58b808ad56c8ep-1",
    "0x1.8d06e3a7de72cp-4",
    771,
)


def test_golden_draws() -> None:
    """Every kind of draw gives these very numbers, on any machine and Python."""
    s = Stream(7, "golden")
    drawn = (
        s.below(10**30),
        s.between(-5, 5),
        [s.chance(0.5) for _ in range(8)],
        [s.chance(Fraction(1, 3)) for _ in range(8)],
        s.unit().hex(),
        s.choice("abcdef"),
        s.exponential(3.0).hex(),
        s.normal(1.0, 2.0).hex(),
        s.lognormal(0.1, 0.3).hex(),
        s.child("x").below(1000),
    )
    assert GOLDEN == drawn


def test_digest_of_many_floats() -> None:
    """A thousand draws of each distribution have this digest: no last bit depends on libm."""
    s = Stream(7, "many")
    text = " ".join(
        draw(1.5).hex()
        for _ in range(1000)
        for draw in (s.exponential, lambda m: s.normal(m, 1.0), lambda m: s.lognormal(m, 1.0))
    )
    expected = "41ddaf892bfcc21565cca54f6710b06342613a19fa7b6afa123c6e5226fe0f30"
    assert expected == hashlib.sha256(text.encode()).hexdigest()


def test_nobody_elses_decimal_context() -> None:
    """The caller's decimal context makes no difference."""
    with decimal.localcontext(
        decimal.Context(prec=2, traps=[decimal.Inexact, decimal.FloatOperation])
    ):
        drawn = Stream(7, "a").lognormal(1.0, 1.0)
    assert Stream(7, "a").lognormal(1.0, 1.0) == drawn


def test_child_is_a_name() -> None:
    """A child starts at its beginning, whatever its parent has drawn."""
    parent = Stream(7, "a")
    words(parent)
    assert words(Stream(7, "a/b")) == words(parent.child("b"))


def test_repr_says_seed_and_name() -> None:
    """The seed is no secret: whoever reads a report needs it to see it again."""
    assert "<Stream 'faults/tear' of seed '7'>" == repr(Stream(7, "faults/tear"))


def test_pickles_where_it_stands() -> None:
    """A stream that went to another process goes on where it was."""
    stream = Stream(7, "a")
    words(stream, 3)
    copy: Stream = pickle.loads(pickle.dumps(stream))  # noqa: S301  # our own
    assert words(stream) == words(copy)


@given(st.integers(1, 2**200), SEEDS)
def test_below_is_below(n: int, seed: int | str) -> None:
    """A draw below n is 0 to n - 1."""
    assert 0 <= Stream(seed, "a").below(n) < n


def test_below_is_even() -> None:
    """All numbers are equally likely: 6,000 throws of a die are within 4 sigma."""
    dice = Stream(7, "dice")
    counts = Counter(dice.below(6) for _ in range(6000))
    assert [] == [n for n in range(6) if abs(counts[n] - 1000) > 4 * math.sqrt(6000 * 5 / 36)]


@given(st.integers(), st.integers(0, 2**80), SEEDS)
def test_between_includes_both(low: int, span: int, seed: int | str) -> None:
    """A draw between two numbers may be either of them."""
    assert low <= Stream(seed, "a").between(low, low + span) <= low + span


def test_between_reaches_both() -> None:
    """And both are drawn."""
    s = Stream(7, "a")
    assert {-1, 0, 1} == {s.between(-1, 1) for _ in range(50)}


@pytest.mark.parametrize("p", [0, 0.0, Fraction(0)])
def test_zero_never_happens(p: Fraction | float) -> None:
    """Nothing of probability 0 happens, and the stream stays where it is."""
    s = Stream(7, "a")
    assert not any(s.chance(p) for _ in range(100))
    assert words(Stream(7, "a")) == words(s)


@pytest.mark.parametrize("p", [1, 1.0, Fraction(1)])
def test_one_always_happens(p: Fraction | float) -> None:
    """What has probability 1 happens, and the stream stays where it is."""
    s = Stream(7, "a")
    assert all(s.chance(p) for _ in range(100))
    assert words(Stream(7, "a")) == words(s)


def test_chance_is_exact() -> None:
    """A third is a draw of one in three, and no float next to it."""
    a, b = Stream(7, "a"), Stream(7, "a")
    assert [a.below(3) < 1 for _ in range(100)] == [b.chance(Fraction(1, 3)) for _ in range(100)]


@given(st.floats(0, 1), SEEDS)
def test_any_probability_will_do(p: float, seed: int | str) -> None:
    """Every float from 0 to 1 is a probability, the smallest one too."""
    assert Stream(seed, "a").chance(p) in {True, False}


def test_unit_is_below_one() -> None:
    """A unit draw is in [0, 1), about 0.5 on average."""
    s = Stream(7, "a")
    drawn = [s.unit() for _ in range(2000)]
    assert 0 <= min(drawn)
    assert max(drawn) < 1
    assert 0.5 == pytest.approx(statistics.fmean(drawn), abs=4 / math.sqrt(12 * 2000))


def test_distributions() -> None:
    """Means, medians and spreads are those asked for, within 4 sigma of 4,000 draws."""
    s, n = Stream(7, "a"), 4000
    assert 3.0 == pytest.approx(statistics.fmean(s.exponential(3.0) for _ in range(n)), rel=0.064)
    normal = [s.normal(1.0, 2.0) for _ in range(n)]
    assert 1.0 == pytest.approx(statistics.fmean(normal), abs=0.127)
    assert 2.0 == pytest.approx(statistics.pstdev(normal), rel=0.045)
    logs = [math.log(s.lognormal(5.0, 0.5)) for _ in range(n)]
    assert math.log(5.0) == pytest.approx(statistics.median(logs), abs=0.04)
    assert 0.5 == pytest.approx(statistics.pstdev(logs), rel=0.045)


def test_no_spread() -> None:
    """Without spread every draw is what was asked for."""
    s = Stream(7, "a")
    assert (0.0, 2.0, 0.1) == (s.exponential(0), s.normal(2, 0), s.lognormal(0.1, 0))


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda s: s.below(0), "a draw below 0; allowed are 1 and more"),
        (lambda s: s.between(2, 1), "a draw between 2 and 1; give the lower one first"),
        (lambda s: s.chance(1.5), "a probability of 1.5; allowed are 0 to 1"),
        (lambda s: s.chance(math.nan), "a probability of nan"),
        (lambda s: s.chance(Fraction(-1, 3)), "a probability of -1/3"),
        (lambda s: s.choice([]), "a choice among no options"),
        (lambda s: s.exponential(-1), "a mean of -1; allowed are 0 and more"),
        (lambda s: s.normal(math.inf, 1), "a mean of inf; it must be finite"),
        (lambda s: s.normal(0, -1), "a sigma of -1; allowed are 0 and more"),
        (lambda s: s.lognormal(0, 1), "a median of 0; allowed are numbers above 0"),
        (lambda s: s.lognormal(1, 11), "a sigma of 11; allowed are 0 to 10"),
    ],
)
def test_refuses_what_cannot_be(draw: Callable[[Stream], object], says: str) -> None:
    """A draw that can't be is refused with what is allowed."""
    with pytest.raises(UsageError, match=says):
        draw(Stream(7, "a"))
