"""Two cases side by side."""

from hosttools.cases import compare, take
from tests.hosttools.cases.scene import EVENT, TIME, Scene


def test_same_history(busy: Scene) -> None:
    """Two cases of one history differ in their made-up secrets, which don't count."""
    first, second = take(busy.bench), take(busy.bench, title="another")
    assert first.keys != second.keys
    found = compare(first, second)
    assert (True, {}) == (found.same, found.kinds)


def test_one_press_more(scene: Scene) -> None:
    """The first record that only one of them has is named, and how many more it has."""
    scene.code()
    first = take(scene.bench, [EVENT])
    scene.code()
    found = compare(first, take(scene.bench, [EVENT]))
    assert not found.same
    assert not found.same_end
    assert found.first_difference is not None
    assert "nothing" == found.first_difference.expected
    assert (1, 2) == found.kinds["lit"]


def test_other_tokens(scene: Scene) -> None:
    """Tokens that only one of them has are told."""
    found = compare(take(scene.bench, [EVENT]), take(scene.bench, [TIME]))
    assert ((EVENT,), (TIME,)) == (found.only_in_first, found.only_in_second)
