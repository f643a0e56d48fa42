"""A code is found where it is in its window, by every route."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import MAX_COUNTER, Algorithm
from hosttools import kernel
from hosttools.errors import UsageError
from hosttools.kernel import Route
from tests.hosttools.kernel import oracle

RFC = b"12345678901234567890"
anyhow: Any = kernel
"""The kernel for callers who don't heed types."""

TOKEN = kernel.prepare([RFC])
SEARCHES = st.lists(
    st.tuples(oracle.RAW, oracle.COUNTER, st.integers(0, 30), st.integers(0, 40)), max_size=20
)
"""Keys, where to begin, windows, and how far ahead the code is: some lie behind."""


def _code(raw: bytes, counter: int) -> int:
    return oracle.code(raw, min(counter, MAX_COUNTER), 6, Algorithm.SHA1)


@settings(max_examples=40)
@given(SEARCHES)
def test_agrees_with_one_after_the_other(
    route: Route, searches: list[tuple[bytes, int, int, int]]
) -> None:
    """The first place is found, and so are all; none lies outside, or past the last counter."""
    raws = [raw for raw, *_ in searches]
    starts = [start for _, start, *_ in searches]
    windows = [window for *_, window, _ in searches]
    wanted = [_code(raw, start + ahead) for raw, start, _, ahead in searches]
    places = [
        [n for n in range(window + 1) if start + n <= MAX_COUNTER and _code(raw, start + n) == code]
        for (raw, start, window, _), code in zip(searches, wanted, strict=True)
    ]
    prepared = kernel.prepare(raws)
    found = kernel.search(prepared, starts, windows, wanted, route=route)
    assert [next(iter(place), -1) for place in places] == found.tolist()
    items, offsets = kernel.search_all(prepared, starts, windows, wanted, route=route)
    every = [(i, n) for i, place in enumerate(places) for n in place]
    assert every == list(zip(items.tolist(), offsets.tolist(), strict=True))


def test_the_edge_of_a_window(route: Route) -> None:
    """A window of 10 looks at ten counters after its own: design's semantics 13."""
    wanted = [_code(RFC, 110)] * 3
    found = kernel.search(TOKEN, [100, 99, 110], [10, 10, 0], wanted, keys=0, route=route)
    assert [10, -1, 0] == found.tolist()


def test_one_key_many_searches(route: Route) -> None:
    """One key, one window, many searches: more than one look takes in, near and far."""
    starts = np.arange(400, dtype=np.uint64) * np.uint64(1000)
    ahead = np.arange(400) * 7 % 300
    wanted = kernel.codes(TOKEN, starts + ahead.astype(np.uint64), 9, route=Route.HASHLIB)
    found = kernel.search(TOKEN, starts, 250, wanted, 9, keys=0, route=route)
    assert np.where(ahead <= 250, ahead, -1).tolist() == found.tolist()


def test_every_place(route: Route) -> None:
    """A code that is there more than once is found as often, in the order of its places."""
    codes = kernel.series(TOKEN, 0, 4000).tolist()
    often = next(code for code in codes if codes.count(code) > 1)
    once = next(code for code in codes if codes.count(code) == 1)
    expected = [(0, i) for i, code in enumerate(codes) if code == often]
    expected.append((1, codes.index(once)))
    items, offsets = kernel.search_all(TOKEN, [0, 0], 3999, [often, once], route=route)
    assert expected == list(zip(items.tolist(), offsets.tolist(), strict=True))


def test_nothing_to_search(route: Route) -> None:
    """No searches find nothing."""
    nobody = kernel.prepare([])
    assert [] == kernel.search(nobody, [], 10, [], route=route).tolist()
    items, offsets = kernel.search_all(nobody, [], 10, [], route=route)
    assert ([], []) == (items.tolist(), offsets.tolist())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: anyhow.search(TOKEN, [0], -1, [0]), "a window of -1"),
        (lambda: anyhow.search(TOKEN, [0], 2**63, [0]), "a window of 9223372036854775808"),
        (lambda: anyhow.search(TOKEN, [0], [1, 2], [0]), "2 windows for 1 counters"),
        (lambda: anyhow.search(TOKEN, [0], [-1], [0]), "windows: -1 out of range"),
        (lambda: anyhow.search(TOKEN, [0], 1, [10**6]), "codes: a code out of range"),
        (lambda: anyhow.search(TOKEN, [0], 1, [0, 1]), "2 codes for 1 counters"),
        (lambda: anyhow.search(TOKEN, [0], 1, ["755224"]), "codes that are no whole numbers"),
    ],
)
def test_what_can_not_be(call: Callable[[], Any], message: str) -> None:
    """What was given is said, and what is allowed; a code itself is not repeated."""
    with pytest.raises(UsageError, match=message):
        call()
