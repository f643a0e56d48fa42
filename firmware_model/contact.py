"""What the button's contact does when a finger presses it: bounce and chatter.

Contact bounce lasts from nanoseconds to hundreds of milliseconds; typically 1.6 ms,
mostly less than 6.2 ms, and 157 ms in one outlier (switch measurements; which of them a
token has is our default). The debouncer has to make one press of it.
"""

from typing import Final

from firmware_model.damage import Damage, Gap
from firmware_model.profile import MILLISECOND
from firmware_model.stimuli import Edge

BOUNCES: Final = {
    "none": (),
    "typical": (100_000, 200_000, 300_000, 400_000, 250_000, 350_000),
    "long": (500_000, 900_000, 1_200_000, 1_100_000, 1_500_000, 1_000_000),
    "outlier": (9 * MILLISECOND, 15 * MILLISECOND, 12 * MILLISECOND, 18 * MILLISECOND,
                14 * MILLISECOND, 19 * MILLISECOND, 16 * MILLISECOND, 17 * MILLISECOND,
                19 * MILLISECOND, 18 * MILLISECOND),
}  # fmt: skip
"""Bounces by name: 1.6, 6.2 and 157 ms in all."""

WORN_DOME: Final = (Gap(30 * MILLISECOND, 25 * MILLISECOND),)
"""A dome that lets go for longer than the debouncer waits: one press becomes two. (Our default.)"""


def press_edges(at_ns: int, hold_ns: int, damage: Damage) -> tuple[Edge, ...]:
    """Return the edges of one press of a finger.

    Args:
        at_ns: when the contact closes first.
        hold_ns: how long after that the finger lets go.
        damage: what is worn.

    Returns:
        Edges that rise in time; the last one opens the contact.
    """
    closing = _swing(at_ns, damage.bounce, closed=True)
    settled_ns = closing[-1].at_ns
    up_ns = max(at_ns + hold_ns, settled_ns + 1)
    gaps = [
        edge
        for gap in damage.chatter
        if at_ns + gap.after_ns > settled_ns and at_ns + gap.after_ns + gap.open_ns < up_ns
        for edge in (
            Edge(at_ns + gap.after_ns, closed=False),
            Edge(at_ns + gap.after_ns + gap.open_ns, closed=True),
        )
    ]
    return (*closing, *gaps, *_swing(up_ns, damage.bounce, closed=False))


def _swing(at_ns: int, bounce: tuple[int, ...], *, closed: bool) -> list[Edge]:
    """The contact goes over, and back and over again as long as it bounces."""
    edges = [Edge(at_ns, closed)]
    # In pairs, so that it ends where it was meant to.
    for duration_ns in bounce[: len(bounce) // 2 * 2]:
        at_ns += duration_ns
        edges.append(Edge(at_ns, not edges[-1].closed))
    return edges
