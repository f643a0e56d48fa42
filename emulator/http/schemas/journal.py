"""The journal: records, and pages of them."""

from pydantic import ConfigDict, Field

from emulator.http.schemas.base import Answer


class JournalRecord(Answer):
    """One record. Each kind has fields of its own besides."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "sequence": 8,
                "serial": "GALH00004226",
                "kind": "lit",
                "at_ns": 1_767_225_600_045_000_000,
                "factor": 0,
            }
        },
    )

    sequence: int = Field(description="Its number, without gaps.")
    serial: str = Field(description="The token it is about; empty: the bench.")
    kind: str = Field(description="What happened.")
    at_ns: int = Field(description="When, by the bench's clock.")
    by: str | None = Field(default=None, description="Which client did it.")
    key: str | None = Field(default=None, description="Under which idempotency key.")


class JournalPage(Answer):
    """Records in order."""

    records: list[JournalRecord]
    next: int = Field(description="Cursor for the next page: its `after`.", examples=[8])
    visible: int = Field(description="The newest sequence number.", examples=[8])
    oldest: int = Field(description="The oldest that can still be read.", examples=[1])
