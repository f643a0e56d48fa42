"""What is known of a token decides where it is expected; what can't be is refused."""

from dataclasses import replace

import pytest

from firmware_model.oath import Secret
from hosttools.diagnosis import subjects
from hosttools.errors import UsageError
from hosttools.manufacture import config_of
from hosttools.refserver import Record
from hosttools.seedfiles import SeedRecord
from tests.hosttools.diagnosis.ward import EVENT, NOW_NS, STEP, TIME

Seeds = dict[str, SeedRecord]


def test_by_the_seed_file(seeds: Seeds) -> None:
    """Without a server, an event token is expected where its seed file says; it is not certain."""
    seed = replace(seeds[EVENT], counter=120)
    (subject,) = subjects([seed], [NOW_NS], ["123456"])
    assert ((120,), False) == (subject.anchors, subject.certain)


def test_by_the_server(seeds: Seeds) -> None:
    """A server's record says better; another secret in it is seen."""
    record = Record.of_token(config_of(seeds[EVENT]))
    told = replace(record, next_factor=55, secret=Secret(b"x" * 20))
    (subject,) = subjects([seeds[EVENT]], [NOW_NS], ["123456"], server={EVENT: told})
    assert ((55,), True, True) == (subject.anchors, subject.certain, subject.reseeded)


def test_by_the_time(seeds: Seeds) -> None:
    """A time token is expected in the step of each code, plus the drift that is known."""
    seed = replace(seeds[TIME], drift_steps=3)
    (subject,) = subjects([seed], [NOW_NS, NOW_NS + 30 * 10**9], ["123456", "234567"])
    assert (STEP + 3, STEP + 4) == subject.anchors


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ([], "0 codes"),
        (["1"] * 9, "9 codes"),
        (["12a456"], "other characters"),
        (["١٢٣٤٥٦"], "other characters"),
        ([""], "other characters"),
        (["123456", "12345"], "equally many"),
        (["12345"], "left out"),
    ],
)
def test_no_codes(seeds: Seeds, typed: list[str], complaint: str) -> None:
    """What is no code of the token is refused, without repeating it."""
    with pytest.raises(UsageError, match=complaint) as caught:
        subjects([seeds[EVENT]], [NOW_NS], typed)
    assert not any(code and len(code) > 1 and code in str(caught.value) for code in typed)


def test_what_does_not_go_together(seeds: Seeds) -> None:
    """A counter is of one event token; times are one, or one for each code, in order."""
    with pytest.raises(UsageError, match="--serial"):
        subjects(list(seeds.values()), [NOW_NS], ["123456"], counter=1)
    with pytest.raises(UsageError, match="time token"):
        subjects([seeds[TIME]], [NOW_NS], ["123456"], counter=1)
    with pytest.raises(UsageError, match="2 times for 1 codes"):
        subjects([seeds[TIME]], [NOW_NS] * 2, ["123456"])
    with pytest.raises(UsageError, match="in order"):
        subjects([seeds[TIME]], [NOW_NS, NOW_NS - 1], ["123456"] * 2)
