"""What is expected of the reference server is what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.oath import Key, Secret, hotp
from firmware_model.profile import SECOND, TokenType
from hosttools.recipes.expectation import code_kind, pair_kind
from hosttools.refserver import Kind, Policy, Record, Status, resync, verify

SECRET = Secret(b"12345678901234567890")
KEY = Key(SECRET)
POLICY = Policy(look_ahead=3, look_back=4, resync_window=9, resync_steps=9)
AT = 1_000
NEAR = st.integers(-15, 15)


def _record(*, timed: bool) -> Record:
    return Record(
        serial="GALT00000042",
        token_type=TokenType.TIME if timed else TokenType.EVENT,
        secret=SECRET,
        digits=8,
        status=Status.ACTIVE,
        next_factor=AT - 500 if timed else AT,
    )


@given(distance=NEAR, timed=st.booleans())
def test_code(distance: int, timed: bool) -> None:  # noqa: FBT001  # hypothesis hands it over
    """A code, at every distance and on either side of each window's edge."""
    code = hotp(KEY, AT + distance, 8)
    _, verdict = verify(_record(timed=timed), POLICY, code, AT * 30 * SECOND)

    assert code_kind(distance, POLICY, timed=timed) is verdict.kind


@given(distance=NEAR.filter(lambda d: d not in {-4, -5}), timed=st.booleans())
def test_pair(distance: int, timed: bool) -> None:  # noqa: FBT001  # hypothesis hands it over
    """Two codes in a row; at the edge of the look-back one of them is too old to tell."""
    pair = hotp(KEY, AT + distance, 8), hotp(KEY, AT + distance + 1, 8)
    _, verdict = resync(_record(timed=timed), POLICY, *pair, AT * 30 * SECOND)

    assert pair_kind(distance, POLICY, timed=timed) is verdict.kind


@pytest.mark.parametrize(
    ("distance", "kind"),
    [
        (-101, Kind.INVALID),
        (-100, Kind.REPLAYED),
        (-1, Kind.REPLAYED),
        (0, Kind.ACCEPTED),
        (10, Kind.ACCEPTED),
        (11, Kind.OUT_OF_SYNC),
        (1000, Kind.OUT_OF_SYNC),
        (1001, Kind.INVALID),
    ],
)
def test_default_windows(distance: int, kind: Kind) -> None:
    """The edges of the default policy."""
    assert kind is code_kind(distance, Policy(), timed=False)
