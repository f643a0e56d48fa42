"""A new token, and its seed's way to the server."""

import dataclasses

import pytest

from firmware_model.oath import Key, hotp
from firmware_model.products import GALH
from hosttools.manufacture import config_of
from hosttools.portal import Portal
from hosttools.portal.draws import SeededDraws
from hosttools.portal.spares import delivery
from hosttools.refserver import Record
from hosttools.refserver.intake import record_of_seed
from hosttools.seedfiles import SeedFileError

KEY = bytes(range(16))


def test_a_new_token_is_a_galh(portal: Portal) -> None:
    """With 20 bytes of secret and a serial number of eight digits, no zero first."""
    seed = delivery.new_token(portal)

    assert GALH is config_of(seed).profile
    assert 20 == len(seed.secret)
    assert seed.practice
    assert seed.serial[4] in "123456789"


def test_no_number_comes_twice(portal: Portal) -> None:
    """Neither one that the server knows, nor one that it knew."""
    kept, removed = (_drawn(portal, seed) for seed in (5, 6))
    portal.tokens.remove(removed)

    for seed, taken in ((5, kept), (6, removed)):
        portal.draws = SeededDraws(seed)
        assert taken != delivery.new_token(portal).serial


def test_the_file_gives_nothing_away(portal: Portal) -> None:
    """It is PSKC that names the token; neither its secret nor its key is in it."""
    seed = delivery.new_token(portal)
    file = delivery.packed(seed, KEY)

    assert b"KeyContainer" in file
    assert seed.serial.encode() in file
    for secret in (seed.secret.reveal(), KEY):
        assert secret not in file
        assert secret.hex().encode() not in file.lower()
    assert seed == delivery.unpacked(file, "order-1.pskc.xml", KEY)


@pytest.mark.parametrize(("cut", "key"), [(0, bytes(16)), (200, KEY)])
def test_a_wrong_key_or_file_is_told(portal: Portal, cut: int, key: bytes) -> None:
    """Nothing of it is taken in."""
    file = delivery.packed(delivery.new_token(portal), KEY)
    file = file[: len(file) - cut]
    with pytest.raises(SeedFileError, match=r"order-1\.pskc\.xml"):
        delivery.unpacked(file, "order-1.pskc.xml", key)


def test_the_key_is_agreed_on_once(portal: Portal) -> None:
    """It is the same for each file, and another one than what signs the log."""
    with portal.db.write() as at:
        first, second = (delivery.transport_key(portal, at) for _ in range(2))

    assert first == second
    assert 16 == len(first)
    assert first not in portal.signer.private


def test_the_fob_has_what_the_server_knows(portal: Portal) -> None:
    """Its codes are those of the seed, from the first one on."""
    seed = delivery.new_token(portal)
    fob = delivery.fob_of(dataclasses.replace(record_of_seed(seed), next_factor=7))

    assert config_of(seed) == fob
    assert hotp(Key(seed.secret), 0) == hotp(Key(fob.secret), fob.first_counter)


def _drawn(portal: Portal, seed: int) -> str:
    """Enrol what a seed of chance draws first."""
    portal.draws = SeededDraws(seed)
    record: Record = record_of_seed(delivery.new_token(portal))
    portal.tokens.enrol(record, 0)
    return record.serial
