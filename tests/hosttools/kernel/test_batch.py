"""Codes of arrays are the token model's, by every route."""

import hmac
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import MAX_COUNTER, Algorithm, Secret, time_step
from hosttools import kernel
from hosttools.errors import UsageError
from hosttools.kernel import Route
from tests.hosttools.kernel import oracle

RFC = b"12345678901234567890"
APPENDIX_D = [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489]
TIMES = [59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000]
APPENDIX_B = {
    Algorithm.SHA1: [94287082, 7081804, 14050471, 89005924, 69279037, 65353130],
    Algorithm.SHA256: [46119246, 68084774, 67062674, 91819424, 90698825, 77737706],
}
anyhow: Any = kernel
"""The kernel for callers who don't heed types."""

THREE = kernel.prepare([RFC, b"1" * 20, b"2" * 20])


def test_vectors_of_rfc_4226(route: Route) -> None:
    """The codes are those of RFC 4226 appendix D."""
    one = kernel.prepare([Secret(RFC)])
    assert APPENDIX_D == kernel.codes(one, range(10), route=route).tolist()
    assert APPENDIX_D[3:8] == kernel.series(one, 3, 5, route=route).tolist()


def test_vectors_of_rfc_6238(route: Route, algorithm: Algorithm) -> None:
    """The codes are those of RFC 6238 appendix B, with the seed of each hash."""
    seed = RFC if algorithm is Algorithm.SHA1 else (RFC * 2)[:32]
    steps = np.array(TIMES) // 30
    assert [time_step(time) for time in TIMES] == steps.tolist()
    one = kernel.prepare([seed], algorithm)
    assert APPENDIX_B[algorithm] == kernel.codes(one, steps, 8, route=route).tolist()


@settings(max_examples=40)
@given(st.lists(st.tuples(oracle.RAW, oracle.COUNTER), max_size=40), oracle.DIGITS)
def test_agrees_with_the_model(
    route: Route, algorithm: Algorithm, pairs: list[tuple[bytes, int]], digits: int
) -> None:
    """Keys of any length, counters of any size, as many as there may be."""
    expected = [oracle.code(raw, counter, digits, algorithm) for raw, counter in pairs]
    prepared = kernel.prepare([raw for raw, _ in pairs], algorithm)
    codes = kernel.codes(prepared, [counter for _, counter in pairs], digits, route=route)
    assert expected == codes.tolist()
    assert np.uint32 == codes.dtype


@settings(max_examples=40)
@given(st.lists(oracle.RAW, min_size=1, max_size=9), st.data())
def test_keys_by_index(route: Route, raws: list[bytes], data: st.DataObject) -> None:
    """Each counter has the key that it is said to have, again and again or never."""
    pairs = data.draw(
        st.lists(st.tuples(st.integers(0, len(raws) - 1), oracle.COUNTER), max_size=40)
    )
    expected = [oracle.code(raws[key], n, 6, Algorithm.SHA1) for key, n in pairs]
    keys, counters = ([pair[i] for pair in pairs] for i in (0, 1))
    codes = kernel.codes(kernel.prepare(raws), counters, keys=keys, route=route)
    assert expected == codes.tolist()


@settings(max_examples=25)
@given(oracle.RAW, oracle.COUNTER, st.integers(0, 40), oracle.DIGITS)
def test_series(route: Route, raw: bytes, start: int, count: int, digits: int) -> None:
    """A series is the codes of its counters; it ends at the last counter."""
    count = min(count, MAX_COUNTER + 1 - start)
    expected = [oracle.code(raw, n, digits, Algorithm.SHA1) for n in range(start, start + count)]
    prepared = kernel.prepare([b"another key", raw])
    assert expected == kernel.series(prepared, start, count, digits, key=1, route=route).tolist()


@pytest.mark.parametrize("length", [1, 20, 64, 65, 200])
def test_secrets_as_an_array(route: Route, algorithm: Algorithm, length: int) -> None:
    """The rows of an array are keys, as the same bytes are."""
    secrets = np.arange(3 * length, dtype=np.uint8).reshape(3, length)
    plain = [row.tobytes() for row in secrets]
    expected = [
        int.from_bytes(mac[(at := mac[-1] & 15) : at + 4], "big") % 2**31 % 10**6
        for mac in (hmac.digest(raw, bytes(7) + b"\x05", algorithm.value) for raw in plain)
    ]
    for form in (secrets, plain):
        prepared = kernel.prepare(form, algorithm)
        assert expected == kernel.codes(prepared, [5, 5, 5], route=route).tolist()


def test_more_than_one_pass(route: Route) -> None:
    """Passes join without a gap, whatever is left for the last."""
    count = 16_384 + 5
    codes = kernel.series(THREE, 0, count, route=route)
    edge = range(16_380, count)
    assert count == len(codes)
    assert [oracle.code(RFC, n, 6, Algorithm.SHA1) for n in edge] == codes[16_380:].tolist()


def test_arrays_of_any_kind(route: Route) -> None:
    """Every integer type is taken, every stride, and what can't be written to."""
    expected = [APPENDIX_D[9], APPENDIX_D[7], APPENDIX_D[5]]
    for kind in (np.int8, np.uint16, np.int32, np.int64, np.uint64):
        counters = np.arange(10, dtype=kind)[:4:-2]
        counters.flags.writeable = False
        keys = np.zeros(6, kind)[::2]
        keys.flags.writeable = False
        assert expected == anyhow.codes(THREE, counters, keys=keys, route=route).tolist()


def test_what_is_handed_in_stays(route: Route) -> None:
    """Neither counters nor keys are written to."""
    counters, keys = np.arange(9, dtype=np.uint64), np.arange(9) % 3
    kernel.codes(THREE, counters, keys=keys, route=route)
    assert ([*range(9)], [0, 1, 2] * 3) == (counters.tolist(), keys.tolist())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: anyhow.codes(THREE, [0.5, 1, 2]), "no whole numbers"),
        (lambda: anyhow.codes(THREE, np.zeros(3)), "counters as float64"),
        (lambda: anyhow.codes(THREE, np.zeros((3, 1), int)), r"shape \(3, 1\)"),
        (lambda: anyhow.codes(THREE, np.zeros(3, bool)), "counters as bool"),
        (lambda: anyhow.codes(THREE, [0, 1, -1]), "counters: -1 out of range"),
        (lambda: anyhow.codes(THREE, np.array([0, 1, -1])), "counters: -1 out of range"),
        (lambda: anyhow.codes(THREE, [0, 1, 2**64]), "allowed are 0 to 18446744073709551615"),
        (lambda: anyhow.codes(THREE, [0, 1]), "2 counters for 3 keys"),
        (lambda: anyhow.codes(THREE, []), "0 counters for 3 keys"),
        (lambda: anyhow.codes(THREE, [0, 1], keys=[0]), "1 keys for 2 counters"),
        (lambda: anyhow.codes(THREE, [0, 1], keys=[0, 3]), "keys: 3 out of range"),
        (lambda: anyhow.codes(THREE, [0, 1], keys=np.array([-1, 0])), "keys: -1 out of range"),
        (lambda: anyhow.codes(THREE, [0, 1], keys=3), "key 3 of 3"),
        (lambda: anyhow.codes(anyhow.prepare([]), [0], keys=[0]), "keys: 0 out of range"),
        (lambda: anyhow.codes(THREE, [0, 1, 2], 5), "5 digits; allowed are 6 to 10"),
        (lambda: anyhow.codes(THREE, [0, 1, 2], 11), "11 digits"),
        (lambda: anyhow.series(THREE, MAX_COUNTER, 2), "2 counters from 18446744073709551615"),
        (lambda: anyhow.series(THREE, -1, 2), "2 counters from -1"),
        (lambda: anyhow.series(THREE, 0, -1), "-1 counters from 0"),
        (lambda: anyhow.prepare(RFC), "put a single one into a list"),
        (lambda: anyhow.prepare([RFC, "text"]), "a sequence of bytes or Secret"),
        (lambda: anyhow.prepare(np.zeros((2, 20))), "secrets as float64"),
        (lambda: anyhow.prepare(np.zeros(20, np.uint8)), r"shape \(20,\)"),
        (lambda: anyhow.prepare([RFC], Algorithm.SHA512), "arrays are computed by SHA1 and SHA256"),
    ],
)
def test_what_can_not_be(call: Callable[[], Any], message: str) -> None:
    """What was given is said, and what is allowed; nothing is cut to fit."""
    with pytest.raises(UsageError, match=message):
        call()
