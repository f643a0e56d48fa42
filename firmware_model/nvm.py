r"""The non-volatile memory, byte for byte, and what a token makes of it at power-on.

An image has :data:`IMAGE_SIZE` bytes, big-endian::

    0x00  factory record (192 bytes), written once
          0x00   8  magic "GALHNVM\0"
          0x08   2  format version (1)
          0x0A   1  token type: 1 event, 2 time
          0x0B   1  algorithm: 1 SHA1, 2 SHA256, 3 SHA512
          0x0C   1  digits
          0x0D   1  length of the secret
          0x0E   2  bit 0: the secret was erased; the rest zero
          0x10   4  time step, seconds
          0x14   8  T0, Unix seconds, signed
          0x1C   8  first counter
          0x24  24  serial number, ASCII, zero-padded
          0x3C  16  profile name, ASCII, zero-padded
          0x4C  64  secret, zero-padded
          0x8C  48  zero
          0xBC   4  CRC-32 of the 188 bytes before
    0xC0  counter slot A (32 bytes)
    0xE0  counter slot B (32 bytes)
          0x00   4  magic "CNTR"
          0x04   8  sequence: how many commits this token has made
          0x0C   8  counter: the next one to be used
          0x14   8  zero
          0x1C   4  CRC-32 of the 28 bytes before

A commit writes the slot with the lower counter, so that a write torn after any
byte leaves the higher one whole. At power-on the highest valid counter wins; if
a slot is damaged, plus one, because the damaged slot may have held a counter
whose code somebody has seen. Slots of 32 bytes divide a page and a sector: a
process killed in the middle of a ``write`` doesn't tear them.
"""

import struct
from binascii import crc32
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from firmware_model.errors import IdentifierError, ImageError, ProfileError
from firmware_model.identifier import normalise
from firmware_model.oath import MAX_COUNTER, Algorithm, Secret, key_id
from firmware_model.products import PROFILES
from firmware_model.profile import SECOND, Profile, TokenType, check_setting

FORMAT_VERSION: Final = 1
FACTORY_SIZE: Final = 192
SLOT_SIZE: Final = 32
SLOT_A: Final = FACTORY_SIZE
SLOT_B: Final = FACTORY_SIZE + SLOT_SIZE
IMAGE_SIZE: Final = FACTORY_SIZE + 2 * SLOT_SIZE

COUNTER_LOW: Final = 0x13
"""Offset of the counter's lowest byte in a slot."""

MAGIC: Final = b"GALHNVM\0"
_FACTORY: Final = struct.Struct(">8sHBBBBHIqQ24s16s64s48s")
_SLOT: Final = struct.Struct(">4sQQQ")
_CRC: Final = struct.Struct(">I")
_SLOT_MAGIC: Final = b"CNTR"
_TYPES: Final = {TokenType.EVENT: 1, TokenType.TIME: 2}
_ALGORITHMS: Final = {Algorithm.SHA1: 1, Algorithm.SHA256: 2, Algorithm.SHA512: 3}
_TYPE_OF: Final = {number: kind for kind, number in _TYPES.items()}
_ALGORITHM_OF: Final = {number: algorithm for algorithm, number in _ALGORITHMS.items()}


@dataclass(frozen=True)
class Config:
    """What the factory burnt into one token, and the profile it behaves by.

    Made by :func:`configure` or :func:`read_config`. The fields are those of
    the factory record above; ``secret`` stays out of the ``repr``, and is zeros once
    it is ``erased``.

    Raises:
        ProfileError: a setting that no token can have.
        IdentifierError: a serial number that can't be one.
    """

    serial: str
    profile: Profile
    secret: Secret = field(repr=False)
    algorithm: Algorithm
    digits: int
    step_s: int
    t0_s: int
    first_counter: int
    erased: bool = False

    def __post_init__(self) -> None:
        if normalise(self.serial) != self.serial:
            raise IdentifierError(
                f"serial number {self.serial!r}; write it {normalise(self.serial)!r}"
            )
        for name in ("digits", "step_s", "t0_s", "first_counter"):
            check_setting(name, getattr(self, name))
        if self.first_counter >= self.last_counter:
            raise ProfileError(
                f"first_counter = {self.first_counter}; profile {self.profile.name} counts to"
                f" {self.last_counter}, so allowed are 0 to {self.last_counter - 1}"
            )

    @property
    def token_type(self) -> TokenType:
        """Event or time, as the profile has it."""
        return self.profile.token_type

    @cached_property
    def last_counter(self) -> int:
        """Where the counter stops: no code is given for it. It never wraps."""
        last: int = 2**self.profile.counter_bits - 1
        if self.profile.max_codes:
            last = min(last, self.first_counter + self.profile.max_codes)
        return last

    @cached_property
    def press_charge(self) -> int:
        """What a press costs until its code lights, nA·ns."""
        profile = self.profile
        writes = profile.token_type is TokenType.EVENT
        return profile.active_na * (profile.compute_ns + profile.commit_ns * writes)

    @cached_property
    def step_ns(self) -> int:
        """The time step in nanoseconds."""
        return self.step_s * SECOND

    @cached_property
    def key_id(self) -> str:
        """The name of the token's key, see :func:`firmware_model.oath.key_id`."""
        return key_id(self.secret, self.algorithm)

    @cached_property
    def factory_record(self) -> bytes:
        """The first 192 bytes of the image. Holds the secret."""
        secret = self.secret.reveal()
        body = _FACTORY.pack(
            MAGIC,
            FORMAT_VERSION,
            _TYPES[self.token_type],
            _ALGORITHMS[self.algorithm],
            self.digits,
            len(secret),
            int(self.erased),
            self.step_s,
            self.t0_s,
            self.first_counter,
            self.serial.encode(),
            self.profile.name.encode(),
            secret,
            b"",
        )
        return body + _CRC.pack(crc32(body))


def configure(
    serial: str,
    profile: Profile,
    secret: Secret,
    *,
    algorithm: Algorithm | None = None,
    digits: int | None = None,
    step_s: int | None = None,
    t0_s: int | None = None,
    first_counter: int | None = None,
) -> Config:
    """Put together a token's settings; what is ``None`` comes from the profile.

    Raises:
        ProfileError: a setting that no token can have.
        IdentifierError: a serial number that can't be one.
    """
    return Config(
        normalise(serial),
        profile,
        secret,
        profile.algorithm if algorithm is None else algorithm,
        profile.digits if digits is None else digits,
        profile.step_s if step_s is None else step_s,
        profile.t0_s if t0_s is None else t0_s,
        profile.first_counter if first_counter is None else first_counter,
    )


def without_secret(config: Config) -> Config:
    """Return what is left of the factory record when the secret is erased."""
    return replace(config, secret=Secret.again(bytes(len(config.secret))), erased=True)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What power-on makes of the two counter slots.

    Attributes:
        counter: the next counter to be used; ``None`` if no slot is valid.
        sequence: commits made so far, as far as the slots can tell.
        repair: whether the slot ``older`` is damaged and must be written again.
        older: offset of the slot that the next commit writes.
    """

    counter: int | None
    sequence: int
    repair: bool
    older: int


def encode_slot(sequence: int, counter: int) -> bytes:
    """Return the 32 bytes of a counter slot."""
    body = _SLOT.pack(_SLOT_MAGIC, sequence, counter, 0)
    return body + _CRC.pack(crc32(body))


def decode_slot(slot: bytes) -> tuple[int, int] | None:
    """Return ``(sequence, counter)``, or ``None`` if the slot is damaged or erased."""
    if len(slot) != SLOT_SIZE:
        return None
    body = slot[:-4]
    magic, sequence, counter, zero = _SLOT.unpack(body)
    if magic != _SLOT_MAGIC or zero or _CRC.unpack(slot[-4:])[0] != crc32(body):
        return None
    return sequence, counter


def recover(slot_a: bytes, slot_b: bytes, last_counter: int = MAX_COUNTER) -> Recovery:
    """Decide, as the firmware does at power-on, where the counter stands.

    Both slots valid: the higher counter. One damaged: the other's plus one (but
    never past ``last_counter``). Both damaged: no counter, the token is in error.
    """
    a, b = decode_slot(slot_a), decode_slot(slot_b)
    if a is not None and b is not None:
        # By counter before sequence: a set-back of the counter that was cut short
        # leaves the higher counter in the slot with the lower sequence.
        older = SLOT_A if a[::-1] <= b[::-1] else SLOT_B
        return Recovery(max(a[1], b[1]), max(a[0], b[0]), repair=False, older=older)
    whole = a or b
    if whole is None:
        return Recovery(None, 0, repair=False, older=SLOT_A)
    sequence, counter = whole
    older = SLOT_A if a is None else SLOT_B
    after = min(counter + 1, max(counter, last_counter))
    return Recovery(after, sequence, repair=True, older=older)


def new_image(config: Config) -> bytes:
    """Return the image of a token as it leaves the factory."""
    slot = encode_slot(0, config.first_counter)
    return config.factory_record + slot + slot


def read_config(image: bytes, profiles: Mapping[str, Profile] = PROFILES) -> Config:
    """Read the factory record of an image.

    Args:
        image: :data:`IMAGE_SIZE` bytes.
        profiles: profiles by name; the image's must be among them.

    Raises:
        ImageError: not an image, another version, damaged, or an unknown profile.
    """
    if len(image) != IMAGE_SIZE:
        raise ImageError(f"an NVM image of {len(image)} bytes; one has {IMAGE_SIZE}")
    record, crc = image[: FACTORY_SIZE - 4], image[FACTORY_SIZE - 4 : FACTORY_SIZE]
    (
        magic,
        version,
        kind,
        algorithm,
        digits,
        length,
        flags,
        step_s,
        t0_s,
        first,
        serial,
        name,
        secret,
        _,
    ) = _FACTORY.unpack(record)
    if magic != MAGIC:
        raise ImageError("not an NVM image of a token: it does not begin with GALHNVM")
    if version != FORMAT_VERSION:
        raise ImageError(
            f"an NVM image of format version {version}; this release reads {FORMAT_VERSION}"
        )
    if _CRC.unpack(crc)[0] != crc32(record):
        raise ImageError("the factory record of the NVM image is damaged: its CRC is wrong")
    profile = profiles.get(name.rstrip(b"\0").decode("ascii", "replace"))
    if profile is None:
        raise ImageError(
            f"the NVM image asks for profile {name.rstrip(bytes(1))!r}; known are"
            f" {', '.join(sorted(profiles))}: pass the profile's file along"
        )
    if _TYPE_OF.get(kind) is not profile.token_type:
        raise ImageError(f"the NVM image is of another token type than profile {profile.name}")
    if algorithm not in _ALGORITHM_OF:
        raise ImageError(f"the NVM image has algorithm {algorithm}; known are 1, 2, 3")
    try:
        config = Config(
            serial.rstrip(b"\0").decode("ascii", "replace"),
            profile,
            Secret.again(secret[:length]),
            _ALGORITHM_OF[algorithm],
            digits,
            step_s,
            t0_s,
            first,
            erased=flags == 1,
        )
    except ValueError as e:
        raise ImageError(f"the NVM image has an impossible setting: {e}") from e
    if config.factory_record != image[:FACTORY_SIZE]:
        raise ImageError("the NVM image has bytes where this format has none")
    return config
