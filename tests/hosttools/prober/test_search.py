"""The edge is found wherever it is, with few tries, and not moved by one lucky code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.prober.finding import NotMeasuredError
from hosttools.prober.search import Edge, largest, most_tries


@given(first=st.integers(0, 5), limit=st.integers(6, 30_000), data=st.data())
def test_finds_the_edge(first: int, limit: int, data: st.DataObject) -> None:
    """Any edge from before the first number to past the last, within the promised tries."""
    edge = data.draw(st.integers(first - 1, limit + 1))
    tries = []

    def accepts(number: int) -> bool:
        tries.append(number)
        return number <= edge

    assert Edge(min(edge, limit), at_least=edge >= limit) == largest(
        accepts, first=first, limit=limit
    )
    assert all(first <= number <= limit + 1 for number in tries)
    assert len(tries) <= most_tries(limit)


def test_one_lucky_code_is_looked_through() -> None:
    """A number past the edge that is accepted once, by chance, moves nothing."""
    lucky = [15]

    def accepts(number: int) -> bool:
        if number in lucky:
            lucky.remove(number)
            return True
        return number <= 10

    assert Edge(10, at_least=False) == largest(accepts, limit=1_000)


def test_answers_that_differ_each_time_are_no_edge() -> None:
    """A server that answers by whim is not measured."""
    answers = iter([True, False] * 100)
    with pytest.raises(NotMeasuredError, match="differ"):
        largest(lambda _: next(answers), limit=1_000)
