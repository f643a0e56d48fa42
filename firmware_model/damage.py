"""What is worn or broken about one token, as data: LCD, button, cells of the NVM.

None of it is the firmware's doing. A token has none of it unless somebody asks.
"""

from typing import Final, NamedTuple

from firmware_model.errors import StimulusError
from firmware_model.segments import ALL, SEGMENTS

MAX_DIGIT: Final = 8
MAX_EDGES: Final = 64
SLOT_BYTES: Final = range(0xC0, 0x100)
"""Where in the NVM image the counter slots are."""

BYTE: Final = 0xFF
LONGEST_NS: Final = 1_000_000_000
"""Longest bounce or gap of a worn dome; one that lasts longer is another press."""


class StuckBits(NamedTuple):
    """A byte of the NVM some of whose bits keep their value, whatever is written.

    Attributes:
        offset: in the NVM image, within the counter slots.
        mask: which bits stick.
        value: what they stick at.
    """

    offset: int
    mask: int
    value: int


class Gap(NamedTuple):
    """The contact opens for a moment while the button is held.

    Attributes:
        after_ns: how long after the press.
        open_ns: for how long.
    """

    after_ns: int
    open_ns: int


class Damage(NamedTuple):
    """All that is worn or broken.

    Attributes:
        dead: segments that no longer light, bits for each digit from the left.
        stuck: segments that light with every picture, likewise. A shorted segment
            is driven only while the LCD is.
        jammed: the key stays down.
        bounce: how long the contact stays, closed and open by turns, before it rests;
            at every closing and opening.
        chatter: gaps of a worn dome while the button is held.
        cells: bits of the NVM that stick.
    """

    dead: tuple[int, ...] = ()
    stuck: tuple[int, ...] = ()
    jammed: bool = False
    bounce: tuple[int, ...] = ()
    chatter: tuple[Gap, ...] = ()
    cells: tuple[StuckBits, ...] = ()


UNHARMED: Final = Damage()


def with_segment(masks: tuple[int, ...], digit: int, segment: str) -> tuple[int, ...]:
    """Return segment masks with one more segment in them.

    Args:
        masks: bits for each digit from the left.
        digit: which digit, from 0 at the left.
        segment: ``a`` to ``g``.

    Raises:
        StimulusError: no such digit or segment.
    """
    if not 0 <= digit < MAX_DIGIT:
        raise StimulusError(f"digit {digit}; allowed are 0 (left) to {MAX_DIGIT - 1}")
    if len(segment) != 1 or segment not in SEGMENTS:
        raise StimulusError(f"segment {segment!r}; allowed are {', '.join(SEGMENTS)}")
    grown = [*masks, *[0] * (digit + 1 - len(masks))]
    grown[digit] |= 1 << SEGMENTS.index(segment)
    return tuple(grown)


def worn(digits: tuple[int, ...], damage: Damage) -> tuple[int, ...]:
    """Return what an LCD shows of the segments that the firmware drives."""
    if not (damage.dead or damage.stuck):
        return digits
    dead, stuck = _padded(damage.dead, len(digits)), _padded(damage.stuck, len(digits))
    return tuple(bits & ~off | on for bits, off, on in zip(digits, dead, stuck, strict=True))


def landed(damage: Damage, offset: int, data: bytes) -> bytes:
    """Return what is in the NVM after ``data`` was written at ``offset``."""
    if not damage.cells:
        return data
    result = bytearray(data)
    for cell in damage.cells:
        at = cell.offset - offset
        if 0 <= at < len(result):
            result[at] = result[at] & ~cell.mask & 0xFF | cell.value & cell.mask
    return bytes(result)


def check_damage(damage: Damage) -> None:
    """Check what somebody asks for.

    Raises:
        StimulusError: it can't be.
    """
    for name, masks in (("dead", damage.dead), ("stuck", damage.stuck)):
        if len(masks) > MAX_DIGIT or not all(0 <= bits <= ALL for bits in masks):
            raise StimulusError(
                f"{name} segments {masks}; allowed are {MAX_DIGIT} masks of 0 to 127"
            )
    if len(damage.bounce) > MAX_EDGES or len(damage.chatter) > MAX_EDGES:
        raise StimulusError(f"more than {MAX_EDGES} bounces or gaps in one press")
    if not all(0 < time_ns <= LONGEST_NS for time_ns in damage.bounce):
        raise StimulusError(f"bounces of {damage.bounce} ns; allowed are 1 ns to 1 s each")
    end_ns = 0
    for gap in damage.chatter:
        if gap.after_ns <= end_ns or not 0 < gap.open_ns <= LONGEST_NS:
            raise StimulusError(
                f"a gap {gap.after_ns} ns after the press, open for {gap.open_ns} ns; gaps follow"
                " each other and are open for 1 ns to 1 s"
            )
        end_ns = gap.after_ns + gap.open_ns
    for cell in damage.cells:
        if (
            cell.offset not in SLOT_BYTES
            or not 0 < cell.mask <= BYTE
            or not 0 <= cell.value <= BYTE
        ):
            raise StimulusError(
                f"stuck bits {cell.mask:#x} at byte {cell.offset:#x} of the NVM; allowed are the"
                " bytes of the counter slots, 0xc0 to 0xff"
            )


def _padded(masks: tuple[int, ...], count: int) -> tuple[int, ...]:
    return (masks + (0,) * count)[:count]
