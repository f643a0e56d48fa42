"""The gate in front of python-pskc refuses hostile and damaged XML, at once and by line."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosttools.seedfiles import xml_guard
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.xml_guard import NAMESPACE, Guard

HEAD = f'<KeyContainer xmlns="{NAMESPACE}">'
TAIL = "</KeyContainer>"
SIGNED = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Certificate>{}</X509Certificate></Signature>'


def complaint(text: str | bytes) -> str:
    """Return what is said against a document."""
    with pytest.raises(SeedFileError) as caught:
        Guard("t.xml").feed(text if isinstance(text, bytes) else text.encode())
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        f"<!DOCTYPE KeyContainer>{HEAD}{TAIL}",
    ],
)
def test_document_type(text: str) -> None:
    """Entities and document types are refused, used or not."""
    assert "t.xml, line 1: a document type or entity" in complaint(text)


@pytest.mark.parametrize("end", ["", "</a>" * 10**6 + TAIL])
def test_nested(end: str) -> None:
    """A million nested elements are refused at the 33rd."""
    assert "nested more than 32 deep" in complaint(HEAD + "<a>" * 10**6 + end)


def test_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elements and attributes are counted."""
    monkeypatch.setattr(xml_guard, "MAX_NODES", 9)
    Guard("t.xml").feed((HEAD + "<a b='c'/>" * 3 + "<a/>" + TAIL).encode())
    assert "more than 9 elements" in complaint(HEAD + "<a b='c'/>" * 5 + TAIL)


def test_long_texts() -> None:
    """A text or attribute that no seed file has is refused."""
    long = "x" * 1025
    assert (True, True) == (
        "a text longer than 1024" in complaint(f"{HEAD}<a>{long}</a>{TAIL}"),
        "an attribute longer than 1024" in complaint(f'{HEAD}<a b="{long}"/>{TAIL}'),
    )


def test_long_signature() -> None:
    """A certificate may be longer, and what follows may not."""
    signed = SIGNED.format("A" * 5000)
    Guard("t.xml").feed(f"{HEAD}{signed}{TAIL}".encode())
    assert "a text longer" in complaint(f"{HEAD}{signed}<a>{'x' * 5000}</a>{TAIL}")


@pytest.mark.parametrize(
    "text", ["<a/>", "<KeyContainer/>", '<KeyContainer xmlns="urn:other"/>', "<html>"]
)
def test_other_documents(text: str) -> None:
    """Another outermost element, or another namespace, is no PSKC file."""
    assert "t.xml, line 1: not a PSKC file" in complaint(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no element found"),
        (f"{HEAD}\n<a>{TAIL}", "line 2: not well-formed XML: mismatched tag"),
        (f"{HEAD}&secret;{TAIL}", "undefined entity"),
        (f"{HEAD}{TAIL}x", "junk after document element"),
    ],
)
def test_not_well_formed(text: str, words: str) -> None:
    """Damaged XML is refused in the parser's words, none of the document's."""
    message = complaint(text)
    assert (True, False) == (words in message, "secret" in message)


@pytest.mark.parametrize("encoding", ["utf-16", "cp037", "utf-7", "klingon", "big5"])
def test_encodings(encoding: str) -> None:
    """An encoding that parsers may read in different ways is refused."""
    assert "UTF-8" in complaint(f'<?xml version="1.0" encoding="{encoding}"?>{HEAD}{TAIL}')


def test_utf_16() -> None:
    """UTF-16 that declares itself is refused too."""
    text = f'<?xml version="1.0" encoding="utf-16"?>{HEAD}{TAIL}'
    assert "save it as UTF-8" in complaint(text.encode("utf-16"))


@pytest.mark.parametrize("name", ["CipherValue", "ValueMAC", "Specified"])
@pytest.mark.parametrize("value", ["AAEC!AAE", "AAE", "", "é"])
def test_base64(name: str, value: str) -> None:
    """Broken base64 is refused, where python-pskc would make other bytes of it."""
    assert f"{name} is not base64" in complaint(f"{HEAD}<{name}>{value}</{name}>{TAIL}")


def test_base64_secret() -> None:
    """A secret too, and it is not repeated."""
    message = complaint(f"{HEAD}<Secret><PlainValue>AAEC!AAE</PlainValue></Secret>{TAIL}")
    assert (True, False) == ("PlainValue is not base64" in message, "AAEC" in message)


@pytest.mark.parametrize("value", ["", "1.5", "AAEC", "1_0", "9" * 21, "\u0661"])
def test_integers(value: str) -> None:
    """A number is decimal, and short."""
    text = f"{HEAD}<Counter><PlainValue>{value}</PlainValue></Counter>{TAIL}"
    assert "Counter is not a whole number" in complaint(text)


@pytest.mark.parametrize("value", ["2030", "31.12.2030", "2030-01-01T00:00:00+99:00", "today"])
def test_dates(value: str) -> None:
    """A date has a year and a zone that can be: none depends on today."""
    text = f"{HEAD}<ExpiryDate>{value}</ExpiryDate>{TAIL}"
    assert "ExpiryDate is not a date" in complaint(text)


@pytest.mark.parametrize("inner", ["<a/>", "<!-- x -->", "<?x y?>"])
def test_split_texts(inner: str) -> None:
    """A text that parsers would read in different ways is refused."""
    text = f"{HEAD}<IterationCount>99999999999{inner}1</IterationCount>{TAIL}"
    assert "IterationCount must hold nothing but text" in complaint(text)


def test_drafts() -> None:
    """What only the drafts before RFC 6030 had is refused."""
    assert "Value is of a draft" in complaint(f"{HEAD}<Value>AAEC</Value>{TAIL}")


def test_key_lines() -> None:
    """The line of each key is remembered, and no other element's."""
    guard = Guard("t.xml")
    packages = "<KeyPackage>\n<Key/>\n<Key/></KeyPackage><Key/><KeyPackage><Key\n/></KeyPackage>"
    guard.feed(f"{HEAD}{packages}{TAIL}".encode())
    assert [2, 3, 3] == guard.record_lines


@given(st.binary() | st.text(alphabet="<>/&;!-[]?=\"' aKx\n\0é").map(str.encode))
def test_any_bytes(data: bytes) -> None:
    """Whatever bytes come, they pass or are refused by a SeedFileError."""
    for document in (data, HEAD.encode() + data, HEAD.encode() + data + TAIL.encode()):
        with contextlib.suppress(SeedFileError):
            Guard("x").feed(document)


@given(
    st.sampled_from(["ascii", "utf-8", "iso-8859-1", "utf-16-le", "cp1252"]), st.binary(max_size=50)
)
def test_any_encoding(encoding: str, data: bytes) -> None:
    """Nor do encodings raise anything else."""
    with contextlib.suppress(SeedFileError):
        Guard("x").feed(b"<?xml version='1.0' encoding='" + encoding.encode() + b"'?>" + data)
