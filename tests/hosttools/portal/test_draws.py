"""What is drawn by chance."""

import pytest

from hosttools.portal.draws import Draws, SeededDraws, SystemDraws


@pytest.mark.parametrize("draws", [SystemDraws(), SeededDraws(3)])
def test_draws(draws: Draws) -> None:
    """Digits keep their zeros; bytes and tokens are as many as asked for."""
    digits = {draws.digits(6) for _ in range(200)}

    assert {6} == {len(text) for text in digits}
    assert any(text.startswith("0") for text in digits)
    assert (16, True) == (len(draws.bytes(16)), len(draws.token(32)) >= 43)


def test_a_seed_repeats() -> None:
    """The same seed, the same chance; another, another."""
    one, two, other = SeededDraws(1), SeededDraws(1), SeededDraws(2)

    assert one.token(8) == two.token(8) != other.token(8)
    assert one.digits(6) == two.digits(6)
