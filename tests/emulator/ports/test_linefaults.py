"""Which line faults there can be."""

from collections.abc import Callable

import pytest

from emulator.errors import UsageError
from emulator.ports.linefaults import CutLine, DelayAnswers, DropBytes, GarbleBytes, LineFault


@pytest.mark.parametrize(
    "make",
    [
        lambda: DropBytes(count=0),
        lambda: GarbleBytes(count=0),
        lambda: GarbleBytes(count=1, mask=0),
        lambda: GarbleBytes(count=1, mask=256),
        lambda: DelayAnswers(by_ns=0),
        lambda: DelayAnswers(by_ns=1, count=0),
        lambda: CutLine(for_ns=0),
    ],
)
def test_an_impossible_fault_is_refused(make: Callable[[], LineFault]) -> None:
    """Before it is anywhere; the error says what is allowed."""
    with pytest.raises(UsageError, match="give"):
        make()
