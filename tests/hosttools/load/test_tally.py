"""What went wrong is counted in full, told in part, and added up."""

from hosttools.load.person import Told
from hosttools.load.referee import Wrong
from hosttools.load.tally import TOLD, Tally

WRONG = Wrong("GALH00000001", "verify counter 1", "replayed", "accepted", (), 5)


def test_parts_add_up() -> None:
    """What two workers took from theirs, the master has; nothing is entered twice."""
    whole, parts = Tally(), (Tally(), Tally())
    for _ in range(2):
        for part in parts:
            part.add(Told("verify", "accepted", 0.1, wrong=WRONG))
            part.add(Told("verify", "no answer", 0.1, error="the line broke"))
            part.add(Told("verify", "accepted", 0.1))
            whole.merge(part.take())

    assert 4 == whole.wrong == len(whole.told)
    assert WRONG.as_dict() == whole.told[0]
    assert {"the line broke": 4} == whole.errors


def test_the_rest_is_counted() -> None:
    """Thousands of wrong verdicts and kinds of errors fill no memory."""
    tally = Tally()
    for number in range(10 * TOLD):
        tally.add(Told("verify", "accepted", 0.1, f"error {number}", WRONG))

    assert 10 * TOLD == tally.wrong == tally.errors.total()
    assert TOLD == len(tally.told)
    assert len(tally.errors) < TOLD
