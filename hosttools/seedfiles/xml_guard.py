"""The gate for XML that somebody else wrote, and the guard in front of python-pskc.

Entities and document types are refused (defusedxml), and so is more nesting,
more elements and longer texts than any seed file has.

python-pskc ignores namespaces, takes broken base64 for other bytes, lets a
date without a year depend on today, and turns long texts into numbers in
quadratic time. So a PSKC file passes through the guard first, which refuses
whatever RFC 6030 would not have in the places that are read. It keeps nothing
but line numbers.
"""

import base64
import binascii
import re
from typing import Final
from xml.parsers import expat

from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.practice import is_mark

NAMESPACE: Final = "urn:ietf:params:xml:ns:keyprov:pskc"
SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"

MAX_DEPTH: Final = 32
"""Deepest nesting; a signed and encrypted container has about 10."""

MAX_NODES: Final = 4_000_000
"""Most elements and attributes: 100,000 tokens have about 1,700,000, encrypted and with all that
one can say 3,000,000. They all end up in a tree."""

MAX_TEXT: Final = 1024
"""Longest text and attribute, characters; signatures may be longer."""

MAX_ITERATIONS: Final = 5_000_000
"""Most PBKDF2 rounds, some seconds of work; RFC 6030 shows 1,000."""

_KEY_PATH: Final = tuple(f"{{{NAMESPACE}}}{name}" for name in ("KeyContainer", "KeyPackage", "Key"))
_ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "ascii", "iso-8859-1"})
"""Those that every XML parser reads in the same way."""

_BASE64: Final = frozenset({"CipherValue", "ValueMAC", "Specified", "IV"})
_NUMBERS: Final = {"IterationCount": MAX_ITERATIONS, "KeyLength": 64}
_INTEGERS: Final = frozenset({"Counter", "Time", "TimeInterval", "TimeDrift"})
_DATES: Final = frozenset({"StartDate", "ExpiryDate"})
_LEAVES: Final = frozenset({"PlainValue", *_BASE64, *_NUMBERS, *_DATES})
_OF_DRAFTS: Final = frozenset({"Value", "PBESalt", "PBEIterationCount", "Expiry"})
_DATE: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?"
)


class Gate:
    """Looks at an XML document as it is parsed, and refuses it or lets it pass.

    What a format has to say of its elements goes into :meth:`opened` and :meth:`closed`.

    Args:
        source: the file's name, for messages.
        record: the path of the element that holds one token, from the outermost.
        title: what a file of this format is called in messages.

    Attributes:
        record_lines: the line in which each such element begins, in order.
        practice: whether a comment marks the seeds as practice seeds.
    """

    def __init__(self, source: str, record: tuple[str, ...], title: str) -> None:
        self.record_lines: list[int] = []
        self.practice = False
        self.path: list[str] = []
        self._source = source
        self._record = record
        self._title = title
        self._text: list[str] = []
        self._length = 0
        self._nodes = 0
        self._signed = 0
        self._expat: expat.XMLParserType | None = None

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an element that begins; ``path`` ends with it."""

    def closed(self, tag: str, text: str) -> None:
        """Take an element that ended, with the text before its end; ``path`` is its parent's."""

    def between(self) -> None:
        """Take what comes before an element, a comment or an instruction begins."""

    def feed(self, data: bytes) -> None:
        """Parse the whole document.

        Raises:
            SeedFileError: what is wrong with it, and in which line.
        """
        # Some 15 ms, and CSV needs none of it.
        from defusedxml import DefusedXmlException  # noqa: PLC0415 (see above)
        from defusedxml.ElementTree import DefusedXMLParser, ParseError  # noqa: PLC0415 (same)

        parser = DefusedXMLParser(target=self, forbid_dtd=True)
        self._expat = parser.parser
        self._expat.XmlDeclHandler = self._declaration
        try:
            parser.feed(data)
            parser.close()
        except ParseError as e:
            # Only expat's own words: the exception's text may quote the document.
            raise SeedFileError(
                f"not well-formed XML: {expat.ErrorString(e.code)}",
                source=self._source,
                line=e.position[0],
            ) from None
        except DefusedXmlException:
            raise self.error(
                "a document type or entity; seed files have none, and they can be a trap"
            ) from None
        except (ValueError, LookupError):
            raise self.error("an encoding that can't be read; save the file as UTF-8") from None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element (called by the parser)."""
        self.between()
        self.path.append(tag)
        self._nodes += 1 + len(attributes)
        depth = len(self.path)
        if depth > MAX_DEPTH:
            raise self.error(f"elements nested more than {MAX_DEPTH} deep")
        if self._nodes > MAX_NODES:
            raise self.error(f"more than {MAX_NODES} elements and attributes; split the file")
        if any(len(value) > MAX_TEXT for value in attributes.values()):
            raise self.error(f"an attribute longer than {MAX_TEXT} characters")
        if depth == 1 and tag != self._record[0]:
            outermost = _spoken(self._record[0])
            raise self.error(f"not a {self._title} file: the outermost element must be {outermost}")
        if depth == len(self._record) and tuple(self.path) == self._record:
            self.record_lines.append(self.line)
        if tag == SIGNATURE:
            self._signed += 1
        self._reset()
        self.opened(tag, attributes)

    def data(self, text: str) -> None:
        """Take a piece of text; the space before it is no part of it."""
        if not self._text and text.isspace():
            return
        self._text.append(text)
        self._length += len(text)
        if self._length > (MAX_TEXT * 64 if self._signed else MAX_TEXT):
            raise self.error(f"a text longer than {MAX_TEXT} characters")

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        self.path.pop()
        self.closed(tag, self.text)
        if tag == SIGNATURE:
            self._signed -= 1
        self._reset()

    def comment(self, text: str) -> None:
        """Take a comment."""
        self.between()
        self.practice = self.practice or is_mark(text)

    def pi(self, target: str, text: str | None = None) -> None:  # noqa: ARG002 (the parser's call)
        """Take a processing instruction."""
        self.between()

    def close(self) -> None:
        """Take the end of the document."""

    @property
    def text(self) -> str:
        """The text since the last tag, without the space around it."""
        return "".join(self._text).strip()

    @property
    def line(self) -> int:
        """The line that the parser is in."""
        return self._expat.CurrentLineNumber if self._expat is not None else 0

    def error(self, what: str) -> SeedFileError:
        """Return the error that says ``what`` is wrong here."""
        record = len(self.record_lines) if len(self.path) >= len(self._record) else None
        return SeedFileError(what, source=self._source, line=self.line, record=record or None)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:  # noqa: ARG002 (expat's signature)
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise self.error("an XML declaration with an unusual encoding; save it as UTF-8")

    def _reset(self) -> None:
        self._text.clear()
        self._length = 0


class Guard(Gate):
    """The gate with what RFC 6030 says of single elements."""

    def __init__(self, source: str) -> None:
        super().__init__(source, _KEY_PATH, "PSKC")

    def closed(self, tag: str, text: str) -> None:
        """Check an element's text."""
        parent = _local(self.path[-1]) if self.path else ""
        self._check(_local(tag), parent, text)

    def between(self) -> None:
        """Refuse what splits a text: parsers differ in which half they then call the text."""
        if self.path and _local(self.path[-1]) in _LEAVES:
            raise self.error(f"{_local(self.path[-1])} must hold nothing but text")

    def _check(self, name: str, parent: str, text: str) -> None:
        # By local name, because python-pskc reads by local name.
        if name in _BASE64 or (name == "PlainValue" and parent == "Secret"):
            if not _is_base64(text):
                raise self.error(f"{name} is not base64; the file is damaged")
        elif name == "PlainValue" and parent in _INTEGERS:
            if not re.fullmatch(r"-?[0-9]{1,20}", text):
                raise self.error(f"{parent} is not a whole number")
        elif name in _NUMBERS:
            if not re.fullmatch(r"[0-9]{1,20}", text) or not 1 <= int(text) <= _NUMBERS[name]:
                raise self.error(f"{name} must be a number from 1 to {_NUMBERS[name]}")
        elif name in _DATES and not _DATE.fullmatch(text):
            raise self.error(f"{name} is not a date like 2030-12-31T00:00:00Z")
        elif name in _OF_DRAFTS:
            raise self.error(f"{name} is of a draft before RFC 6030; have it exported as PSKC 1.0")


def _spoken(tag: str) -> str:
    namespace, _, name = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    return f"{name} in {namespace}" if namespace else name


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return False
