"""Makers' XML with one element a token: read in one pass, written with nothing to escape.

For formats that are no more than texts in named elements; PSKC has a library
of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from hosttools.seedfiles.practice import MARK
from hosttools.seedfiles.xml_guard import Gate

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(slots=True)
class XmlRecord:
    """One element and what is in it.

    Attributes:
        line: where it begins.
        attributes: its own.
        texts: the text of each element in it that has one, by name.
    """

    line: int
    attributes: dict[str, str]
    texts: dict[str, str] = field(default_factory=dict)


class XmlRecords(Gate):
    """The records of a document, and what stands outside them.

    Args:
        source: the file's name, for messages.
        record: the path of the element that holds one token, from the outermost.
        title: what a file of this format is called in messages.

    Attributes:
        records: in order.
        outside: the texts of elements that are in no record, by name.
    """

    def __init__(self, source: str, record: tuple[str, ...], title: str) -> None:
        super().__init__(source, record, title)
        self.records: list[XmlRecord] = []
        self.outside: dict[str, str] = {}
        self._parents: list[bool] = []

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a record, or an element in or outside one."""
        if self._parents:
            self._parents[-1] = True
        self._parents.append(False)
        if tuple(self.path) == self._record:
            self.records.append(XmlRecord(self.line, attributes))
        elif tag == self._record[-1]:
            raise self.error(f"{tag} where none may be; they are in {'/'.join(self._record[:-1])}")

    def closed(self, tag: str, text: str) -> None:
        """Keep an element's text."""
        is_parent = self._parents.pop()
        if not text:
            return
        if is_parent:
            raise self._mixed()
        inside = tuple(self.path[: len(self._record)]) == self._record
        texts = self.records[-1].texts if inside else self.outside
        if texts.setdefault(tag, text) is not text:
            raise self.error(f"{tag} twice in {self._record[-1] if inside else 'the file'}")

    def between(self) -> None:
        """Refuse an element, comment or instruction in the middle of a text."""
        if self.text:
            raise self._mixed()

    def _mixed(self) -> Exception:
        return self.error("a text with something else in it; the file is damaged")


def element(name: str, text: str | int) -> str:
    """Return an element with a text."""
    return f"<{name}>{escape(str(text))}</{name}>"


def document(lines: Iterable[str], *, practice: bool) -> bytes:
    """Return a document of these lines, marked as practice seeds if it holds such."""
    mark = (f"<!-- {MARK} -->",) if practice else ()
    return "".join(line + "\n" for line in (DECLARATION, *mark, *lines)).encode()
