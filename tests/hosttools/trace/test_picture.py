"""The picture shows what happens and leaves out what lies between."""

import pytest

from firmware_model.profile import SECOND
from hosttools.errors import UsageError
from hosttools.trace import Sample, timeline
from hosttools.trace.picture import MAX_STRETCHES


def test_half_a_minute_is_left_out(samples: list[Sample]) -> None:
    """A press and the dark half a minute later fit into one picture."""
    width, height = timeline(samples, "title").size

    assert 1_000 < width < 2_000
    assert 300 < height < 1_000


def test_same_trace_same_picture(samples: list[Sample]) -> None:
    """Nothing but the trace is in it."""
    assert timeline(samples, "title").tobytes() == timeline(samples, "title").tobytes()


def test_a_row_of_bars_where_there_are_some(samples: list[Sample]) -> None:
    """A token without time bars has no row for them."""
    with_bars = [*samples[:-1], samples[-1]._replace(bars=1)]

    assert timeline(samples, "").height < timeline(with_bars, "").height


@pytest.mark.parametrize("count", [1, 2])
def test_nothing_happens(samples: list[Sample], count: int) -> None:
    """A trace without a change has a picture too."""
    still = [samples[0], samples[0]._replace(at_ns=samples[0].at_ns + SECOND)][:count]

    assert timeline(still, "title").width > 0


def test_too_much(samples: list[Sample]) -> None:
    """What nobody could read is refused."""
    many = [
        samples[0]._replace(at_ns=samples[0].at_ns + number * SECOND, contact=bool(number % 2))
        for number in range(MAX_STRETCHES + 2)
    ]
    with pytest.raises(UsageError, match="VCD or CSV"):
        timeline(many, "title")
