"""HOTP and TOTP against the standards' vectors and a second implementation."""

import contextlib
import pickle
import warnings

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import ProfileError, SecretError, ShortSecretWarning
from firmware_model.oath import (
    MAX_COUNTER,
    Algorithm,
    Key,
    Secret,
    code_text,
    hotp,
    key_id,
    time_step,
    totp,
)

RFC = b"12345678901234567890"
SEEDS = {
    Algorithm.SHA1: RFC,
    Algorithm.SHA256: (RFC * 2)[:32],
    Algorithm.SHA512: (RFC * 4)[:64],
}

APPENDIX_D = [
    (0, 0x4C93CF18, 1284755224, "755224"),
    (1, 0x41397EEA, 1094287082, "287082"),
    (2, 0x082FEF30, 137359152, "359152"),
    (3, 0x66EF7655, 1726969429, "969429"),
    (4, 0x61C5938A, 1640338314, "338314"),
    (5, 0x33C083D4, 868254676, "254676"),
    (6, 0x7256C032, 1918287922, "287922"),
    (7, 0x04E5B397, 82162583, "162583"),
    (8, 0x2823443F, 673399871, "399871"),
    (9, 0x2679DC69, 645520489, "520489"),
]
"""RFC 4226 appendix D: count, truncated in hex and in decimal, HOTP."""

APPENDIX_B = [
    (59, 0x1, "94287082", "46119246", "90693936"),
    (1111111109, 0x23523EC, "07081804", "68084774", "25091201"),
    (1111111111, 0x23523ED, "14050471", "67062674", "99943326"),
    (1234567890, 0x273EF07, "89005924", "91819424", "93441116"),
    (2000000000, 0x3F940AA, "69279037", "90698825", "38618901"),
    (20000000000, 0x27BC86AA, "65353130", "77737706", "47863826"),
]
"""RFC 6238 appendix B: time, T, TOTP of eight digits with SHA1, SHA256, SHA512."""

HASHES: dict[Algorithm, type[SHA1 | SHA256 | SHA512]] = {
    Algorithm.SHA1: SHA1,
    Algorithm.SHA256: SHA256,
    Algorithm.SHA512: SHA512,
}
SECRETS = st.binary(min_size=16, max_size=64)
COUNTERS = st.integers(0, MAX_COUNTER)
DIGITS = st.integers(6, 8)
ALGORITHMS = st.sampled_from(Algorithm)


@pytest.mark.parametrize(("count", "in_hex", "decimal", "code"), APPENDIX_D)
def test_rfc_4226_appendix_d(count: int, in_hex: int, decimal: int, code: str) -> None:
    """Truncated values and codes are those of RFC 4226 appendix D."""
    key = Key(Secret(RFC))
    assert in_hex == decimal
    assert decimal == key.truncated(count)
    assert code == hotp(key, count)


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("row", APPENDIX_B)
def test_rfc_6238_appendix_b(algorithm: Algorithm, row: tuple[int, int, str, str, str]) -> None:
    """Steps and codes are those of RFC 6238 appendix B, with the seed of each hash."""
    unix_s, counter, *codes = row
    expected = codes[list(Algorithm).index(algorithm)]
    assert counter == time_step(unix_s)
    assert expected == totp(Key(Secret(SEEDS[algorithm]), algorithm), unix_s, digits=8)


def test_t0_and_step() -> None:
    """Steps are counted from T0, in whole steps of any length."""
    key = Key(Secret(RFC))
    assert hotp(key, 1) == totp(key, 1_000_119, step_s=60, t0_s=1_000_000)
    assert hotp(key, 2) == totp(key, 1_000_120, step_s=60, t0_s=1_000_000)
    assert hotp(key, 9) == totp(key, -91, step_s=1, t0_s=-100)
    assert hotp(key, 0) == totp(key, 86_399, step_s=86_400)


@given(SECRETS, COUNTERS, DIGITS, ALGORITHMS)
def test_agrees_with_cryptography(raw: bytes, counter: int, digits: int, name: Algorithm) -> None:
    """Codes are those of an implementation that shares nothing with ours."""
    other = HOTP(raw, digits, HASHES[name]()).generate(counter).decode()
    assert other == hotp(Key(Secret(raw), name), counter, digits)


@pytest.mark.parametrize("length", [10, 15])
def test_short_secret_warns(length: int) -> None:
    """A secret of 10 to 15 bytes is taken, with a warning that cites RFC 4226."""
    with pytest.warns(ShortSecretWarning, match="RFC 4226 section 4 R6"):
        secret = Secret(bytes(length))
    assert length == len(secret)


@pytest.mark.parametrize("length", [16, 20, 64])
def test_good_secret_does_not_warn(length: int) -> None:
    """A secret of 16 to 64 bytes is taken silently."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bytes(length) == Secret(bytes(length)).reveal()


@pytest.mark.parametrize("length", [0, 9, 65])
def test_impossible_secret(length: int) -> None:
    """Other lengths are refused, saying which are allowed."""
    with pytest.raises(SecretError, match=f"{length} bytes; allowed are 10 to 64"):
        Secret(bytes(length))


def test_from_hex() -> None:
    """A secret is read from hex of either case."""
    assert Secret(RFC) == Secret.from_hex(RFC.hex().upper())


@pytest.mark.parametrize("text", ["abc", "zz" * 20, "\u0663" * 40])
def test_from_hex_refuses(text: str) -> None:
    """What is not hex is refused, without being shown."""
    with pytest.raises(SecretError) as caught:
        Secret.from_hex(text)
    assert text not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.filterwarnings("ignore::firmware_model.errors.ShortSecretWarning")
@given(st.text(max_size=140) | st.text("0123456789abcdef", max_size=140))
def test_from_hex_raises_only_secret_error(text: str) -> None:
    """Any text makes a Secret or a SecretError."""
    with contextlib.suppress(SecretError):
        Secret.from_hex(text)


def test_secret_is_a_value() -> None:
    """Equal bytes make equal secrets with equal hashes."""
    assert Secret(RFC) == Secret(bytes([*RFC]))
    assert hash(Secret(RFC)) == hash(Secret(RFC))
    assert Secret(RFC) != Secret(RFC[::-1])
    assert Secret(RFC) != RFC


def test_secret_is_not_pickled() -> None:
    """Neither a secret nor a key leaves the process by pickle."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(RFC))
    with pytest.raises(TypeError):
        pickle.dumps(Key(Secret(RFC)))


def test_key_id() -> None:
    """A key's id depends on secret and algorithm, and is no plain hash of the secret."""
    ids = {key_id(Secret(raw), name) for raw in SEEDS.values() for name in Algorithm}
    assert 9 == len(ids)
    assert {16} == {len(name) for name in ids}
    assert key_id(Secret(RFC), Algorithm.SHA1) == Key(Secret(RFC)).key_id


def test_key_is_reusable() -> None:
    """Computing a code leaves the prepared key as it was."""
    key = Key(Secret(RFC))
    assert hotp(key, 7) == hotp(key, 7)


@pytest.mark.parametrize("digits", [5, 9, 0, -6])
def test_impossible_digits(digits: int) -> None:
    """Fewer than 6 or more than 8 digits are refused."""
    with pytest.raises(ProfileError, match=f"{digits} digits; allowed are 6 to 8"):
        hotp(Key(Secret(RFC)), 0, digits)


@pytest.mark.parametrize("counter", [-1, MAX_COUNTER + 1])
def test_impossible_counter(counter: int) -> None:
    """A counter that 8 bytes can't hold is refused."""
    with pytest.raises(ProfileError, match="allowed are 0 to"):
        hotp(Key(Secret(RFC)), counter)


def test_impossible_times() -> None:
    """A step below a second, or a time before T0, is refused."""
    with pytest.raises(ProfileError, match="time step of 0 s"):
        time_step(0, 0)
    with pytest.raises(ProfileError, match="before T0"):
        time_step(99, 30, 100)


def test_leading_zeros_stay() -> None:
    """A code keeps its leading zeros."""
    assert "000007" == code_text(1_000_007, 6)
    assert "01000007" == code_text(1_000_007, 8)
