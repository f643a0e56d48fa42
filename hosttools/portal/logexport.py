"""The audit log as a file that can be verified where its portal is not: JSON lines.

The first line is an anchor: how many entries there are, and the key that signed them. Then
comes each entry with its signature. That the key is the portal's is for whoever verifies to
know: by its fingerprint, or by an anchor that was taken out before.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from emulator.clock import format_utc
from hosttools.errors import UsageError
from hosttools.portal.logentry import Entry, canonical
from hosttools.portal.logproof import Anchor, Findings, Line, verify_lines

_TEXTS: Final = ("actor", "act", "subject", "previous", "digest")


def as_text(anchor: Anchor, lines: Iterable[Line]) -> str:
    """Return a log as a file has it.

    Args:
        anchor: where it is.
        lines: all of it.

    Raises:
        StateError: an entry is damaged; verify the log.
    """
    head = json.dumps(json.loads(anchor.as_text()))
    return "".join(f"{each}\n" for each in (head, *map(_line, lines)))


def from_text(text: str) -> tuple[Anchor, tuple[Line, ...]]:
    """Read a file, whose entries may be anything that can be written down.

    Raises:
        UsageError: it is no export of a log, or one whose first line was changed.
    """
    first, *others = text.split("\n")
    anchor = Anchor.from_text(first)
    others = others[:-1] if others and not others[-1] else others
    return anchor, tuple(_read(each, number) for number, each in enumerate(others, 2))


def verify(anchor: Anchor, lines: Iterable[Line], against: Anchor | None = None) -> Findings:
    """Verify an export by the key that it names.

    Args:
        anchor: its first line.
        lines: its entries.
        against: where the log was before, if it is known; it must have come from there.
    """
    head = (anchor.number, anchor.digest, bytes.fromhex(anchor.signature))
    return verify_lines(lines, [head], bytes.fromhex(anchor.public_key), against)


def _line(line: Line) -> str:
    more = {
        "at_ns": line.entry.at_ns,
        "previous": line.entry.previous,
        "signature": line.signature.hex(),
    }
    return json.dumps({**line.entry.as_dict(), **more})


def _read(text: str, number: int) -> Line:
    try:
        found = json.loads(text)
        return Line(_entry(found), bytes.fromhex(found["signature"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise UsageError(
            f"line {number} is no entry of an exported audit log; galh portal audit export writes"
            " one"
        ) from None


def _entry(found: dict[str, Any]) -> Entry:
    number, at_ns, facts = found["number"], found["at_ns"], found["facts"]
    texts = {name: found[name] for name in _TEXTS}
    known = (
        all(type(each) is int for each in (number, at_ns))
        and isinstance(facts, dict)
        and all(isinstance(each, str) for each in texts.values())
        and found["at"] == format_utc(at_ns)
    )
    if not known:
        raise ValueError
    return Entry(number=number, at_ns=at_ns, facts=canonical(facts), **texts)
