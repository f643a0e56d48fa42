"""The good records of a seed file that has bad ones too.

A reader stops at the first error, so the file is read again without the record
that has it. What is left out is replaced by empty lines: line numbers stay,
and the reader meets nothing that was not in the file.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from hosttools.seedfiles.errors import SeedFileError, SeedKeyError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.reader import again
from hosttools.seedfiles.registry import FORMATS, SeedFormat, guess_format

MAX_BAD: Final = 1_000
"""Most bad records that are looked past: with more, the file is another format's."""

Read = Callable[[bytes], Iterator[tuple[int, SeedRecord]]]


class Salvaged(NamedTuple):
    """What a file gave.

    Attributes:
        records: the good ones, in order; no serial number twice.
        errors: what is wrong with the others, in the order of the file.
    """

    records: tuple[SeedRecord, ...]
    errors: tuple[SeedFileError, ...]


def salvage_seeds(
    data: bytes,
    source: str,
    *,
    format: SeedFormat | None = None,  # noqa: A002 (the word that people know)
    key: bytes | None = None,
    password: str | None = None,
) -> Salvaged:
    """Read what can be read of a seed file's content.

    Args:
        data: the content.
        source: name to use in messages.
        format: what it is; ``None`` to tell from its content.
        key: pre-shared key of an encrypted file.
        password: password of an encrypted file.

    Raises:
        SeedKeyError: it is encrypted, and neither key nor password is given.
        SeedFileError: what is wrong is not in a record but in the file as a whole,
            or in more than a thousand records.
    """
    if key is not None and password is not None:
        raise SeedFileError("give a pre-shared key or a password, not both", source=source)
    row = FORMATS[format or guess_format(data)]

    def read(part: bytes) -> Iterator[tuple[int, SeedRecord]]:
        return row.parse(part, source, key=key, password=password)

    if row.record_tag is None:
        outcomes = _by_line(data, read)
    else:
        outcomes = _by_element(data, row.record_tag, read)
    records: list[SeedRecord] = []
    errors: list[SeedFileError] = []
    lines: dict[str, int] = {}
    for number, (line, outcome) in enumerate(outcomes, 1):
        if isinstance(outcome, SeedFileError):
            errors.append(_renumbered(outcome, number))
        elif outcome.serial in lines:
            errors.append(again(lines[outcome.serial], line, number, source))
        else:
            lines[outcome.serial] = line
            records.append(outcome)
        if len(errors) > MAX_BAD:
            raise SeedFileError(
                f"more than {MAX_BAD} bad records; is it another format? The first: {errors[0]}",
                source=source,
            )
    if not records and not errors:
        raise SeedFileError("no tokens in it", source=source)
    return Salvaged(tuple(records), tuple(errors))


Outcomes = Iterator[tuple[int, SeedRecord | SeedFileError]]


def _renumbered(error: SeedFileError, number: int) -> SeedFileError:
    """Return an error of a part with the record's number in the whole file."""
    return SeedFileError(
        error.what,
        source=error.source,
        line=error.line,
        record=None if error.record is None else number,
        serial=error.serial,
    )


def _by_line(data: bytes, read: Read) -> Outcomes:
    """Read a file of one token a line; comments and a header are no records and stay."""
    lines = re.split(rb"\r\n|\r|\n", data)
    while True:
        try:
            for line, record in read(b"\n".join(lines)):
                yield line, record
                lines[line - 1] = b""
        except SeedKeyError:
            raise
        except SeedFileError as e:
            if e.line is None or not lines[e.line - 1]:
                raise
            yield e.line, e
            lines[e.line - 1] = b""
        else:
            return


def _by_element(data: bytes, tag: str, read: Read) -> Outcomes:
    """Read an XML file by halves, until each half is good or a single element."""
    spans = _spans(data, tag)
    foot, damage = _foot(data, spans, read)

    def part(first: int, end: int) -> bytes:
        pieces, at = [], 0
        for index, (start, stop) in enumerate(spans):
            pieces.append(data[at:start])
            inside = first <= index < end
            pieces.append(data[start:stop] if inside else b"\n" * data.count(b"\n", start, stop))
            at = stop
        return b"".join((*pieces, foot))

    def halves(first: int, end: int) -> Outcomes:
        try:
            yield from list(read(part(first, end)))
        except SeedKeyError:
            raise
        except SeedFileError as e:
            if end - first <= 1:
                yield e.line or 0, e
                return
            middle = (first + end) // 2
            yield from halves(first, middle)
            yield from halves(middle, end)

    if spans:
        yield from halves(0, len(spans))
    if damage is not None:
        yield damage.line or 0, damage


def _spans(data: bytes, tag: str) -> list[tuple[int, int]]:
    """Return where each element of a name begins and ends, in one pass."""
    spans = []
    start, opened = 0, b""
    # An optional prefix, the name, and then no more of a name.
    name = rb"((?:[\w.-]{1,64}:)?%b)" % re.escape(tag.encode())
    for match in re.finditer(rb"<%b(?=[\s>])|</%b\s{0,9}>" % (name, name), data):
        if match[1]:
            start, opened = match.start(), match[1]
        elif match[2] == opened:
            spans.append((start, match.end()))
            opened = b""
    return spans


def _foot(
    data: bytes, spans: list[tuple[int, int]], read: Read
) -> tuple[bytes, SeedFileError | None]:
    """Return what follows the last whole element, or what should if the file was cut off."""
    head = data[: spans[0][0]] if spans else data
    foot = data[spans[-1][1] :] if spans else b""
    try:
        list(read(head + foot))
    except SeedFileError as e:
        if not spans:
            raise
        # What is wrong with a file cut off is at its end, in no element.
        damage = SeedFileError(e.what, source=e.source, line=data.count(b"\n") + 1)
        opened: list[bytes] = []
        for close, name, empty in re.findall(rb"<(/?)([\w.:-]+)[^<>]*?(/?)>", head):
            if close and opened:
                opened.pop()
            elif not close and not empty:
                opened.append(name)
        closing = b"".join(b"</" + name + b">" for name in reversed(opened))
        list(read(head + closing))
        return closing, damage
    return foot, None
