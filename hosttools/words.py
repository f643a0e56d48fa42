"""Numbers as people say them."""

import math


def counted(number: int, thing: str) -> str:
    """Return a number of things.

    >>> counted(1, "step"), counted(0, "step"), counted(-2, "step"), counted(3, "press")
    ('1 step', '0 steps', '-2 steps', '3 presses')
    """
    return (
        f"{number} {thing}"
        if number == 1
        else f"{number} {thing}{'es' if thing[-1] == 's' else 's'}"
    )


def spoken(seconds: float) -> str:
    """Return a duration as people say it.

    >>> spoken(1), spoken(45), spoken(90), spoken(7200), spoken(86400 * 3), spoken(2592000.5)
    ('1 s', '45 s', '90 s', '2 h', '3 days', '2592000.5 s')
    """
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size and math.isclose(seconds % size, 0):
            return f"{seconds / size:.0f} {unit}"
    return f"{round(seconds, 6):.15g} s"
