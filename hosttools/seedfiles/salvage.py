"""The good records of a seed file that has bad ones too.

A reader stops at the first error, so what it read is read again without the record
that has it. A file is read some records at a time, each time with all that is no
record (a header, the elements around): a bad record costs as little in a long file as
in a short one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from hosttools.seedfiles.errors import SeedFileError, SeedKeyError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.practice import is_mark
from hosttools.seedfiles.pskc import BOM
from hosttools.seedfiles.reader import again
from hosttools.seedfiles.registry import FORMATS, Format, Keys, SeedFormat, guess_format

MAX_BAD: Final = 1_000
"""Most bad records that are looked past: with more, the file is another format's."""

AT_ONCE: Final = 100
"""Records read at once: the most that a bad one makes to be read again."""

_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_MARKED: Final = re.compile(rb"<!--\s*practice seeds\b", re.IGNORECASE)

Read = Callable[[bytes], Iterator[tuple[int, SeedRecord]]]
Outcomes = Iterator[tuple[int, SeedRecord | SeedFileError]]
"""Line and record of each token of a file, or what is wrong with it."""


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
    progress: Callable[[int], object] = lambda _line: None,
) -> Salvaged:
    """Read what can be read of a seed file's content.

    Args:
        data: the content.
        source: name to use in messages.
        format: what it is; ``None`` to tell from its content.
        key: pre-shared key of an encrypted file.
        password: password of an encrypted file.
        progress: is called with the line of each record.

    Raises:
        SeedKeyError: it is encrypted, and neither key nor password is given.
        SeedFileError: what is wrong is not in a record but in the file as a whole,
            or in more than a thousand records.
    """
    if key is not None and password is not None:
        raise SeedFileError("give a pre-shared key or a password, not both", source=source)
    row = FORMATS[format or guess_format(data)]
    lock: Keys = {"key": key, "password": password}
    if row.record_tag is None:
        outcomes = _by_line(data, lambda part: row.parse(part, source, **lock))
    else:
        outcomes = _by_element(data, row, source, lock)
    records: list[SeedRecord] = []
    errors: list[SeedFileError] = []
    lines: dict[str, int] = {}
    for number, (line, outcome) in enumerate(outcomes, 1):
        if isinstance(outcome, SeedFileError):
            errors.append(_renumbered(outcome, line, number))
        elif outcome.serial in lines:
            errors.append(again(lines[outcome.serial], line, number, source))
        else:
            lines[outcome.serial] = line
            records.append(outcome)
        progress(line)
        if len(errors) > MAX_BAD:
            raise SeedFileError(
                f"more than {MAX_BAD} bad records; is it another format? The first: {errors[0]}",
                source=source,
            )
    if not records and not errors:
        raise SeedFileError("no tokens in it", source=source)
    return Salvaged(tuple(records), tuple(errors))


def _renumbered(error: SeedFileError, line: int, number: int) -> SeedFileError:
    """Return an error of a part with the line and the record's number in the whole file."""
    return SeedFileError(
        error.what,
        source=error.source,
        line=line or None,
        record=None if error.record is None else number,
        serial=error.serial,
    )


def _by_line(data: bytes, read: Read) -> Outcomes:
    """Read a file of one token a line, some lines at a time, and these again without a bad one."""
    lines = re.split(rb"\r\n|\r|\n", data)
    marked = any(_is_mark(line) for line in lines)
    head: list[bytes] = []
    for start in range(0, len(lines), AT_ONCE):
        part = lines[start : start + AT_ONCE]
        above, done = len(head), False
        while not done:
            try:
                for line, record in read(b"\n".join((*head, *part))):
                    yield line - above + start, _marked(record, practice=marked)
                    part[line - above - 1] = b""
            except SeedKeyError:
                raise
            except SeedFileError as e:
                at = (e.line or 0) - above - 1
                if not 0 <= at < len(part) or (e.record is None and _is_text(part[at])):
                    raise
                yield at + start + 1, e
                part[at] = b""
            else:
                done = True
        # A header: what neither was a record nor failed to be one.
        head = head or [line for line in part if line.strip() and not _is_comment(line)]


def _marked(record: SeedRecord, *, practice: bool) -> SeedRecord:
    """Return a record of a part with what a comment says of all, wherever in the file it is."""
    return replace(record, practice=True) if practice else record


def _is_comment(line: bytes) -> bool:
    return line.removeprefix(BOM).lstrip().startswith(b"#")


def _is_mark(line: bytes) -> bool:
    comment = line.removeprefix(BOM).lstrip()[1:].decode(errors="replace")
    return _is_comment(line) and is_mark(comment)


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Part(NamedTuple):
    """Pieces of a file, with the line of the file in which each begins."""

    pieces: list[tuple[int, bytes]]

    def data(self) -> bytes:
        """Return them as a document, each on lines of its own."""
        return b"\n".join(piece for _, piece in self.pieces)

    def line(self, line: int) -> int:
        """Return the line in the file of one in the document."""
        for first, piece in self.pieces:
            lines = piece.count(b"\n") + 1
            if line <= lines:
                return first + line - 1
            line -= lines
        return 0


def _by_element(data: bytes, row: Format, source: str, lock: Keys) -> Outcomes:
    """Read an XML file some elements at a time, and by halves those that have a bad one."""
    spans = _spans(data, row.record_tag or "")
    head = data[: spans[0][0]] if spans else data
    foot, damage = _foot(data, spans, lambda part: row.parse(part, source, **lock))
    password = lock.get("password")
    if row.derive is not None and password is not None:
        # Its rounds are meant to take long: once a file, not once a part.
        lock = {"key": row.derive(head + foot, source, password)}
    marked = _MARKED.search(data) is not None
    pieces, solid = _pieces(data, spans)

    def halves(first: int, end: int) -> Outcomes:
        inner = sorted([*pieces[first:end], *solid])
        part = _Part([(1, head), *((line, data[a:b]) for a, b, line in inner), (0, foot)])
        try:
            found = list(row.parse(part.data(), source, **lock))
        except SeedKeyError:
            raise
        except SeedFileError as e:
            if end - first <= 1:
                yield part.line(e.line or 0), e
                return
            middle = (first + end) // 2
            yield from halves(first, middle)
            yield from halves(middle, end)
        else:
            for line, record in found:
                yield part.line(line), _marked(record, practice=marked)

    for first in range(0, len(spans), AT_ONCE):
        yield from halves(first, min(first + AT_ONCE, len(spans)))
    if damage is not None:
        yield damage.line or 0, damage


_Pieces = list[tuple[int, int, int]]
"""Begin, end and line of pieces of a file."""


def _pieces(data: bytes, spans: list[tuple[int, int]]) -> tuple[_Pieces, _Pieces]:
    """Return the elements, and what lies between them if it is more than space and comments."""
    elements: _Pieces = []
    solid: _Pieces = []
    line, at = 1, 0
    for start, stop in spans:
        gap = data[at:start]
        if at and _COMMENT.sub(b"", gap).strip():
            solid.append((at, start, line))
        line += gap.count(b"\n")
        elements.append((start, stop, line))
        line += data.count(b"\n", start, stop)
        at = stop
    return elements, solid


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
