"""The server's own HOTP and TOTP."""

import ast
import dataclasses
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.oath import Algorithm, Key, Secret, hotp
from firmware_model.profile import TokenType
from hosttools.refserver import Kind, Policy, Record, Status, codes, verify
from hosttools.refserver.codes import Codes, complaint

SECOND = 1_000_000_000
RFC_4226_D = (
    "755224", "287082", "359152", "969429", "338314",
    "254676", "287922", "162583", "399871", "520489",
)  # fmt: skip
RFC_6238_TIMES = (59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000)
RFC_6238_B = {
    Algorithm.SHA1: (20, "94287082 07081804 14050471 89005924 69279037 65353130"),
    Algorithm.SHA256: (32, "46119246 68084774 67062674 91819424 90698825 77737706"),
    Algorithm.SHA512: (64, "90693936 25091201 99943326 93441116 38618901 47863826"),
}


def test_rfc_4226_appendix_d(event: Record) -> None:
    """The ten codes of RFC 4226 appendix D are accepted in turn."""
    record = dataclasses.replace(event, next_factor=0)
    factors = []
    for text in RFC_4226_D:
        record, verdict = verify(record, Policy(), text, 0)
        factors.append(verdict.factor)

    assert list(range(10)) == factors


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("number", range(6))
def test_rfc_6238_appendix_b(algorithm: Algorithm, number: int) -> None:
    """The codes of RFC 6238 appendix B are accepted at their times, not off by a step."""
    length, texts = RFC_6238_B[algorithm]
    record = Record(
        serial="GALT00000042",
        token_type=TokenType.TIME,
        secret=Secret((b"1234567890" * 7)[:length]),
        algorithm=algorithm,
        digits=8,
        status=Status.ACTIVE,
    )

    _, verdict = verify(
        record,
        Policy(steps_back=0, steps_forward=0),
        texts.split()[number],
        RFC_6238_TIMES[number] * SECOND,
    )

    assert (verdict.kind, verdict.distance) == (Kind.ACCEPTED, 0)


def test_t0_moves_the_steps(timed: Record, code: Callable[[int], str]) -> None:
    """With T0 = 1000 s and a step of 60 s, step 3 is from 1180 s on."""
    record = dataclasses.replace(timed, t0_s=1000, step_s=60)
    policy = Policy(steps_back=0, steps_forward=0)

    kinds = [verify(record, policy, code(3), s * SECOND)[1].kind for s in (1179, 1180, 1239, 1240)]

    assert kinds == [Kind.OUT_OF_SYNC, Kind.ACCEPTED, Kind.ACCEPTED, Kind.OUT_OF_SYNC]


def test_before_t0_nothing_is_valid(timed: Record, code: Callable[[int], str]) -> None:
    """A server clock before T0 accepts no code and does not crash."""
    record = dataclasses.replace(timed, t0_s=10**9)

    assert verify(record, Policy(), code(0), 0)[1].kind == Kind.INVALID


@given(
    raw=st.binary(min_size=10, max_size=64),
    algorithm=st.sampled_from(Algorithm),
    digits=st.integers(6, 8),
    factor=st.integers(0, 2**64 - 1),
)
def test_agrees_with_the_token(raw: bytes, algorithm: Algorithm, digits: int, factor: int) -> None:
    """For any secret, hash, number of digits and counter, server and token agree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # short secrets are meant here
        secret = Secret(raw)
    record = Record(
        serial="GALH00000042",
        token_type=TokenType.EVENT,
        secret=secret,
        algorithm=algorithm,
        digits=digits,
    )
    shown = hotp(Key(secret, algorithm), factor, digits)

    assert ([factor],) == Codes(record).search((range(factor, factor + 1),), shown)


def test_search_leaves_out_impossible_factors(event: Record, code: Callable[[int], str]) -> None:
    """Below 0 and past 2**64 - 1 there are no codes to look for."""
    spans = (range(-5, 2), range(2**64 - 1, 2**64 + 9))

    assert Codes(event).search(spans, code(0), code(2**64 - 1)) == ([0], [2**64 - 1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "1234567",
        "12345 ",
        "+12345",
        "12 456",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "\u0660\u0661\u0662\u0663\u0664\u0665",
        "12345\u00b2",
        "9" * 10**6,
    ],
)
def test_complaint_names_what_is_wrong(text: str) -> None:
    """A malformed code has a complaint that doesn't show it."""
    found = complaint(text, 6)

    assert found
    assert not text or text not in found


def test_leading_zeros_matter() -> None:
    """Six digits are six digits: a code without its leading zero is malformed."""
    assert (complaint("012345", 6), complaint("12345", 6)) == ("", "5 characters in place of 6")


def test_shares_no_code_with_the_token() -> None:
    """The server takes types and limits from the token model's oath, and no way to compute."""
    taken = {
        alias.name
        for source in Path(codes.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "firmware_model.oath"
        for alias in node.names
    }

    assert taken == {"Algorithm", "Secret", "MAX_COUNTER", "MIN_DIGITS", "MAX_DIGITS"}
