"""What goes wrong with a snapshot's file.

StateError 74
 └── SnapshotError 74       a file that is foreign, damaged, too large or unwritable
      └── SnapshotKeyError 1   its secrets need another passphrase or key file
"""

from emulator.errors import StateError


class SnapshotError(StateError):
    """A snapshot's file that is foreign, damaged, too large, or can't be read or written."""


class SnapshotKeyError(SnapshotError):
    """The secrets of a snapshot need another passphrase or key file; nothing was loaded."""

    exit_code = 1
