"""The table of formats: what each is called, carries, and is recognised by.

A format is a module; here it becomes a row, and nothing else knows them all.
"""

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypedDict

from hosttools.seedfiles import (
    deepnet_xml,
    entra_csv,
    feitian_xml,
    nexus,
    oath_csv,
    otpauth,
    pingid_csv,
    pskc,
    safenet_xml,
    usersfile,
    yubico_csv,
)
from hosttools.seedfiles.errors import SeedFileError
from hosttools.seedfiles.model import SeedRecord, uncarried
from hosttools.seedfiles.rows import lost_settings

Found = Iterator[tuple[int, SeedRecord]]
"""Line and record of each token of a file."""


class SeedFormat(enum.StrEnum):
    """The formats, by the names that options use."""

    OATH_CSV = "oath-csv"
    PSKC = "pskc"
    FEITIAN_XML = "feitian-xml"
    SAFENET_XML = "safenet-xml"
    DEEPNET_XML = "deepnet-xml"
    YUBICO_CSV = "yubico-csv"
    YUBICO_LOG = "yubico-log"
    ENTRA_CSV = "entra-csv"
    PINGID_CSV = "pingid-csv"
    USERSFILE = "usersfile"
    NEXUS = "nexus"
    OTPAUTH = "otpauth"


class Keys(TypedDict, total=False):
    """What a file is encrypted with, as :class:`Parse` and :class:`Write` take it."""

    key: bytes | None
    password: str | None


class Parse(Protocol):
    """What reads a format."""

    def __call__(
        self, data: bytes, source: str, *, key: bytes | None = None, password: str | None = None
    ) -> Found:
        """Yield the line number and the record of each token."""


class Write(Protocol):
    """What writes a format."""

    def __call__(
        self,
        records: Iterable[SeedRecord],
        *,
        key: bytes | None = None,
        password: str | None = None,
    ) -> Iterator[tuple[int, bytes]]:
        """Yield the file in pieces, each with the number of tokens in it."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: its name.
        title: what people call it.
        parse: reads it.
        write: writes it.
        carried: the settings that it has room for.
        looks_like: whether a file's content is of this format; never raises.
        derive: works out the key of a file from its password; ``None`` for a format that is
            never encrypted.
        record_tag: the XML element that holds one token; ``None`` for one a line.
        one_factor: whether the type of a token says if it can have a counter or a step.
    """

    name: SeedFormat
    title: str
    parse: Parse
    write: Write
    carried: frozenset[str]
    looks_like: Callable[[bytes], bool]
    derive: Callable[[bytes, str, str], bytes] | None = None
    record_tag: str | None = None
    one_factor: bool = True

    @property
    def encrypted(self) -> bool:
        """Whether it can be encrypted."""
        return self.derive is not None

    def lost(self, record: SeedRecord) -> list[str]:
        """Name the settings of a record that the format would lose."""
        if self.one_factor:
            return lost_settings(record, self.carried)
        return list(uncarried(record, self.carried))


def _plain(
    name: SeedFormat,
    title: str,
    parse: Callable[[bytes, str], Found],
    write: Callable[[Iterable[SeedRecord]], str | bytes],
    carried: frozenset[str],
    looks_like: Callable[[bytes], bool],
    record_tag: str | None = None,
) -> Format:
    """Return the row of a format that is never encrypted."""

    def refuse(key: bytes | None, password: str | None, source: str | None = None) -> None:
        if key is not None or password is not None:
            raise SeedFileError(f"{title} is never encrypted; leave out the key", source=source)

    def read(
        data: bytes, source: str, *, key: bytes | None = None, password: str | None = None
    ) -> Found:
        refuse(key, password, source)
        return parse(data, source)

    def pieces(
        records: Iterable[SeedRecord], *, key: bytes | None = None, password: str | None = None
    ) -> Iterator[tuple[int, bytes]]:
        refuse(key, password)
        chosen = tuple(records)
        whole = write(chosen)
        yield len(chosen), whole.encode() if isinstance(whole, str) else whole

    return Format(
        name,
        title,
        read,
        pieces,
        carried,
        looks_like,
        record_tag=record_tag,
    )


def is_xml(data: bytes) -> bool:
    """Whether a file's content begins as XML does."""
    return data.removeprefix(pskc.BOM).lstrip()[:1] == b"<"


_TABLE: Final = (
    # In the order in which they are tried: the more particular first.
    Format(
        SeedFormat.FEITIAN_XML,
        "Feitian XML",
        feitian_xml.parse_feitian_xml,
        feitian_xml.feitian_pieces,
        feitian_xml.CARRIED,
        feitian_xml.looks_like,
        derive=pskc.derived_key,
        record_tag="KeyPackage",
        one_factor=False,
    ),
    _plain(
        SeedFormat.SAFENET_XML,
        "SafeNet eToken XML",
        safenet_xml.parse_safenet_xml,
        safenet_xml.write_safenet_xml,
        safenet_xml.CARRIED,
        safenet_xml.looks_like,
        safenet_xml.RECORD[-1],
    ),
    _plain(
        SeedFormat.DEEPNET_XML,
        "Deepnet XML",
        deepnet_xml.parse_deepnet_xml,
        deepnet_xml.write_deepnet_xml,
        deepnet_xml.CARRIED,
        deepnet_xml.looks_like,
        deepnet_xml.RECORD[-1],
    ),
    Format(
        SeedFormat.PSKC,
        "PSKC (RFC 6030)",
        pskc.parse_pskc,
        pskc.pskc_pieces,
        pskc.CARRIED,
        # Any other XML too: its messages then say what was expected.
        is_xml,
        derive=pskc.derived_key,
        record_tag="KeyPackage",
        one_factor=False,
    ),
    _plain(
        SeedFormat.OTPAUTH,
        "otpauth URIs",
        otpauth.parse_otpauth,
        otpauth.write_otpauth,
        otpauth.CARRIED,
        otpauth.looks_like,
    ),
    _plain(
        SeedFormat.USERSFILE,
        "oath-toolkit UsersFile",
        usersfile.parse_usersfile,
        usersfile.write_usersfile,
        usersfile.CARRIED,
        usersfile.looks_like,
    ),
    _plain(
        SeedFormat.ENTRA_CSV,
        "Microsoft Entra CSV",
        entra_csv.parse_entra_csv,
        entra_csv.write_entra_csv,
        entra_csv.CARRIED,
        entra_csv.looks_like,
    ),
    _plain(
        SeedFormat.NEXUS,
        "Nexus text",
        nexus.parse_nexus,
        nexus.write_nexus,
        nexus.CARRIED,
        nexus.looks_like,
    ),
    _plain(
        SeedFormat.YUBICO_CSV,
        "Yubico CSV",
        yubico_csv.parse_yubico_csv,
        yubico_csv.write_yubico_csv,
        yubico_csv.CARRIED,
        yubico_csv.looks_like,
    ),
    _plain(
        SeedFormat.YUBICO_LOG,
        "Yubico CSV, traditional",
        yubico_csv.parse_yubico_csv,
        yubico_csv.write_yubico_log,
        yubico_csv.CARRIED_LOG,
        # Both are read by one reader, which the row above has named already.
        lambda _data: False,
    ),
    _plain(
        SeedFormat.PINGID_CSV,
        "PingID and Duo CSV",
        pingid_csv.parse_pingid_csv,
        pingid_csv.write_pingid_csv,
        pingid_csv.CARRIED,
        pingid_csv.looks_like,
    ),
    _plain(
        SeedFormat.OATH_CSV,
        "OATH CSV",
        oath_csv.parse_oath_csv,
        oath_csv.write_oath_csv,
        oath_csv.CARRIED,
        # Whatever is left: its messages name the line and the fields it should have.
        lambda _data: True,
    ),
)

FORMATS: Final[Mapping[SeedFormat, Format]] = {row.name: row for row in _TABLE}
"""All formats, in the order in which a file's content is tried against them."""


def guess_format(data: bytes) -> SeedFormat:
    """Tell the format from the content; what nothing else claims is OATH CSV."""
    return next(row.name for row in FORMATS.values() if row.looks_like(data))
