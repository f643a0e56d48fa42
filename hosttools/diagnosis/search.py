"""Which counters or steps give a code, of one token or of a hundred thousand.

Long searches take NumPy if it is there (extra ``fleet``): twice to three times as fast,
from raw keys too. Without it they are only slower.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from firmware_model.nvm import Config
from firmware_model.oath import Algorithm, Key

WORTH: Final = 200_000
"""Codes from which a search is faster with NumPy, whose import takes 0.1 s."""


class Place(NamedTuple):
    """Where to look: a token and a span of its factors."""

    config: Config
    span: range


Found = Mapping[int, Mapping[str, list[int]]]
"""Of each place, by its index, the factors of each code; places without any are left out."""


def find(places: Sequence[Place], wanted: Collection[str]) -> Found:
    """Find the factors whose codes are wanted.

    Args:
        places: where to look; tokens with as many digits as the codes have.
        wanted: codes, all of the same length.
    """
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    texts = {int(code): code for code in wanted}
    digits = len(next(iter(wanted)))
    by_numpy = [i for i, p in enumerate(places) if p.config.algorithm is Algorithm.SHA1]
    if sum(len(places[i].span) for i in by_numpy) < WORTH or not _numpy():
        by_numpy = []
    elif by_numpy:
        from hosttools.diagnosis import lanes  # noqa: PLC0415  # NumPy, and only where it pays

        secrets = [places[i].config.secret.reveal() for i in by_numpy]
        spans = [places[i].span for i in by_numpy]
        for match in lanes.matches(secrets, spans, 10**digits, texts.keys()):
            found[by_numpy[match.key]][texts[match.code]].append(match.factor)
    for i in sorted(set(range(len(places))) - set(by_numpy)):
        for factor, code in _matches(places[i], 10**digits, texts.keys()):
            found[i][texts[code]].append(factor)
    return found


def _matches(place: Place, modulus: int, wanted: Collection[int]) -> Iterator[tuple[int, int]]:
    truncated = Key(place.config.secret, place.config.algorithm).truncated
    for factor in place.span:
        if (code := truncated(factor) % modulus) in wanted:
            yield factor, code


def _numpy() -> bool:
    try:
        import numpy as np  # noqa: F401, PLC0415  # only whether it is there
    except ImportError:
        return False
    return True
