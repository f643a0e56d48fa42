"""A journal's record in a line of text, for people."""

from typing import Any, Final

from emulator.clock import format_utc
from emulator.journal import Record
from emulator.journalform import to_mapping

_HEAD: Final = frozenset({"sequence", "serial", "kind", "at_ns", "by", "key"})


def line_of(record: Record) -> str:
    """Return number, time, token, what happened and who did it; no code is in it."""
    data: dict[str, Any] = to_mapping(record)
    at_ns = data["at_ns"]
    time = f"{format_utc(at_ns).removesuffix('Z')}.{at_ns % 1_000_000_000:09}Z"
    rest = " ".join(f"{name}={value}" for name, value in data.items() if name not in _HEAD)
    by = f"  by {record.by}" if record.by else ""
    return f"{record.sequence:>8} {time} {record.serial or '-':<12} {data['kind']:<12} {rest}{by}"
