"""The key of a snapshot's secrets: from options, the environment, or whoever is asked."""

import os
import sys
from pathlib import Path
from typing import Final

import click

from emulator.snapshots import Sealing, SnapshotKey, describe
from hosttools.cli.options import path_option, together
from hosttools.errors import UsageError

PASSPHRASE_VARIABLE: Final = "GALH_SNAPSHOT_PASSPHRASE"  # noqa: S105  # where one is, not one
_OPTIONS: Final = {Sealing.PASSPHRASE: "--passphrase-file", Sealing.KEY_FILE: "--key-file"}


key_options = together(
    path_option(
        "--passphrase-file",
        "FILE",
        "The secrets' passphrase is the first line of this file."
        f"  [env: the passphrase itself in {PASSPHRASE_VARIABLE}]",
    ),
    path_option(
        "--key-file", "FILE", "The secrets' key is in this file (galh snapshot key makes one)."
    ),
)
"""The key of a snapshot's secrets."""


def key_of(passphrase_file: Path | None, key_file: Path | None) -> SnapshotKey | None:
    """Return the key that options or the environment give."""
    if passphrase_file is not None and key_file is not None:
        raise UsageError("give --passphrase-file or --key-file, not both")
    if passphrase_file is not None:
        return SnapshotKey.from_passphrase_file(passphrase_file)
    if key_file is not None:
        return SnapshotKey.from_key_file(key_file)
    passphrase = os.environ.get(PASSPHRASE_VARIABLE)
    return None if not passphrase else SnapshotKey.from_passphrase(passphrase)


def asked_key(file: Path) -> SnapshotKey | None:
    """Ask for the passphrase of a snapshot that needs one, where there is somebody to ask."""
    sealing = describe(file).sealing
    if sealing is Sealing.LEFT_OUT:
        return None
    if sealing is Sealing.PASSPHRASE and sys.stdin is not None and sys.stdin.isatty():
        return SnapshotKey.from_passphrase(ask_passphrase(again=False))
    raise UsageError(
        f"the secrets of {file} are encrypted with a {sealing.value}: give {_OPTIONS[sealing]}"
        " FILE, or --without-secrets"
    )


def ask_passphrase(*, again: bool) -> str:
    """Ask for a passphrase; twice for a new one."""
    text: str = click.prompt(
        "Passphrase of the secrets", hide_input=True, confirmation_prompt=again, err=True
    )
    return text
