"""NumPy's HOTP finds what the token model's finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import MAX_COUNTER, Key, Secret

pytest.importorskip("numpy", reason="extra fleet")

from hosttools.diagnosis import lanes

SECRET = Secret(b"12345678901234567890")


def test_vectors_of_rfc_4226() -> None:
    """The codes of RFC 4226 appendix D are at their counters."""
    wanted = {755224, 287082, 520489}
    found = list(lanes.matches([SECRET.reveal()], [range(10)], 10**6, wanted))
    assert [(0, 0, 755224), (0, 1, 287082), (0, 9, 520489)] == found


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.binary(min_size=16, max_size=64), min_size=1, max_size=5),
    st.integers(0, MAX_COUNTER - 40),
    st.lists(st.integers(0, 40), min_size=5, max_size=5),
)
def test_agrees_with_the_model(secrets: list[bytes], first: int, counts: list[int]) -> None:
    """Many keys of any length, spans of any length anywhere: every code is the model's."""
    keys = [Key(Secret(secret)) for secret in secrets]
    spans = [range(first, first + count) for count in counts[: len(keys)]]
    expected = [
        (i, n, key.truncated(n) % 10**8)
        for i, (key, span) in enumerate(zip(keys, spans, strict=True))
        for n in span
    ]
    wanted = {code for *_, code in expected}
    assert expected == list(lanes.matches(secrets, spans, 10**8, wanted))


def test_more_than_one_pass() -> None:
    """Passes join without a gap."""
    key, last = Key(SECRET), lanes.LANES + 5
    wanted = {key.truncated(n) % 10**8 for n in (lanes.LANES - 1, lanes.LANES, last)}
    found = lanes.matches([SECRET.reveal()], [range(last + 1)], 10**8, wanted)
    assert [lanes.LANES - 1, lanes.LANES, last] == [match.factor for match in found]
