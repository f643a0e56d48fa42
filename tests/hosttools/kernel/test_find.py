"""A few codes among many counters are found, by every route and without NumPy."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import MAX_COUNTER, Algorithm, Key, Secret
from hosttools import kernel
from hosttools.errors import UsageError
from hosttools.kernel import Route, find

SECRET = Secret(b"12345678901234567890")
CODES = {755224, 287082, 520489}
APPENDIX_D = [(0, 0, 755224), (0, 1, 287082), (0, 9, 520489)]


def test_vectors_of_rfc_4226(route: Route) -> None:
    """The codes of RFC 4226 appendix D are at their counters."""
    assert APPENDIX_D == list(kernel.matches([SECRET], [range(10)], 6, CODES, route=route))


def test_a_short_search_needs_no_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is not worth NumPy's import does without."""
    monkeypatch.setitem(sys.modules, "hosttools.kernel.spans", None)
    assert APPENDIX_D == list(kernel.matches([SECRET], [range(10)], 6, CODES))


def test_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where NumPy is not installed, a long search is done without; unless it is forced."""
    monkeypatch.setattr(find, "WORTH", 1)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert APPENDIX_D == list(kernel.matches([SECRET], [range(10)], 6, CODES))
    with pytest.raises(UsageError, match=r"without NumPy: pip install 'galh-emulator\[fleet\]'"):
        list(kernel.matches([SECRET], [range(10)], 6, CODES, route=Route.NUMPY))


def test_a_long_search_takes_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is worth it takes NumPy by itself."""
    monkeypatch.setattr(find, "WORTH", 10)
    monkeypatch.setattr(find, "Key", None)
    assert APPENDIX_D == list(kernel.matches([SECRET], [range(10)], 6, CODES))


@pytest.mark.parametrize("hash_name", Algorithm)
@settings(max_examples=25)
@given(
    st.lists(st.binary(min_size=16, max_size=64), min_size=1, max_size=5),
    st.integers(0, MAX_COUNTER - 40),
    st.lists(st.integers(0, 40), min_size=5, max_size=5),
)
def test_agrees_with_the_model(
    route: Route, hash_name: Algorithm, secrets: list[bytes], first: int, counts: list[int]
) -> None:
    """Many keys of any length, spans of any length anywhere: every code is the model's."""
    keys = [Secret(secret) for secret in secrets]
    spans = [range(first, first + count) for count in counts[: len(keys)]]
    expected = [
        (i, n, Key(key, hash_name).truncated(n) % 10**8)
        for i, (key, span) in enumerate(zip(keys, spans, strict=True))
        for n in span
    ]
    wanted = {code for *_, code in expected}
    assert expected == list(kernel.matches(keys, spans, 8, wanted, hash_name, route=route))


def test_more_than_one_pass(route: Route) -> None:
    """Passes join without a gap."""
    key, edge = Key(SECRET), 16_384
    last = edge + 5
    wanted = {key.truncated(n) % 10**8 for n in (edge - 1, edge, last)}
    found = kernel.matches([SECRET], [range(last + 1)], 8, wanted, route=route)
    assert [edge - 1, edge, last] == [match.factor for match in found]
