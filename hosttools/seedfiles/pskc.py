"""PSKC, the portable symmetric key container (RFC 6030).

Read and written in the clear, under a pre-shared key or under a password.
python-pskc does the coding and the ciphers; what is read comes through
:mod:`xml_guard`. XML signatures are not verified.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final, TypeVar

from firmware_model.errors import FirmwareError
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles.errors import (
    Place,
    SeedFileError,
    SeedKeyError,
    not_kept,
    read_serial,
    shown,
)
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

ROUNDS: Final = 600_000
"""PBKDF2 rounds for a password's key, 0.14 s of work on a small server. Our default; RFC 6030
shows 1,000."""

_NOT_KEPT: Final = {
    "issue_no": "IssueNo",
    "device_binding": "DeviceBinding",
    "device_userid": "DeviceInfo/UserId",
    "crypto_module": "CryptoModuleInfo",
    "issuer": "Issuer",
    "key_profile": "KeyProfileId",
    "key_reference": "KeyReference",
    "friendly_name": "FriendlyName",
    "key_userid": "Key/UserId",
    "challenge_encoding": "ChallengeFormat",
}
"""What python-pskc reads of a key and no record has room for, and what RFC 6030 calls it."""

_POLICY_NOT_KEPT: Final = {
    "pin_key_id": "PINPolicy",
    "pin_usage": "PINPolicy",
    "number_of_transactions": "NumberOfTransactions",
}
_USAGE: Final = ("OTP",)
"""The one use of a key that goes without saying."""

_KEY_BYTES: Final = (16, 24, 32)
_KEY_NAME: Final = "Pre-shared-key"
"""Says that the key is one both sides have; RFC 6030 figure 6."""

_BATCH: Final = 1_000
"""Tokens that python-pskc has in memory at once; each takes some 8 kB while it is written."""

_TYPES: Final = {"hotp": TokenType.EVENT, "totp": TokenType.TIME}
_PACKAGE: Final = b"<pskc:KeyPackage>"
_PACKAGE_END: Final = b"</pskc:KeyPackage>"
BOM: Final = b"\xef\xbb\xbf"
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
    if len(container.keys) != len(guard.record_lines):
        raise place.error("keys outside KeyPackage/Key of the PSKC namespace")
    if key is not None:
        container.encryption.key = key
    elif password is not None:
        _ask(place, lambda: container.encryption.derive_key(password))
    if container.encryption.key is not None and container.mac.algorithm is not None:
        # The key of the MACs comes once: a wrong password fails here, not once a token.
        _ask(place, lambda: container.mac.key)
    pairs = zip(guard.record_lines, container.keys, strict=True)
    for number, (line, entry) in enumerate(pairs, 1):
        place = Place(source, line, number)
        yield line, _record(entry, place, practice=guard.practice)


def derived_key(data: bytes, source: str, password: str) -> bytes:
    """Return the key that a file's password gives, for whoever reads the file in parts.

    Raises:
        SeedFileError: it says nothing, or too much, of how.
    """
    Guard(source).feed(data)
    place = Place(source)
    encryption = _ask(place, lambda: _load(data)).encryption
    _ask(place, lambda: encryption.derive_key(password))
    if encryption.key is None:
        raise place.error("no key can be derived from a password")
    return encryption.key


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
            raise SeedKeyError(
                "encrypted; give its pre-shared key, or its password",
                source=place.source,
                line=place.line,
                record=place.record,
                serial=place.serial,
            ) from None
        raise place.error(
            f"can't be decrypted ({_words(e)}); wrong key or password, or a damaged file"
        ) from None
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
    not_kept(_left(entry))
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


def _left(entry: "Key") -> list[str]:
    """Name what a key says and its record can't."""
    names = [name for field, name in _NOT_KEPT.items() if getattr(entry, field) is not None]
    policy = entry.policy
    names += [name for field, name in _POLICY_NOT_KEPT.items() if getattr(policy, field)]
    if not set(policy.key_usage) <= set(_USAGE):
        names.append("KeyUsage")
    return list(dict.fromkeys(names))


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


def looks_like(data: bytes) -> bool:
    """Whether a file is XML with a ``KeyContainer`` near its beginning."""
    return b"KeyContainer" in data[:4096] and data.removeprefix(BOM).lstrip()[:1] == b"<"


def write_pskc(
    records: Iterable[SeedRecord], *, key: bytes | None = None, password: str | None = None
) -> bytes:
    """Return the records as PSKC, secrets in the clear unless a key or password is given.

    Only the secrets are encrypted (AES-CBC) and authenticated (HMAC-SHA1), as in RFC 6030.

    Args:
        records: the tokens.
        key: pre-shared key, 16, 24 or 32 bytes.
        password: a key is derived from it (PBKDF2).

    Raises:
        SeedFileError: a setting that the format has no room for, a key that can't
            be, or what :func:`~hosttools.seedfiles.writing.prepare` refuses.
    """
    return b"".join(piece for _, piece in pskc_pieces(records, key=key, password=password))


def pskc_pieces(
    records: Iterable[SeedRecord], *, key: bytes | None = None, password: str | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield a PSKC file in pieces, each with the tokens in it; see :func:`write_pskc`."""
    from pskc import PSKC  # noqa: PLC0415 (see _load)

    placed, practice = prepare(records, "PSKC")
    for place, record in placed:
        lost = uncarried(record, CARRIED)
        if lost:
            raise place.error(f"the format can't carry {', '.join(lost)}; drop it first")
    container = PSKC()
    _encrypt(container, key, password)
    for first in range(0, len(placed), _BATCH):
        batch = placed[first : first + _BATCH]
        container.devices.clear()
        for _, record in batch:
            _add(container, record)
        out = BytesIO()
        container.write(out)
        # Each batch is a container with the same head; one head and one foot are kept.
        head, opening, rest = out.getvalue().partition(_PACKAGE)
        packages, closing, foot = rest.rpartition(_PACKAGE_END)
        if first == 0:
            declaration, newline, body = head.partition(b"\n")
            mark = f"<!-- {MARK} -->\n".encode() if practice else b""
            head = declaration + newline + mark + body
        else:
            head = b"\n "
        last = first + len(batch) == len(placed)
        yield len(batch), head + opening + packages + closing + (foot if last else b"")


def _encrypt(container: "PSKC", key: bytes | None, password: str | None) -> None:
    if key is not None and password is not None:
        raise SeedFileError("give a pre-shared key or a password, not both")
    if key is not None:
        if len(key) not in _KEY_BYTES:
            raise SeedFileError(f"a pre-shared key of {len(key)} bytes; allowed are 16, 24, 32")
        algorithm = f"aes{len(key) * 8}-cbc"
        container.encryption.setup_preshared_key(key=key, algorithm=algorithm, key_name=_KEY_NAME)
    elif password is not None:
        if not password:
            raise SeedFileError("an empty password; give one")
        container.encryption.setup_pbkdf2(password, iterations=ROUNDS)


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
