"""The NVM image byte for byte, torn and damaged slots, and what power-on makes of them."""

import dataclasses
import struct
from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import IdentifierError, ImageError, ProfileError
from firmware_model.nvm import (
    FACTORY_SIZE,
    IMAGE_SIZE,
    SLOT_A,
    SLOT_B,
    SLOT_SIZE,
    Config,
    Recovery,
    configure,
    decode_slot,
    encode_slot,
    new_image,
    read_config,
    recover,
)
from firmware_model.oath import MAX_COUNTER, Algorithm, Secret
from firmware_model.products import GALH, GALT, PROFILES
from firmware_model.profile import TokenType

RAW = bytes(range(20))
EVENT = configure("GALH00000042", GALH, Secret(RAW), first_counter=7)
TIME = configure(
    "GALT00000042",
    GALT,
    Secret(RAW * 3),
    algorithm=Algorithm.SHA256,
    digits=8,
    step_s=60,
    t0_s=-1,
)
BROKEN = b"\xff" * SLOT_SIZE
NUMBERS = st.integers(0, MAX_COUNTER)


def field(image: bytes, offset: int, size: int) -> bytes:
    """Cut a field out of an image."""
    return image[offset : offset + size]


def with_crc(record: bytes) -> bytes:
    """Put the right CRC behind 188 bytes, and two slots behind that."""
    return record + crc32(record).to_bytes(4, "big") + encode_slot(0, 0) * 2


def test_factory_record_of_an_event_token() -> None:
    """The factory record is laid out as the module says, byte for byte."""
    image = new_image(EVENT)
    assert 256 == len(image) == IMAGE_SIZE
    assert b"GALHNVM\0" == field(image, 0x00, 8)
    assert b"\0\1" == field(image, 0x08, 2)
    assert b"\1\1\6\x14" == field(image, 0x0A, 4)  # event, SHA1, 6 digits, 20 bytes
    assert b"\0\0" == field(image, 0x0E, 2)
    assert b"\0\0\0\x1e" == field(image, 0x10, 4)
    assert bytes(8) == field(image, 0x14, 8)
    assert b"\0\0\0\0\0\0\0\7" == field(image, 0x1C, 8)
    assert b"GALH00000042" + bytes(12) == field(image, 0x24, 24)
    assert b"GALH" + bytes(12) == field(image, 0x3C, 16)
    assert RAW + bytes(44) == field(image, 0x4C, 64)
    assert bytes(48) == field(image, 0x8C, 48)
    assert crc32(image[:0xBC]).to_bytes(4, "big") == field(image, 0xBC, 4)


def test_factory_record_of_a_time_token() -> None:
    """Type, algorithm, digits, step and a signed T0 have their places."""
    image = new_image(TIME)
    assert b"\2\2\x08\x3c" == field(image, 0x0A, 4)  # time, SHA256, 8 digits, 60 bytes
    assert b"\0\0\0\x3c" == field(image, 0x10, 4)
    assert b"\xff" * 8 == field(image, 0x14, 8)


def test_slots_of_a_new_token() -> None:
    """A new token has its first counter in both slots, at no commits."""
    image = new_image(EVENT)
    body = b"CNTR" + struct.pack(">QQQ", 0, 7, 0)
    slot = body + crc32(body).to_bytes(4, "big")
    assert 32 == SLOT_SIZE == len(slot)
    assert slot == image[0xC0:0xE0] == image[SLOT_A:SLOT_B]
    assert slot == image[0xE0:] == image[SLOT_B:]


@pytest.mark.parametrize("config", [EVENT, TIME])
def test_config_round_trip(config: Config) -> None:
    """What is burnt is read back."""
    assert config == read_config(new_image(config))


@given(
    raw=st.binary(min_size=16, max_size=64),
    algorithm=st.sampled_from(Algorithm),
    digits=st.integers(6, 8),
    step_s=st.integers(1, 86_400),
    t0_s=st.integers(-(2**62), 2**62),
    first_counter=st.integers(0, MAX_COUNTER - 1),
    serial=st.text("ABCXYZ019", min_size=1, max_size=24),
)
def test_any_config_round_trip(
    *,
    raw: bytes,
    algorithm: Algorithm,
    digits: int,
    step_s: int,
    t0_s: int,
    first_counter: int,
    serial: str,
) -> None:
    """Every possible token is read back as it was burnt."""
    config = configure(
        serial,
        GALT,
        Secret(raw),
        algorithm=algorithm,
        digits=digits,
        step_s=step_s,
        t0_s=t0_s,
        first_counter=first_counter,
    )
    assert config == read_config(new_image(config))


def test_settings_come_from_the_profile() -> None:
    """What is not given comes from the profile; what is given wins."""
    config = configure("galh-0000 0042", GALH, Secret(RAW), digits=8)
    assert ("GALH00000042", 8, 30, TokenType.EVENT) == (
        config.serial,
        config.digits,
        config.step_s,
        config.token_type,
    )


def test_impossible_settings() -> None:
    """A setting that no token can have is refused."""
    with pytest.raises(ProfileError, match="digits = 9"):
        configure("GALH00000042", GALH, Secret(RAW), digits=9)
    with pytest.raises(ProfileError, match="first_counter"):
        configure("GALH00000042", GALH, Secret(RAW), first_counter=MAX_COUNTER)
    with pytest.raises(IdentifierError):
        configure("", GALH, Secret(RAW))
    with pytest.raises(IdentifierError, match="write it 'GALH00000042'"):
        dataclasses.replace(EVENT, serial="galh 00000042")


def test_every_flipped_bit_of_the_factory_record_is_seen() -> None:
    """No single bit of the factory record flips unnoticed."""
    image = new_image(EVENT)
    for bit in range(FACTORY_SIZE * 8):
        damaged = bytearray(image)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ImageError):
            read_config(bytes(damaged))


def test_every_flipped_bit_of_a_slot_is_seen() -> None:
    """No single bit of a slot flips unnoticed."""
    slot = encode_slot(41, 42)
    for bit in range(SLOT_SIZE * 8):
        damaged = bytearray(slot)
        damaged[bit // 8] ^= 1 << bit % 8
        assert decode_slot(bytes(damaged)) is None


@given(NUMBERS, NUMBERS)
def test_slot_round_trip(sequence: int, counter: int) -> None:
    """What a slot holds is read back."""
    assert (sequence, counter) == decode_slot(encode_slot(sequence, counter))


@pytest.mark.parametrize("slot", [b"", bytes(32), b"\xff" * 32, encode_slot(1, 1) + b"\0"])
def test_erased_slot(slot: bytes) -> None:
    """An erased slot, or one of another size, holds nothing."""
    assert decode_slot(slot) is None


@pytest.mark.parametrize("written", range(SLOT_SIZE + 1))
@given(counter=st.integers(0, 2**63), sequence=st.integers(1, 2**63))
def test_torn_commit(written: int, counter: int, sequence: int) -> None:
    """A commit torn after any byte loses nothing that was committed, and skips one at most."""
    lower = encode_slot(sequence - 1, counter - 1 if counter else 0)
    higher = encode_slot(sequence, counter)
    commit = encode_slot(sequence + 1, counter + 1)
    torn = commit[:written] + lower[written:]
    found = recover(torn, higher)
    still_old = decode_slot(torn) == decode_slot(lower)
    assert (counter if still_old else counter + 1) == found.counter
    assert found.repair == (decode_slot(torn) is None)


def test_both_slots_valid() -> None:
    """The higher counter wins, and the next commit goes over the lower."""
    low, high = encode_slot(8, 8), encode_slot(9, 9)
    assert Recovery(9, 9, repair=False, older=SLOT_A) == recover(low, high)
    assert Recovery(9, 9, repair=False, older=SLOT_B) == recover(high, low)
    assert Recovery(8, 8, repair=False, older=SLOT_A) == recover(low, low)


def test_unfinished_set_back_keeps_the_higher_counter() -> None:
    """With a lower counter in the newer slot, the next commit spares the higher one."""
    set_back, before = encode_slot(10, 3), encode_slot(9, 9)
    assert Recovery(9, 10, repair=False, older=SLOT_A) == recover(set_back, before)
    assert 10 == recover(BROKEN, before).counter


def test_one_slot_damaged() -> None:
    """The other slot's counter plus one, and the damaged slot is to be repaired."""
    assert Recovery(10, 5, repair=True, older=SLOT_A) == recover(BROKEN, encode_slot(5, 9))
    assert Recovery(10, 5, repair=True, older=SLOT_B) == recover(encode_slot(5, 9), BROKEN)


def test_the_last_counter_is_not_passed() -> None:
    """Plus one never goes past the last counter."""
    spent = encode_slot(5, MAX_COUNTER)
    assert MAX_COUNTER == recover(spent, BROKEN).counter


def test_both_slots_damaged() -> None:
    """No valid slot, no counter."""
    assert Recovery(None, 0, repair=False, older=SLOT_A) == recover(BROKEN, BROKEN)


@given(st.binary(min_size=32, max_size=32), NUMBERS, NUMBERS)
def test_recover_takes_any_bytes(noise: bytes, sequence: int, counter: int) -> None:
    """Whatever one slot holds, the counter is never below the other one's."""
    found = recover(noise, encode_slot(sequence, counter))
    assert found.counter is not None
    assert found.counter >= counter


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({0x00: b"X"}, "does not begin with GALHNVM"),
        ({0x08: b"\0\2"}, "format version 2; this release reads 1"),
        ({0x0A: b"\2"}, "of another token type than profile GALH"),
        ({0x0A: b"\x09"}, "of another token type"),
        ({0x0B: b"\4"}, "algorithm 4; known are 1, 2, 3"),
        ({0x0C: b"\x09"}, "digits = 9"),
        ({0x0D: b"\x09"}, "secret of 9 bytes"),
        ({0x0D: b"\xff"}, "bytes where this format has none"),
        ({0x0D: b"\x10"}, "bytes where this format has none"),
        ({0x0E: b"\2"}, "bytes where this format has none"),
        ({0x10: bytes(4)}, "step_s = 0"),
        ({0x24: b"galh"}, "write it 'GALH00000042'"),
        ({0x24: b"\0"}, "allowed are the letters"),
        ({0x3C: b"GALX"}, "profile b'GALX'; known are .*: pass the profile's file"),
        ({0x8C: b"\1"}, "bytes where this format has none"),
    ],
)
def test_impossible_image(change: dict[int, bytes], complaint: str) -> None:
    """A record with a right CRC and an impossible content is refused with the reason."""
    record = bytearray(new_image(EVENT)[: FACTORY_SIZE - 4])
    for offset, data in change.items():
        record[offset : offset + len(data)] = data
    with pytest.raises(ImageError, match=complaint) as caught:
        read_config(with_crc(bytes(record)))
    assert RAW.hex() not in str(caught.value)


@pytest.mark.parametrize("size", [0, 255, 257])
def test_other_sizes(size: int) -> None:
    """An image of another size is refused."""
    with pytest.raises(ImageError, match=f"{size} bytes; one has 256"):
        read_config(bytes(size))


def test_profile_must_be_handed_in() -> None:
    """An image of a custom profile is read with that profile, and refused without."""
    other = dataclasses.replace(GALH, name="OTHER", serial_pattern="X.*")
    config = configure("X1", other, Secret(RAW))
    assert config == read_config(new_image(config), {**PROFILES, "OTHER": other})
    with pytest.raises(ImageError, match="OTHER"):
        read_config(new_image(config))


@pytest.mark.filterwarnings("ignore::firmware_model.errors.ShortSecretWarning")
@given(st.data())
def test_read_config_raises_only_image_error(data: st.DataObject) -> None:
    """Any bytes, even with a right CRC, make a Config or an ImageError."""
    if data.draw(st.booleans()):
        record = bytearray(new_image(EVENT)[: FACTORY_SIZE - 4])
        for _ in range(data.draw(st.integers(0, 3))):
            offset = data.draw(st.integers(8, FACTORY_SIZE - 5))
            record[offset] = data.draw(st.integers(0, 255))
        image = with_crc(bytes(record))
    else:
        image = data.draw(st.binary(max_size=IMAGE_SIZE + 1))
    try:
        config = read_config(image)
    except ImageError:
        return
    assert image[:FACTORY_SIZE] == config.factory_record


def test_secret_stays_out_of_the_repr() -> None:
    """A config's repr does not give the secret away."""
    assert RAW.hex() not in repr(EVENT)
    assert repr(RAW)[2:-1] not in repr(EVENT)
    assert "secret" not in repr(EVENT)
