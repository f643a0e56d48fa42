"""A twin shows what the real token shows next, and is made of no other."""

from pathlib import Path

import pytest

from emulator.bench import Bench
from emulator.clock import VirtualClock
from emulator.statedir import StateDir
from firmware_model.profile import SECOND
from hosttools.diagnosis import make_twin, predict
from hosttools.errors import HostError, UsageError
from tests.hosttools.diagnosis.ward import EVENT, NOW_NS, STEP, TIME, Ask, Codes

DAY_NS = 86_400 * SECOND


def _pressed(directory: Path, serial: str, after_ns: int = 0) -> str | None:
    """Return what a press of the twin shows, so much later."""
    with StateDir(directory) as store:
        assert store.now_ns == NOW_NS
        bench = Bench(VirtualClock(NOW_NS), store=store)
        try:
            bench.load(serial)
            bench.advance(after_ns)
            result = bench.press(serial).result
        finally:
            bench.close()
    assert result is not None
    return result.code


def test_event(ask: Ask, codes: Codes, tmp_path: Path) -> None:
    """The twin of an event token shows the code after the last one."""
    best = ask(EVENT, codes(EVENT, 57, 58)).best
    make_twin(best, [NOW_NS], tmp_path / "twin")
    assert codes(EVENT, 59) == [_pressed(tmp_path / "twin", EVENT)]


def test_time(ask: Ask, codes: Codes, tmp_path: Path) -> None:
    """The twin of a time token is in its step, and drifts on as fast."""
    best = ask(TIME, codes(TIME, STEP + 5, STEP + 6)).best
    make_twin(best, [NOW_NS], tmp_path / "twin", NOW_NS - 195 * DAY_NS)  # a second a day
    later = codes(TIME, STEP + (300 * DAY_NS // SECOND + 195 + 300) // 30)
    assert later == [_pressed(tmp_path / "twin", TIME, 300 * DAY_NS)]


def test_predicted(ask: Ask, codes: Codes) -> None:
    """Digits are told on demand; a repr has none."""
    coming = predict(ask(EVENT, codes(EVENT, 57, 58)).best, [NOW_NS], 3)
    assert codes(EVENT, 59, 60, 61) == [one.code for one in coming]
    assert not any(one.code in repr(one) for one in coming)


def test_predicted_steps(ask: Ask, codes: Codes) -> None:
    """A time token's next code comes with the time at which its own clock gets there."""
    coming = predict(ask(TIME, codes(TIME, STEP + 5, STEP + 6)).best, [NOW_NS], 1)
    assert codes(TIME, STEP + 7) == [one.code for one in coming]
    assert NOW_NS + 15 * SECOND == coming[0].from_ns


@pytest.mark.parametrize("factors", [(57,), (57, 900_000)])
def test_not_sure_enough(ask: Ask, codes: Codes, factors: tuple[int, ...], tmp_path: Path) -> None:
    """One code, or one that fits nothing, makes no twin, and nothing is written."""
    best = ask(EVENT, codes(EVENT, *factors)).best
    with pytest.raises(UsageError, match="press it again"):
        make_twin(best, [NOW_NS], tmp_path / "twin")
    assert not (tmp_path / "twin").exists()


def test_of_nothing(ask: Ask) -> None:
    """Codes of no token have no twin."""
    with pytest.raises(UsageError, match="nothing to be twin of"):
        predict(ask(EVENT, ["000000", "111111"]).best, [NOW_NS], 1)


def test_never_over_another(ask: Ask, codes: Codes, tmp_path: Path) -> None:
    """A token that is kept already is not replaced; foreign folders are left alone."""
    best = ask(EVENT, codes(EVENT, 57, 58)).best
    make_twin(best, [NOW_NS], tmp_path / "twin")
    with pytest.raises(UsageError, match="already"):
        make_twin(best, [NOW_NS], tmp_path / "twin")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear all")
    with pytest.raises(HostError, match=r"letter\.txt"):
        make_twin(best, [NOW_NS], tmp_path / "mine")


@pytest.mark.parametrize("count", [0, 101])
def test_too_many(ask: Ask, codes: Codes, count: int) -> None:
    """A number of codes out of range is refused."""
    with pytest.raises(UsageError, match="allowed are 1 to 100"):
        predict(ask(EVENT, codes(EVENT, 57, 58)).best, [NOW_NS], count)
