"""PSKC, the portable symmetric key container (RFC 6030).

Read in the clear, under a pre-shared key or under a password; written in the
clear. python-pskc does the decoding and decrypting, behind :mod:`xml_guard`.
XML signatures are not verified.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final, TypeVar

from firmware_model.errors import FirmwareError
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import Place, read_serial, shown
from hosttools.seedfiles.model import SeedRecord, uncarried
from hosttools.seedfiles.practice import MARK
from hosttools.seedfiles.writing import prepare
from hosttools.seedfiles.xml_guard import NAMESPACE, Guard

if TYPE_CHECKING:
    from pskc import PSKC
    from pskc.key import Key

T = TypeVar("T")

CARRIED: Final = frozenset(
    {
        "token_type",
        "algorithm",
        "digits",
        "step_s",
        "counter",
        "time_steps",
        "drift_steps",
        "starts_at",
        "expires_at",
        "manufacturer",
        "model",
    }
)
"""The settings that the format has room for: all but T0."""

_TYPES: Final = {"hotp": TokenType.EVENT, "totp": TokenType.TIME}
_URIS: Final = {token_type: f"{NAMESPACE}:{name}" for name, token_type in _TYPES.items()}
_URI: Final = re.compile(
    r"(?:urn:ietf:params:xml:ns:keyprov:pskc[:#]|http://www\.ietf\.org/keyprov/pskc#)(hotp|totp)",
    re.IGNORECASE,
)
_SUITE: Final = re.compile(r"(?:\S*#)?(?:hmac)?[-_ ]?sha[-_ ]?(1|256|512)", re.IGNORECASE)


def parse_pskc(
    data: bytes, source: str, *, key: bytes | None = None, password: str | None = None
) -> Iterator[tuple[int, SeedRecord]]:
    """Yield the line number and the record of each token.

    Args:
        data: the file.
        source: its name, for messages.
        key: the pre-shared key of an encrypted file.
        password: the password of one whose key is derived from it.

    Raises:
        SeedFileError: what is wrong, in which line.
    """
    guard = Guard(source)
    guard.feed(data)
    place = Place(source)
    container = _ask(place, lambda: _load(data))
    if len(container.keys) != len(guard.key_lines):
        raise place.error("keys outside KeyPackage/Key of the PSKC namespace")
    if key is not None:
        container.encryption.key = key
    elif password is not None:
        _ask(place, lambda: container.encryption.derive_key(password))
    pairs = zip(guard.key_lines, container.keys, strict=True)
    for number, (line, entry) in enumerate(pairs, 1):
        place = Place(source, line, number)
        yield line, _record(entry, place, practice=guard.practice)


def _load(data: bytes) -> "PSKC":
    # Some 30 ms, and CSV needs none of it.
    from pskc import PSKC  # noqa: PLC0415 (see above)

    return PSKC(BytesIO(data))


def _ask(place: Place, question: Callable[[], T]) -> T:
    """Let python-pskc do something with a file that may be damaged."""
    from pskc.exceptions import (  # noqa: PLC0415 (see _load)
        DecryptionError,
        KeyDerivationError,
        PSKCError,
    )

    try:
        return question()
    except DecryptionError as e:
        if str(e) == "No key available":  # no better way to tell
            what = "encrypted; give its pre-shared key, or its password"
        else:
            what = f"can't be decrypted ({_words(e)}); wrong key or password, or a damaged file"
        raise place.error(what) from None
    except KeyDerivationError as e:
        raise place.error(f"no key can be derived from a password ({_words(e)})") from None
    except PSKCError as e:
        raise place.error(f"not a PSKC file ({_words(e)})") from None
    except Exception as e:  # noqa: BLE001 (whatever its base64, XML, number, date and cipher code meets)
        raise place.error(f"not a PSKC file that can be read ({type(e).__name__})") from None


def _words(error: Exception) -> str:
    # What python-pskc quotes of the file comes last.
    return re.split("[:'\"]", str(error))[0].strip()


def _record(entry: "Key", place: Place, *, practice: bool) -> SeedRecord:
    serial = _serial(entry, place)
    place = Place(place.source, place.line, place.record, serial)
    secret = _ask(place, lambda: entry.secret)
    if secret is None:
        raise place.error("a key without Data/Secret; keys held elsewhere can't be used")
    if entry.response_encoding not in (None, "DECIMAL") or entry.response_check:
        raise place.error("codes that are not plain decimal digits; such tokens aren't modelled")
    try:
        return SeedRecord(
            serial=serial,
            secret=Secret(secret),
            token_type=_token_type(entry.algorithm, place),
            algorithm=_algorithm(entry.algorithm_suite, place),
            digits=entry.response_length,
            step_s=_ask(place, lambda: entry.time_interval),
            counter=_ask(place, lambda: entry.counter),
            time_steps=_ask(place, lambda: entry.time_offset),
            drift_steps=_ask(place, lambda: entry.time_drift),
            starts_at=_moment(entry.policy.start_date or entry.start_date),
            expires_at=_moment(entry.policy.expiry_date or entry.expiry_date),
            manufacturer=_name(entry.manufacturer),
            model=_name(entry.model),
            practice=practice,
        )
    except FirmwareError as e:
        raise place.error(str(e)) from None


def _serial(entry: "Key", place: Place) -> str:
    text = entry.serial or entry.id
    if not text:
        raise place.error("neither DeviceInfo/SerialNo nor a Key Id to name the token by")
    return read_serial(text, place)


def _token_type(uri: str | None, place: Place) -> TokenType | None:
    if uri is None:
        return None
    match = _URI.fullmatch(uri)
    if match is None:
        last = re.split("[:#/]", uri)[-1]
        raise place.error(
            f"Key Algorithm ends in {shown(last)}; allowed are {', '.join(_URIS.values())}"
        )
    return _TYPES[match[1].lower()]


def _algorithm(suite: str | None, place: Place) -> Algorithm | None:
    if suite is None:
        return None
    match = _SUITE.fullmatch(suite)
    if match is None:
        raise place.error(f"Suite: {shown(suite)}; allowed are HMAC-SHA1, HMAC-SHA256, HMAC-SHA512")
    return Algorithm(f"SHA{match[1]}")


def _moment(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    # xs:dateTime without a zone; RFC 6030 wants UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _name(text: str | None) -> str | None:
    # Pretty-printed files wrap long names.
    return " ".join(text.split()) if text else None


def write_pskc(records: Iterable[SeedRecord]) -> bytes:
    """Return the records as PSKC, secrets in the clear.

    Raises:
        SeedFileError: a setting that the format has no room for, or what
            :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    from pskc import PSKC  # noqa: PLC0415 (see _load)

    placed, practice = prepare(records, "PSKC")
    container = PSKC()
    for place, record in placed:
        lost = uncarried(record, CARRIED)
        if lost:
            raise place.error(f"the format can't carry {', '.join(lost)}; drop it first")
        _add(container, record)
    out = BytesIO()
    container.write(out)
    head, newline, body = out.getvalue().partition(b"\n")
    mark = f"<!-- {MARK} -->\n".encode() if practice else b""
    return head + newline + mark + body


def _add(container: "PSKC", record: SeedRecord) -> None:
    suite = record.algorithm.value if record.algorithm else None
    container.add_key(
        id=record.serial,
        serial=record.serial,
        manufacturer=record.manufacturer,
        model=record.model,
        algorithm=_URIS[record.token_type] if record.token_type else None,
        algorithm_suite=f"HMAC-{suite}" if suite else None,
        response_encoding=None if record.digits is None else "DECIMAL",
        response_length=record.digits,
        secret=record.secret.reveal(),
        counter=record.counter,
        time_offset=record.time_steps,
        time_interval=record.step_s,
        time_drift=record.drift_steps,
        policy__start_date=record.starts_at,
        policy__expiry_date=record.expires_at,
    )
