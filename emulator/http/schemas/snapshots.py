"""Snapshots: taken, told of, put back."""

from typing import Final

from pydantic import Field

from emulator.http.schemas.base import MAX_SEQUENCE, NS_NOTE, Answer, Cursor, Request

MIN_PASSPHRASE: Final = 8
"""Shortest passphrase, characters: NIST SP 800-63B section 3.1.1."""

_PASSPHRASE: Final = Field(
    default=None,
    min_length=MIN_PASSPHRASE,
    max_length=1_024,
    repr=False,
    description="Encrypts the secrets; without it they are left out.",
    json_schema_extra={"writeOnly": True},
)


class SnapshotRequest(Request):
    """A snapshot to be taken."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}$",
        description="What to call it.",
        examples=["before-resync"],
    )
    tokens: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Serial numbers; left out: all on the bench.",
        examples=[["GALH00000042"]],
    )
    at: int | None = Field(
        default=None,
        ge=0,
        le=MAX_SEQUENCE,
        description="As of this record of the journal; left out: now.",
    )
    note: str = Field(
        default="", max_length=500, pattern=r"^[ -~]*$", description="What to say about it."
    )
    passphrase: str | None = _PASSPHRASE


class RestoreRequest(Request):
    """How a snapshot is to be put back."""

    passphrase: str | None = Field(
        default=None,
        min_length=1,
        max_length=1_024,
        repr=False,
        description="Opens the secrets. Without it a token keeps the secret that it has on the"
        " bench if that is its own, and gets a new one if not.",
        json_schema_extra={"writeOnly": True},
    )
    tokens: list[str] | None = Field(
        default=None, min_length=1, description="Serial numbers; left out: all that are in it."
    )


class SnapshotClock(Answer):
    """The clock of the bench that it was taken of."""

    mode: str = Field(description="`real`, `scaled` or `manual`.", examples=["manual"])
    rate: str = Field(description="Bench seconds in one host second.", examples=["0"])


class SnapshotInfo(Answer):
    """What can be told of a snapshot without its passphrase."""

    name: str = Field(description="What it is called.", examples=["before-resync"])
    bytes: int = Field(description="Its size.", examples=[4096])
    time: str = Field(description="Bench time.", examples=["2026-11-23T08:00:00Z"])
    now_ns: int = Field(description=NS_NOTE)
    clock: SnapshotClock
    sequence: int = Field(description="The newest record that is in it.", examples=[42])
    note: str = Field(description="What somebody said about it.", examples=[""])
    galh: str = Field(description="The release that took it.", examples=["0.1.0"])
    secrets: str = Field(
        description="What became of the secrets: `left out`, or encrypted with a `passphrase`"
        " or a `key file`.",
        examples=["left out"],
    )
    tokens: list[str] = Field(description="Serial numbers.", examples=[["GALH00000042"]])


class DamagedSnapshot(Answer):
    """A file that is named like a snapshot, and none."""

    name: str = Field(description="What it is called.", examples=["old"])
    detail: str = Field(description="What is wrong with it.")


class SnapshotList(Answer):
    """The snapshots in the bench's folder."""

    snapshots: list[SnapshotInfo] = Field(description="By name.")
    damaged: list[DamagedSnapshot] = Field(description="Files that can't be read.")


class Restored(Answer):
    """What became of a snapshot's tokens."""

    tokens: list[str] = Field(description="Those that were put on the bench.")
    rekeyed: list[str] = Field(description="Those of them that have another secret than then.")
    moved_ns: int = Field(description="By how much every time of theirs was moved.")
    sequence: Cursor
