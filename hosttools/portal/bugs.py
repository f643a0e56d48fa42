"""What is wrong with the portal on purpose, so that a tester can learn to find it."""

import enum


class Bug(enum.Enum):
    """The bugs that can be switched on, by the names that ``--bug`` takes."""
