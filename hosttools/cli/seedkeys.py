"""Passwords and keys of seed files: from files, the environment, or whoever is asked."""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import click

from hosttools.errors import UsageError
from hosttools.seedfiles import SeedKeyError

T = TypeVar("T")

PASSWORD_VARIABLE: Final = "GALH_SEEDS_PASSWORD"  # noqa: S105  # where one is, not one
TO_PASSWORD_VARIABLE: Final = "GALH_SEEDS_TO_PASSWORD"  # noqa: S105  # the same
_KEY_BYTES: Final = (16, 24, 32)


@dataclass(frozen=True, slots=True)
class Lock:
    """What a seed file is encrypted with, if anything."""

    key: bytes | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.key is not None or self.password is not None


def lock_of(password_file: Path | None, key_file: Path | None) -> Lock:
    """Return what options give, which may be nothing.

    Raises:
        UsageError: both, or a file that holds neither.
    """
    if password_file is not None and key_file is not None:
        raise UsageError("give a password file or a key file, not both")
    if password_file is not None:
        return Lock(password=password_in(password_file))
    return Lock() if key_file is None else Lock(key=_key(key_file))


def unlocked(read: Callable[[Lock], T], lock: Lock, source: str) -> T:
    """Read a file, with what the environment or somebody at the terminal knows if it takes one.

    Args:
        read: reads it.
        lock: what options gave.
        source: the file, to ask for.

    Raises:
        SeedKeyError: it is encrypted, and nobody knows its key.
    """
    try:
        return read(lock)
    except SeedKeyError as e:
        password = os.environ.get(PASSWORD_VARIABLE)
        if password is None and sys.stdin is not None and sys.stdin.isatty():
            password = asked(f"Password of {source}", again=False)
        if password is None:
            raise SeedKeyError(f"{e}: --password-file, --key-file or {PASSWORD_VARIABLE}") from None
    return read(Lock(password=password))


def new_lock(lock: Lock, variable: str, *, wanted: bool) -> Lock:
    """Return what a new file is to be encrypted with.

    Args:
        lock: what options gave.
        variable: the environment variable that may hold a password.
        wanted: whether it shall be encrypted even if options gave nothing.

    Raises:
        UsageError: a password is wanted, and there is nobody to ask.
    """
    if lock or not wanted:
        return lock
    password = os.environ.get(variable)
    if not password:
        if sys.stdin is None or not sys.stdin.isatty():
            raise UsageError(
                f"--encrypt without a password: give a password or key file, or set {variable}"
            )
        password = asked("Password of the new file", again=True)
    return Lock(password=password)


def asked(text: str, *, again: bool) -> str:
    """Ask at the terminal for a password, which is not shown.

    Args:
        text: what for.
        again: whether it has to be typed twice.
    """
    password: str = click.prompt(text, hide_input=True, confirmation_prompt=again, err=True)
    return password


def password_in(path: Path) -> str:
    """Return the password in a file: its first line.

    Raises:
        UsageError: there is none, or it can't be read.
    """
    try:
        first = _bytes(path).decode().split("\n", 1)[0].rstrip("\r")
    except UnicodeDecodeError:
        first = ""
    if not first:
        raise UsageError(f"{path}: no password in its first line, as UTF-8 text")
    return first


def _key(path: Path) -> bytes:
    raw = _bytes(path)
    text = b"".join(raw.split())
    if len(text) in {2 * length for length in _KEY_BYTES} and re.fullmatch(rb"[0-9a-fA-F]+", text):
        return bytes.fromhex(text.decode())
    if len(raw) not in _KEY_BYTES:
        raise UsageError(f"{path}: {len(raw)} bytes; a key has 16, 24 or 32 bytes, raw or in hex")
    return raw


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as e:
        raise UsageError(f"{path} can't be read: {e.strerror}") from None
