"""Good records are had out of files that have bad ones, and the bad ones named."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pskc.encryption import KeyDerivation

from firmware_model.oath import Secret
from firmware_model.products import GALH
from firmware_model.profile import TokenType
from hosttools.seedfiles import pskc, salvage
from hosttools.seedfiles.errors import SeedFileError, SeedKeyError
from hosttools.seedfiles.new import new_seeds
from hosttools.seedfiles.oath_csv import write_oath_csv
from hosttools.seedfiles.practice import MARK
from hosttools.seedfiles.pskc import write_pskc
from hosttools.seedfiles.registry import FORMATS, SeedFormat
from hosttools.seedfiles.roundtrip import SAMPLES, without
from hosttools.seedfiles.salvage import salvage_seeds

RECORDS = new_seeds(GALH, 20, first=0, test_seed="salvage")
KEY = bytes(16)


def serials(found: salvage.Salvaged) -> list[str]:
    """Return the serial numbers of the good records."""
    return [record.serial for record in found.records]


def test_lines() -> None:
    """Of a file with a record a line, the bad lines are named and all others had."""
    lines = write_oath_csv(RECORDS).encode().split(b"\n")
    lines[3] = b"GALH00000002,xyz"
    lines[5] = lines[5].replace(b",0,", b",-1,")
    lines[7] = lines[6]
    found = salvage_seeds(b"\n".join(lines), "a.csv")
    assert [r for i, r in enumerate(RECORDS) if i not in {2, 4, 6}] == list(found.records)
    assert ["a.csv, line 4, record 3", "a.csv, line 6, record 5", "a.csv, line 8, record 7"] == [
        str(error).split(" (")[0].split(":")[0] for error in found.errors
    ]


def test_header_stays() -> None:
    """A header and comments are no records, and are there for all that follow."""
    row = FORMATS[SeedFormat.ENTRA_CSV]
    time = without(SAMPLES[TokenType.TIME], row)
    records = [
        replace(time, serial=f"GALT{n}", secret=Secret(bytes([n]) * 20), practice=True)
        for n in range(5)
    ]
    data = b"".join(piece for _, piece in row.write(records)).replace(b"GALT1,", b"!,")
    found = salvage_seeds(data, "e.csv")
    assert [record for record in records if record.serial != "GALT1"] == list(found.records)
    assert 1 == len(found.errors)


@pytest.mark.parametrize("name", [SeedFormat.OATH_CSV, SeedFormat.PSKC, SeedFormat.ENTRA_CSV])
def test_long(name: SeedFormat) -> None:
    """In a long file too, lines, numbers, header and a mark at its end are what they are."""
    row = FORMATS[name]
    sample = without(SAMPLES[TokenType.TIME], row)
    count = 3 * salvage.AT_ONCE
    records = [
        replace(sample, serial=f"GALT{n:08}", secret=Secret(n.to_bytes(20, "big")))
        for n in range(count)
    ]
    data = b"".join(piece for _, piece in row.write(records))
    for bad in (b"GALT00000007", b"GALT00000199", b"GALT00000299"):
        data = data.replace(bad, b"!")
    lines = [data[:at].count(b"\n") + 1 for at in range(len(data)) if data[at : at + 1] == b"!"]
    marked = f"<!-- {MARK} -->" if row.record_tag else f"# {MARK}"
    found = salvage_seeds(data + marked.encode(), "x")
    assert [replace(r, practice=True) for i, r in enumerate(records) if i not in {7, 199, 299}] == (
        list(found.records)
    )
    assert [8, 200, 300] == [error.record for error in found.errors]
    assert all(error.line in lines for error in found.errors)


def test_commented_out() -> None:
    """A token that is commented out is none, and costs no other."""
    data = write_pskc(RECORDS).replace(b">GALH00000003<", b">!<")
    at = data.rindex(b"<pskc:KeyPackage>")
    end = data.rindex(b"</pskc:KeyContainer>")
    found = salvage_seeds(data[:at] + b"<!--" + data[at:end] + b"-->" + data[end:], "x")
    assert [r.serial for i, r in enumerate(RECORDS[:-1]) if i != 3] == serials(found)


def test_wrong_header() -> None:
    """A header that is wrong is no matter of single records."""
    with pytest.raises(SeedFileError, match=r"e\.csv, line 2: column 'colour'"):
        salvage_seeds(b"\nserial number,secret key,colour\nGALT1,AAAA\n", "e.csv")


def test_password_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a file is and however many records are bad, few keys are derived."""
    monkeypatch.setattr(pskc, "ROUNDS", 2)
    data = write_pskc(RECORDS, password="p").replace(b">GALH00000003<", b">!<")
    monkeypatch.setattr(salvage, "AT_ONCE", 2)
    derived = []
    whole = KeyDerivation.derive

    def counted(self: KeyDerivation, given: str) -> bytes:
        derived.append(given)
        return whole(self, given)

    monkeypatch.setattr(KeyDerivation, "derive", counted)
    found = salvage_seeds(data, "x", password="p")
    assert (19, 1) == (len(found.records), len(found.errors))
    assert ["p"] * 2 == derived


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("compact", [False, True])
def test_elements(key: bytes | None, compact: bool) -> None:  # noqa: FBT001  # drawn
    """Of an XML file too, even if all of it is one line."""
    data = write_pskc(RECORDS, key=key)
    data = data.replace(b">GALH00000003<", b">!<").replace(b">GALH00000011<", b">GALH00000010<")
    if compact:
        data = data.replace(b"\n", b"")
    found = salvage_seeds(data, "a.xml", key=key)
    assert [r.serial for r in RECORDS if r.serial[-2:] not in {"03", "11"}] == serials(found)
    assert [4, 12] == [error.record for error in found.errors]


def test_many_left_out() -> None:
    """However many records are left out around a bad one, the gap is no text that is too long."""
    data = write_pskc(new_seeds(GALH, 400, first=0)).replace(b">GALH00000300<", b">!<")
    found = salvage_seeds(data, "a.xml")
    assert (399, [301]) == (len(found.records), [error.record for error in found.errors])


def test_wrong_mac() -> None:
    """A secret that was tampered with is left out."""
    start, marker, rest = write_pskc(RECORDS, key=KEY).partition(b"<pskc:ValueMAC>")
    found = salvage_seeds(start + marker + b"AAAA" + rest[4:], "a.xml", key=KEY)
    assert [r.serial for r in RECORDS[1:]] == serials(found)
    assert "MAC value does not match" in str(found.errors[0])


def test_cut_off() -> None:
    """Of a file that was cut off, the whole records are had, and where it ends is said."""
    data = write_pskc(RECORDS)
    cut = data[: data.index(b">GALH00000012<")]
    found = salvage_seeds(cut, "a.xml")
    assert [r.serial for r in RECORDS[:12]] == serials(found)
    (error,) = found.errors
    assert (cut.count(b"\n") + 1, True) == (error.line, "not well-formed" in str(error))


def test_header_of_xml() -> None:
    """What is wrong for all tokens is no matter of single ones."""
    data = b"<data><header><digits>5</digits></header><tokens><token/></tokens></data>"
    with pytest.raises(SeedFileError, match="digits: '5'"):
        salvage_seeds(data, "x", format=SeedFormat.DEEPNET_XML)


def test_wrong_password() -> None:
    """A wrong key is said once."""
    with pytest.raises(SeedFileError, match="wrong key or password"):
        salvage_seeds(write_pskc(RECORDS, key=KEY), "x", key=bytes([1]) * 16)


def test_no_key() -> None:
    """A missing key is no matter of single records either."""
    with pytest.raises(SeedKeyError):
        salvage_seeds(write_pskc(RECORDS, key=KEY), "x")


@pytest.mark.parametrize("data", [b"", b"# nothing\n", write_pskc(RECORDS[:1])[:200]])
def test_nothing(data: bytes) -> None:
    """A file without a whole record is an error."""
    with pytest.raises(SeedFileError):
        salvage_seeds(data, "x")


def test_a_million_beginnings() -> None:
    """Elements that never end take no longer than one pass."""
    with pytest.raises(SeedFileError, match="Token where none may be"):
        salvage_seeds(b"<Tokens>" + b"<Token >" * 10**6, "x")


def test_another_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with too many bad records is taken for another format's."""
    monkeypatch.setattr(salvage, "MAX_BAD", 3)
    with pytest.raises(SeedFileError, match="more than 3 bad records; is it another format"):
        salvage_seeds(b"not a seed file\n" * 9, "x")


@given(st.binary(), st.sampled_from(SeedFormat))
@pytest.mark.filterwarnings("ignore::UserWarning")  # a short secret, something not kept
def test_any_bytes(data: bytes, name: SeedFormat) -> None:
    """Whatever bytes come, they are read or refused by a SeedFileError."""
    with contextlib.suppress(SeedFileError):
        salvage_seeds(data, "x", format=name)


FILES = [write_oath_csv(RECORDS[:4]).encode(), write_pskc(RECORDS[:4])]


@given(st.sampled_from(FILES), st.floats(0, 1), st.integers(0, 40))
@pytest.mark.filterwarnings("ignore::UserWarning")  # a short secret, something not kept
def test_damaged(data: bytes, where: float, cut: int) -> None:
    """A file with a hole gives good records and errors, and never another's secret."""
    at = int(where * len(data))
    with contextlib.suppress(SeedFileError):
        found = salvage_seeds(data[:at] + data[at + cut :], "x")
        assert len(found.records) >= 1 or len(found.errors) >= 1
