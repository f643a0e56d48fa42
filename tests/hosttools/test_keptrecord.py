"""What a server keeps of a token, as text."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.oath import Secret
from firmware_model.profile import TokenType
from hosttools.errors import StateError
from hosttools.keptrecord import kept_text, read_kept
from hosttools.refserver import Policy, Record, Status

SECRET = Secret(b"12345678901234567890")
RECORD = Record(
    serial="GALH00004226",
    token_type=TokenType.EVENT,
    secret=SECRET,
    status=Status.LOCKED,
    next_factor=2**64,
    failures=3,
    form_mark="ab",
)
TEXT = kept_text(RECORD, Policy(look_ahead=7))


def test_round_trip() -> None:
    """All comes back but the mark of the last form, of which there is only that there is one."""
    kept = read_kept(TEXT, SECRET)
    assert dataclasses.replace(RECORD, form_mark="") == kept.record
    assert (Policy(look_ahead=7), True) == (kept.policy, kept.form)


def test_no_secret() -> None:
    """The text holds neither the secret nor the mark."""
    assert SECRET.reveal().hex() not in TEXT
    assert '"ab"' not in TEXT


@pytest.mark.parametrize(
    "change",
    [{"next_factor": "1"}, {"status": "lost"}, {"policy": {}}, {"form": 1}, {"more": 1}],
)
def test_refuses(change: dict[str, object]) -> None:
    """What no server keeps is refused."""
    with pytest.raises(StateError):
        read_kept(json.dumps(json.loads(TEXT) | change), SECRET)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from([*json.loads(TEXT)]), inner)
        ),
    )
)
def test_anything(data: object) -> None:
    """Any other JSON is refused, with one error."""
    with pytest.raises(StateError):
        read_kept(json.dumps(data), SECRET)
