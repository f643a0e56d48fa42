"""System calls that kill: what a process that dies between two of them leaves behind."""

import os
from collections.abc import Callable


class Killed(BaseException):
    """The process died."""


def dying(name: str, left: list[int]) -> Callable[..., object]:
    """Return a system call that kills once ``left`` has run out.

    Args:
        name: of the function in :mod:`os`, which is called until then.
        left: how many calls are left, in its one item; several functions may share it.
    """
    real: Callable[..., object] = getattr(os, name)

    def call(*args: object, **settings: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*args, **settings)

    return call
