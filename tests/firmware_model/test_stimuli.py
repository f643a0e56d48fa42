"""Stimuli and effects are plain values; codes stay out of their repr."""

from typing import get_args

import pytest

from firmware_model.stimuli import Effect, Lit, Stimulus

KINDS = [*get_args(Stimulus), *get_args(Effect)]


@pytest.mark.parametrize("kind", KINDS)
def test_time_comes_first(kind: type[tuple[object, ...]]) -> None:
    """Every stimulus and every effect has its bench time as its first field."""
    fields: tuple[str, ...] = getattr(kind, "_fields")  # noqa: B009 (typed as a tuple here)
    assert "at_ns" == fields[0]
    assert kind.__doc__


def test_code_stays_out_of_the_repr() -> None:
    """A lit code has its factor in the repr, and not its digits."""
    lit = Lit(5, "755224", 0)
    for text in (repr(lit), str(lit), f"{lit}", repr([lit])):
        assert "755224" not in text
        assert "factor=0" in text
