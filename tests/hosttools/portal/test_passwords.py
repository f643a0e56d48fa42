"""Hashes of passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.errors import StateError
from hosttools.portal.draws import SystemDraws
from hosttools.portal.passwords import CHEAP, DEAR, hashed, matches

DRAWS = SystemDraws()


def test_dear_is_dear() -> None:
    """What OWASP's cheat sheet asks of scrypt: N = 2**14, r = 8, p = 5."""
    assert (16_384, 8, 5) == (DEAR.n, DEAR.r, DEAR.p)
    assert matches("a password", hashed("a password", DEAR, DRAWS))


def test_one_password_has_many_hashes() -> None:
    """Each has a salt of its own, and none shows the password."""
    one, other = (hashed("a password", CHEAP, DRAWS) for _ in range(2))

    assert one != other
    assert "password" not in one


@given(secret=st.text(max_size=50), other=st.text(max_size=50))
def test_only_the_password_matches(secret: str, other: str) -> None:
    """Whatever characters it has."""
    kept = hashed(secret, CHEAP, DRAWS)

    assert matches(secret, kept)
    assert (secret == other) == matches(other, kept)


@given(
    kept=st.text() | st.from_regex(r"scrypt\$[0-9]{1,4}\$[0-9]{1,3}\$[0-9]{1,3}\$[!-~]*\$[!-~]*")
)
def test_a_damaged_hash_is_a_state_error(kept: str) -> None:
    """It matches nothing, or is told to be damaged, without its text and without much memory."""
    try:
        assert not matches("a password", kept)
    except StateError as error:
        assert "set the password anew" in str(error)  # noqa: PT017  # raising is allowed
    else:
        assert kept.startswith("scrypt$")


def test_a_costly_hash_is_damage() -> None:
    """Parameters that were never ours are not paid for."""
    with pytest.raises(StateError, match="damaged"):
        matches("x", "scrypt$1073741824$8$1$AAAA$AAAA")
