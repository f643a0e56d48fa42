"""The laws that every format keeps: there and back, nothing lost, nothing said, no surprise."""

import base64
import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import MAX_COUNTER, Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles import entra_csv, usersfile
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.reader import read_seed_bytes
from hosttools.seedfiles.registry import FORMATS, Format, SeedFormat
from hosttools.seedfiles.roundtrip import (
    LOCK,
    SAMPLES,
    digits_carried,
    hashes_carried,
    survives,
    without,
)

ROWS = pytest.mark.parametrize("row", FORMATS.values(), ids=list(FORMATS))
EACH: Final = settings().max_examples // 4
"""Files of each format, of which there are many."""
SECRET = bytes(range(20))

Files = st.SearchStrategy[list[SeedRecord]]
DIGITS: Final = st.none() | st.integers(6, 8)
HASHES: Final = st.none() | st.sampled_from(Algorithm)
SHA1: Final = st.none() | st.just(Algorithm.SHA1)
COUNTERS: Final = st.integers(0, MAX_COUNTER)
STEPS: Final = st.integers(1, 86_400)
# What a format has to escape or to quote.
NAMES: Final = st.none() | st.text("aZ9&%+,?=/#'\"<> é", min_size=1, max_size=9).map(
    lambda text: " ".join(text.split())
).filter(bool)
MOMENTS: Final = st.none() | st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001  # hypothesis wants naive bounds
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  # the same
    timezones=st.just(UTC),
)


def files(longest: int = 64, **settings: st.SearchStrategy[Any]) -> Files:
    """Draw the tokens of a file, each with settings of its own."""
    record = st.builds(
        SeedRecord,
        serial=st.from_regex(r"[A-Z0-9]{1,24}", fullmatch=True),
        secret=st.binary(min_size=16, max_size=longest).map(Secret),
        **settings,
    )
    return st.lists(record, min_size=1, max_size=4, unique_by=lambda record: record.serial)


def events(longest: int = 64, **settings: st.SearchStrategy[Any]) -> Files:
    """Draw event tokens."""
    return files(longest, token_type=st.just(TokenType.EVENT), **settings)


def times(longest: int = 64, **settings: st.SearchStrategy[Any]) -> Files:
    """Draw time tokens."""
    return files(longest, token_type=st.just(TokenType.TIME), **settings)


def alike(drawn: list[SeedRecord]) -> list[SeedRecord]:
    """Give all tokens the first one's settings."""
    return [replace(drawn[0], serial=r.serial, secret=r.secret) for r in drawn]


PSKC: Final = files(
    token_type=st.none() | st.sampled_from(TokenType),
    algorithm=HASHES,
    digits=DIGITS,
    counter=st.none() | COUNTERS,
    step_s=st.none() | STEPS,
    time_steps=st.none() | COUNTERS,
    drift_steps=st.none() | st.integers(-(2**31), 2**31 - 1),
    starts_at=MOMENTS,
    expires_at=MOMENTS,
    manufacturer=NAMES,
    model=NAMES,
)
CARRIED: Final[Mapping[SeedFormat, Files]] = {
    SeedFormat.PSKC: PSKC,
    SeedFormat.FEITIAN_XML: PSKC.map(
        lambda drawn: [replace(r, manufacturer="Feitian" + (r.manufacturer or "")) for r in drawn]
    ),
    SeedFormat.SAFENET_XML: events(
        31,
        algorithm=st.just(Algorithm.SHA1),
        digits=st.just(6),
        counter=st.none() | COUNTERS,
        model=NAMES,
    ),
    SeedFormat.DEEPNET_XML: times(
        step_s=STEPS, algorithm=HASHES, digits=DIGITS, manufacturer=NAMES, model=NAMES
    ).map(alike),
    SeedFormat.OTPAUTH: events(
        counter=COUNTERS, algorithm=HASHES, digits=DIGITS, manufacturer=NAMES
    )
    | times(step_s=st.none() | STEPS, algorithm=HASHES, digits=DIGITS, manufacturer=NAMES),
    SeedFormat.USERSFILE: events(
        usersfile.MAX_SECRET, counter=st.none() | COUNTERS, algorithm=SHA1, digits=DIGITS
    )
    | times(
        usersfile.MAX_SECRET,
        step_s=st.sampled_from(usersfile.STEPS),
        algorithm=SHA1,
        digits=DIGITS,
    ),
    SeedFormat.ENTRA_CSV: times(
        step_s=st.sampled_from(entra_csv.STEPS), algorithm=SHA1, manufacturer=NAMES, model=NAMES
    ),
    SeedFormat.NEXUS: events(counter=COUNTERS, algorithm=SHA1),
    SeedFormat.YUBICO_CSV: events(counter=st.integers(0, 2**32 - 1), algorithm=SHA1),
    SeedFormat.YUBICO_LOG: events(
        counter=st.integers(0, 2**32 - 1), algorithm=SHA1, digits=st.sampled_from([6, 8])
    ),
    SeedFormat.PINGID_CSV: events(counter=COUNTERS, algorithm=SHA1),
    SeedFormat.OATH_CSV: events(counter=st.none() | COUNTERS, algorithm=HASHES, digits=DIGITS)
    | times(step_s=st.none() | STEPS, algorithm=HASHES, digits=DIGITS)
    | files(algorithm=HASHES, digits=DIGITS),
}
"""Tokens that each format can carry."""


def written(row: Format, records: Iterable[SeedRecord]) -> bytes:
    """Return a whole file."""
    return b"".join(piece for _, piece in row.write(records))


def sampled(row: Format) -> bytes:
    """Return a file of a format with the first sample token that it takes."""
    sample = next(sample for sample in SAMPLES.values() if survives(sample, row))
    return written(row, [replace(without(sample, row), secret=Secret(SECRET))])


def spellings(secret: bytes) -> Collection[str]:
    """Return how formats write a secret, in lower case."""
    codings = base64.b64encode(secret), base64.b32encode(secret)
    return {secret.hex(), *(text.decode().rstrip("=").lower() for text in codings)}


@ROWS
@settings(max_examples=EACH)
@given(st.data(), st.booleans())
def test_round_trip(row: Format, data: st.DataObject, practice: bool) -> None:  # noqa: FBT001  # drawn
    """What is written is read back the same, the format told from it and the hash it implies."""
    records = [replace(each, practice=practice) for each in data.draw(CARRIED[row.name])]
    implied = {Algorithm.SHA1} if hashes_carried(row) == (Algorithm.SHA1,) else set()
    expected = tuple(replace(r, algorithm=next(iter(implied), r.algorithm)) for r in records)
    assert expected == read_seed_bytes(written(row, records), "x")


@ROWS
def test_samples_survive(row: Format) -> None:
    """Of each sample token comes back all that the format carries, or it has no such tokens."""
    trips = [survives(record, row) for record in SAMPLES.values()]
    assert (True, False) == (True in trips, False in trips)


@ROWS
def test_encrypted(row: Format) -> None:
    """Where a format can be encrypted, a token comes back from under a key."""
    expected = True if row.encrypted else None
    assert expected is survives(SAMPLES[TokenType.EVENT], row, **LOCK)


@ROWS
def test_hashes_and_digits(row: Format) -> None:
    """A format that has room for a hash or for digits carries at least the usual ones."""
    assert ("algorithm" in row.carried) is (Algorithm.SHA1 in hashes_carried(row))
    assert ("digits" in row.carried) is (6 in digits_carried(row))


@ROWS
@pytest.mark.parametrize("name", [field.name for field in fields(SeedRecord)][2:-1])
def test_losses_are_refused(row: Format, name: str) -> None:
    """A setting that a format has no room for is named, not dropped."""
    said: dict[str, Any] = {
        field.name: getattr(record, field.name)
        for record in SAMPLES.values()
        for field in fields(record)
        if getattr(record, field.name) is not None
    } | {"t0_s": 5}
    sample = next(sample for sample in SAMPLES.values() if survives(sample, row))
    record = replace(without(sample, row), **{name: said[name]})
    if name in row.lost(record):
        with pytest.raises(SeedFileError, match=rf"\({sample.serial}\): .*can't carry .*{name}"):
            written(row, [record])
    else:
        assert name in row.carried


@ROWS
def test_keys_for_what_is_not_encrypted(row: Format) -> None:
    """A key for a format that is never encrypted is a mistake, read or written."""
    if not row.encrypted:
        with pytest.raises(SeedFileError, match="never encrypted"):
            row.parse(b"", "x", password="p")
        with pytest.raises(SeedFileError, match="never encrypted"):
            list(row.write([SAMPLES[TokenType.EVENT]], key=bytes(16)))


@ROWS
@settings(max_examples=EACH)
@given(junk=st.binary() | st.text().map(str.encode), at=st.integers(-1, 400))
@pytest.mark.filterwarnings("ignore::UserWarning")  # a short secret, something not kept
def test_any_bytes(row: Format, junk: bytes, at: int) -> None:
    """Whatever bytes come, alone or in a good file, they are read or refused by a SeedFileError."""
    good = b"" if at < 0 else sampled(row)
    data = good[:at] + junk + good[at:]
    assert row.looks_like(data) in {False, True}
    with contextlib.suppress(SeedFileError):
        list(row.parse(data, "x"))


@ROWS
@settings(max_examples=EACH)
@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from("\"',#:/%&=<>?\t\0 0aGx-é"))))
@pytest.mark.filterwarnings("ignore::UserWarning")  # a short secret, something not kept
def test_mutated(row: Format, edits: list[tuple[int, str]]) -> None:
    """A good file with a few characters changed is read, or refused without its secret."""
    text = sampled(row).decode()
    for at, char in edits:
        text = text[:at] + char + text[at + 1 :]
    message = ""
    try:
        list(row.parse(text.encode(), "x"))
    except SeedFileError as e:
        message = str(e).lower()
    assert not any(spelling in message for spelling in spellings(SECRET))
