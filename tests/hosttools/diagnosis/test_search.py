"""Codes are found where they are."""

from firmware_model.nvm import configure
from firmware_model.oath import Algorithm, Key, Secret, hotp
from firmware_model.products import GALH
from hosttools.diagnosis.search import Place, find

PLACES = [
    Place(configure("GALH00000001", GALH, Secret(b"1" * 20)), range(40)),
    Place(
        configure("GALH00000002", GALH, Secret(b"2" * 32), algorithm=Algorithm.SHA256), range(40)
    ),
    Place(configure("GALH00000003", GALH, Secret(b"3" * 20)), range(7, 90)),
]
WANTED = [
    hotp(Key(place.config.secret, place.config.algorithm), n)
    for place, n in zip(PLACES, (3, 39, 88), strict=True)
]


def test_each_is_found() -> None:
    """Every code is found where it is, whatever the hash."""
    found = find(PLACES, WANTED)
    assert [[3], [39], [88]] == [found[i][code] for i, code in enumerate(WANTED)]
