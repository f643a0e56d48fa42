"""Which counters or steps give a code, of one token or of a hundred thousand."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from firmware_model.nvm import Config
from hosttools import kernel


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
    for algorithm in dict.fromkeys(place.config.algorithm for place in places):
        own = [i for i, place in enumerate(places) if place.config.algorithm is algorithm]
        secrets = [places[i].config.secret for i in own]
        spans = [places[i].span for i in own]
        for match in kernel.matches(secrets, spans, digits, texts.keys(), algorithm):
            found[own[match.key]][texts[match.code]].append(match.factor)
    return dict(sorted(found.items()))
