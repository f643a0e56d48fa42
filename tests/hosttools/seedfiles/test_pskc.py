"""PSKC (RFC 6030): in the clear, under a key, under a password; and pskctool agrees."""

import base64
import contextlib
import dataclasses
import hashlib
import hmac
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import ShortSecretWarning
from firmware_model.oath import Algorithm, Secret
from firmware_model.profile import TokenType
from hosttools.seedfiles import pskc
from hosttools.seedfiles.errors import NotKeptWarning, SeedFileError
from hosttools.seedfiles.model import SeedRecord
from hosttools.seedfiles.practice import MARK
from hosttools.seedfiles.pskc import write_pskc
from hosttools.seedfiles.reader import read_seed_bytes, read_seeds
from hosttools.seedfiles.registry import SeedFormat
from hosttools.seedfiles.samples import sample
from hosttools.testing import BACKSTOP_S

NS = "urn:ietf:params:xml:ns:keyprov:pskc"
AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
SECRET = Secret(bytes(range(20)))
B64 = base64.b64encode(SECRET.reveal()).decode()
MADE_UP = Secret.from_hex("00112233445566778899aabbccddeeff00112233")
PLAIN = f"<Secret><PlainValue>{B64}</PlainValue></Secret>"


def document(
    data: str = PLAIN,
    *,
    device: str = "<SerialNo>GALH00000001</SerialNo>",
    key: str = f'Id="1" Algorithm="{NS}:hotp"',
    parameters: str = "",
    head: str = "",
    policy: str = "",
) -> bytes:
    """Return a container with one key."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<KeyContainer Version="1.0" xmlns="{NS}"'
        ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
        ' xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"'
        ' xmlns:xenc11="http://www.w3.org/2009/xmlenc11#"'
        ' xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#">\n'
        f"{head}<KeyPackage><DeviceInfo>{device}</DeviceInfo>\n<Key {key}>"
        f"<AlgorithmParameters>{parameters}</AlgorithmParameters><Data>{data}</Data>"
        f"<Policy>{policy}</Policy></Key></KeyPackage>\n</KeyContainer>\n"
    ).encode()


def encrypted(value: str, mac: str, mac_key: str, *, head: str, serial: str) -> bytes:
    """Return a container with one key whose secret is encrypted, with a MAC."""
    cipher = (
        f'<xenc:EncryptionMethod Algorithm="{AES}"/>'
        "<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>"
    )
    return document(
        f"<Secret><EncryptedValue>{cipher.format(value)}</EncryptedValue>"
        f"<ValueMAC>{mac}</ValueMAC></Secret>",
        device=f"<SerialNo>{serial}</SerialNo>",
        head=f"<EncryptionKey>{head}</EncryptionKey>"
        '<MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1">'
        f"<MACKey>{cipher.format(mac_key)}</MACKey></MACMethod>",
    )


PRE_SHARED = "<ds:KeyName>Pre-shared-key</ds:KeyName>"


def pbkdf2(salt: str, rounds: str = "1000", length: str = "16") -> str:
    """Return what says how a key is derived from a password."""
    return (
        "<xenc11:DerivedKey><xenc11:KeyDerivationMethod"
        ' Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2">'
        f"<pkcs5:PBKDF2-params><Salt><Specified>{salt}</Specified></Salt>"
        f"<IterationCount>{rounds}</IterationCount><KeyLength>{length}</KeyLength><PRF/>"
        "</pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod></xenc11:DerivedKey>"
    )


UNDER_KEY = encrypted(
    "sLCwsLCwsLCwsLCwsLCwsGrfgJLqQqjBssJqB1ftUAPtZ+dMDYtUaH9HEiPM4tw9",
    "kgbrW5saaxnyjcbDUfJ7jSabbIg=",
    "oKCgoKCgoKCgoKCgoKCgoKwmWRwPi9gO58fjotFOKyLtbpfrGfywgoqFVen1/iD8",
    head=PRE_SHARED,
    serial="GALH00000042",
)
KEY = bytes(range(16))


def under_password(rounds: str = "1000", length: str = "16") -> bytes:
    """Encrypt the made-up token under the key that "example" must give (see the test)."""
    key = bytes.fromhex("021862482a19b6109f64f9900df130d3")
    mac_key = bytes(range(20))
    value, wrapped = (cbc(key, b"\x0b" * 16, text) for text in (MADE_UP.reveal(), mac_key))
    mac = hmac.digest(mac_key, value, "sha1")
    texts = [base64.b64encode(raw).decode() for raw in (value, mac, wrapped)]
    head = pbkdf2("AQIDBAUGBwg=", rounds, length)
    return encrypted(texts[0], texts[1], texts[2], head=head, serial="GALH00000042")


def cbc(key: bytes, iv: bytes, text: bytes) -> bytes:
    """Encrypt as XML Encryption does: the initialisation vector comes first."""
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padded = padder.update(text) + padder.finalize()
    return iv + encryptor.update(padded) + encryptor.finalize()


def read(data: bytes, key: bytes | None = None, password: str | None = None) -> SeedRecord:
    """Read a file with one token."""
    (record,) = read_seed_bytes(data, "t.xml", format=SeedFormat.PSKC, key=key, password=password)
    return record


def complaint(data: bytes, key: bytes | None = None, password: str | None = None) -> str:
    """Return what is said against a file."""
    with pytest.raises(SeedFileError) as caught:
        read(data, key, password)
    return str(caught.value)


def test_least() -> None:
    """A serial number and a secret are enough; what is not said is None."""
    expected = SeedRecord(serial="GALH00000001", secret=SECRET)
    assert expected == read(document(key='Id="1"'))


def test_everything() -> None:
    """Every setting that RFC 6030 has a place for arrives."""
    numbers = {"Counter": 7, "Time": 100, "TimeInterval": 60, "TimeDrift": -4}
    data = PLAIN + "".join(
        f"<{name}><PlainValue>{n}</PlainValue></{name}>" for name, n in numbers.items()
    )
    expected = SeedRecord(
        serial="GALT00000001",
        secret=SECRET,
        token_type=TokenType.TIME,
        algorithm=Algorithm.SHA256,
        digits=8,
        counter=7,
        time_steps=100,
        step_s=60,
        drift_steps=-4,
        starts_at=datetime(2026, 1, 2, tzinfo=UTC),
        expires_at=datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC),
        manufacturer="Acme Co., Ltd",
        model="One",
    )
    assert expected == read(
        document(
            data,
            device="<Manufacturer>Acme\n Co., Ltd</Manufacturer>"
            "<SerialNo> galt 0000-0001 </SerialNo><Model>One</Model>",
            key=f'Id="1" Algorithm="{NS}:totp"',
            parameters='<Suite>HMAC-SHA256</Suite><ResponseFormat Length="8" Encoding="DECIMAL"/>',
            policy="<StartDate>2026-01-02T00:00:00</StartDate>"
            "<ExpiryDate>2030-12-31T23:59:59Z</ExpiryDate>",
        )
    )


def test_not_kept() -> None:
    """What a record has no room for is named, and no word of it repeated."""
    data = document(
        device="<SerialNo>GALH1</SerialNo><UserId>CN=Bob</UserId>",
        policy="<PINPolicy PINUsageMode='Append' MinLength='4'/><KeyUsage>OTP</KeyUsage>"
        "<KeyUsage>CR</KeyUsage><NumberOfTransactions>9</NumberOfTransactions>",
    )
    names = "DeviceInfo/UserId, PINPolicy, NumberOfTransactions, KeyUsage"
    with pytest.warns(NotKeptWarning, match=f"^not kept: {names}$"):
        read(data)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("urn:ietf:params:xml:ns:keyprov:pskc:hotp", TokenType.EVENT),
        ("urn:ietf:params:xml:ns:keyprov:pskc#totp", TokenType.TIME),
        ("http://www.ietf.org/keyprov/pskc#hotp", TokenType.EVENT),
    ],
)
def test_algorithm_uris(uri: str, expected: TokenType) -> None:
    """The token's type is in the key's algorithm, by its URI or one of the drafts'."""
    assert expected is read(document(key=f'Id="1" Algorithm="{uri}"')).token_type


@pytest.mark.parametrize(
    ("suite", "expected"),
    [
        ("HMAC-SHA1", Algorithm.SHA1),
        ("HmacSHA256", Algorithm.SHA256),
        ("sha-512", Algorithm.SHA512),
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", Algorithm.SHA256),
    ],
)
def test_suites(suite: str, expected: Algorithm) -> None:
    """The hash is in the suite, as makers spell it."""
    assert expected is read(document(parameters=f"<Suite>{suite}</Suite>")).algorithm


def test_key_id_for_serial() -> None:
    """Without a serial number the key's id names the token."""
    assert "GALH00000009" == read(document(device="", key='Id="GALH00000009"')).serial


def test_device_dates() -> None:
    """Dates of the device count where the key has none of its own."""
    device = "<SerialNo>A1</SerialNo><ExpiryDate>2031-01-01T00:00:00+01:00</ExpiryDate>"
    expected = datetime(2030, 12, 31, 23, tzinfo=UTC)
    assert expected == read(document(device=device)).expires_at


def test_marked() -> None:
    """A comment marks the seeds as practice seeds."""
    assert (True, False) == (
        read(document(head=f"<!-- {MARK} -->")).practice,
        read(document(head="<!-- seeds -->")).practice,
    )


def test_short_secret_warns() -> None:
    """A secret of 10 bytes is read, and the warning reaches the reader."""
    with pytest.warns(ShortSecretWarning):
        short = read(document("<Secret><PlainValue>AAECAwQFBgcICQ==</PlainValue></Secret>"))
    assert 10 == len(short.secret)


def test_rfc_figure_2() -> None:
    """The plain example of RFC 6030, figure 2, is read and known to be published."""
    value = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="
    record = read(
        document(
            f"<Secret><PlainValue>{value}\n</PlainValue></Secret>",
            device="<Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo>",
            key=f'Id="12345678" Algorithm="{NS}:hotp"',
        )
    )
    assert ("987654321", b"12345678901234567890", True) == (
        record.serial,
        record.secret.reveal(),
        record.practice,
    )


def test_rfc_figure_6() -> None:
    """The values of RFC 6030, figure 6, open under its pre-shared key."""
    record = read(
        encrypted(
            "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv",
            "Su+NvtQfmvfJzF6bmQiJqoLRExc=",
            "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX",
            head=PRE_SHARED,
            serial="987654321",
        ),
        key=bytes.fromhex("12345678901234567890123456789012"),
    )
    assert b"12345678901234567890" == record.secret.reveal()


def test_rfc_figure_7() -> None:
    """The values of RFC 6030, figure 7, open under the password "qwerty"."""
    record = read(
        encrypted(
            "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f",
            "LP6xMvjtypbfT9PdkJhBZ+D6O4w=",
            "2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx",
            head=pbkdf2("Ej7/PEpyEpw="),
            serial="987654321",
        ),
        password="qwerty",
    )
    assert b"12345678901234567890" == record.secret.reveal()


def test_pre_shared_key() -> None:
    """The made-up token opens under its pre-shared key."""
    assert MADE_UP == read(UNDER_KEY, key=KEY).secret


def test_password() -> None:
    """The made-up token opens under the key that its password gives."""
    derived = hashlib.pbkdf2_hmac("sha1", b"example", bytes(range(1, 9)), 1000, 16)
    assert ("021862482a19b6109f64f9900df130d3", MADE_UP) == (
        derived.hex(),
        read(under_password(), password="example").secret,
    )


def test_key_missing() -> None:
    """An encrypted file without a key says what it needs."""
    assert "t.xml, line 4, record 1 (GALH00000042): encrypted; give" in complaint(UNDER_KEY)


@pytest.mark.parametrize("key", [bytes(16), b"short", bytes(32)])
def test_wrong_key(key: bytes) -> None:
    """A wrong key, of any length, opens nothing."""
    assert "wrong key or password" in complaint(UNDER_KEY, key=key)


def test_wrong_mac() -> None:
    """A value whose MAC does not match is refused."""
    forged = UNDER_KEY.replace(b"kgbrW5sa", b"kgbrW5sb")
    assert "MAC value does not match" in complaint(forged, key=KEY)


def test_wrong_password() -> None:
    """A wrong password opens nothing, and is not repeated."""
    message = complaint(under_password(), password="Example")
    assert (True, False) == ("wrong key or password" in message, "Example" in message)


def test_password_without_derivation() -> None:
    """A password for a file that has nothing to derive a key by is a mistake."""
    assert "no key can be derived" in complaint(UNDER_KEY, password="example")


@pytest.mark.parametrize("rounds", ["0", "-1", "5000001", "9" * 30, "1e3"])
def test_rounds(rounds: str) -> None:
    """A derivation that would never end is not begun."""
    data = under_password(rounds)
    assert "IterationCount must be a number from 1 to 5000000" in complaint(data, password="x")


def test_derived_length() -> None:
    """A derived key of a length that nothing uses is refused."""
    data = under_password(length="65")
    assert "KeyLength must be a number from 1 to 64" in complaint(data, password="x")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (document(""), "without Data/Secret"),
        (document(key=f'Id="1" Algorithm="{NS}:ocra"'), "Key Algorithm ends in 'ocra'"),
        (document(parameters="<Suite>MD5</Suite>"), "Suite: 'MD5'; allowed are HMAC-SHA1"),
        (
            document(parameters='<ResponseFormat Length="5" Encoding="DECIMAL"/>'),
            "digits: '5'; allowed are 6 to 8",
        ),
        (document(parameters='<ResponseFormat Length="6" Encoding="HEX"/>'), "plain decimal"),
        (
            document(
                parameters='<ResponseFormat Length="6" Encoding="DECIMAL" CheckDigits="true"/>'
            ),
            "plain decimal",
        ),
        (
            document(f"{PLAIN}<Counter><PlainValue>-1</PlainValue></Counter>"),
            "counter: '-1'; allowed are 0 to",
        ),
        (document("<Secret><PlainValue>AAEC</PlainValue></Secret>"), "a secret of 3 bytes"),
        (document(device="", key=f'Algorithm="{NS}:hotp"'), "neither DeviceInfo/SerialNo"),
        (document(device="<SerialNo>GALH_1</SerialNo>"), "serial number: 'GALH_1'"),
    ],
)
def test_what_is_wrong(data: bytes, words: str) -> None:
    """An error names file, line and record, and says what is allowed."""
    message = complaint(data)
    assert (True, True) == (message.startswith("t.xml, line 4, record 1"), words in message)


def test_secrets_in_other_places() -> None:
    """A secret that has slipped into an attribute or a version is not repeated."""
    documents = [
        document(key=f'Id="1" Algorithm="{B64}"'),
        document(device=f"<SerialNo>{B64}</SerialNo>"),
        document(parameters=f"<Suite>{B64}</Suite>"),
        document().replace(b'Version="1.0"', f'Version="{B64}"'.encode()),
        document(parameters=f'<ResponseFormat Length="{"9" * 50}" Encoding="DECIMAL"/>'),
        UNDER_KEY.replace(AES.encode(), B64.encode()),
    ]
    messages = "".join(complaint(data, key=KEY) for data in documents)
    assert (False, False) == (B64[:16] in messages, "9" * 20 in messages)


def test_serial_twice() -> None:
    """A serial number may occur once."""
    package = f"<KeyPackage><Key Id='GALH1'><Data>{PLAIN}</Data></Key></KeyPackage>\n"
    assert "record 2: the serial number of line 3 again" in complaint(document(head=package * 2))


def test_keys_elsewhere() -> None:
    """Keys in other namespaces are not taken for keys."""
    package = (
        f'<v:KeyPackage xmlns:v="urn:v"><v:Key><v:Data>{PLAIN}</v:Data></v:Key></v:KeyPackage>'
    )
    assert "keys outside KeyPackage/Key" in complaint(document(head=package))


FULL = SeedRecord(
    serial="GALT00000001",
    secret=SECRET,
    token_type=TokenType.TIME,
    algorithm=Algorithm.SHA256,
    digits=8,
    step_s=60,
    drift_steps=-4,
    expires_at=datetime(2030, 1, 2, tzinfo=UTC),
)
ANOTHER = SeedRecord(serial="GALH00000002", secret=MADE_UP, practice=False)


@pytest.mark.parametrize("length", [16, 24, 32])
def test_written_under_key(length: int) -> None:
    """What is written under a key is read under it, and the secret is not in it."""
    key = bytes(range(length))
    data = write_pskc([FULL], key=key)
    assert (FULL, False) == (read(data, key=key), B64.encode() in data)


@pytest.mark.usefixtures("few_rounds")
def test_written_under_password() -> None:
    """What is written under a password is read under it, and the secret is not in it."""
    data = write_pskc([FULL], password="pässword")
    assert (FULL, False) == (read(data, password="pässword"), B64.encode() in data)


def test_decrypted_by_hand() -> None:
    """The secret is AES-CBC with its MAC over the ciphertext, as RFC 6030 section 6 says."""
    tree = ET.fromstring(write_pskc([FULL], key=KEY))  # noqa: S314  # our own
    mac_key, value = (
        base64.b64decode(element.text or "")
        for element in tree.iter("{http://www.w3.org/2001/04/xmlenc#}CipherValue")
    )
    (mac,) = (base64.b64decode(element.text or "") for element in tree.iter(f"{{{NS}}}ValueMAC"))

    def decrypt(wrapped: bytes) -> bytes:
        decryptor = Cipher(algorithms.AES(KEY), modes.CBC(wrapped[:16])).decryptor()
        padded = decryptor.update(wrapped[16:]) + decryptor.finalize()
        return padded[: -padded[-1]]

    assert (SECRET.reveal(), mac) == (
        decrypt(value),
        hmac.digest(decrypt(mac_key), value, "sha1"),
    )


@pytest.mark.usefixtures("few_rounds")
def test_each_file_its_own_salt() -> None:
    """Neither salts nor initialisation vectors come twice."""
    assert write_pskc([FULL], password="p") != write_pskc([FULL], password="p")


@pytest.mark.parametrize(
    ("key", "password", "words"),
    [
        (b"short", None, "a pre-shared key of 5 bytes; allowed are 16, 24, 32"),
        (None, "", "an empty password"),
        (KEY, "p", "not both"),
    ],
)
def test_written_under_nothing(key: bytes | None, password: str | None, words: str) -> None:
    """A key or password that can't be one is refused."""
    with pytest.raises(SeedFileError, match=words):
        write_pskc([FULL], key=key, password=password)


@pytest.mark.parametrize("key", [None, KEY])
def test_written_in_batches(monkeypatch: pytest.MonkeyPatch, key: bytes | None) -> None:
    """However many tokens are in memory at once, the file is the same but for its ciphertexts."""
    records = (FULL, ANOTHER, dataclasses.replace(FULL, serial="GALT3"))
    whole = write_pskc(records, key=key)
    monkeypatch.setattr(pskc, "_BATCH", 2)
    pieces = list(pskc.pskc_pieces(records, key=key))
    data = b"".join(piece for _, piece in pieces)
    assert ([2, 1], len(whole)) == ([tokens for tokens, _ in pieces], len(data))
    assert records == read_seed_bytes(data, "t.xml", key=key)


def test_pskctool_takes_encrypted(require_tool: Callable[[str], str]) -> None:
    """The schema allows our encrypted files, and oath-toolkit reads all but the secret.

    It does not decrypt.
    """
    tool = require_tool("pskctool")
    outputs = [
        subprocess.run(
            [tool, mode],
            input=write_pskc([FULL], key=KEY),
            capture_output=True,
            check=True,
            timeout=BACKSTOP_S,
        ).stdout.decode()
        for mode in ("--validate", "--info")
    ]
    assert ("OK\n", True) == (outputs[0], "SerialNo: GALT00000001" in outputs[1])


def test_pskctool_reads_ours(require_tool: Callable[[str], str]) -> None:
    """Oath-toolkit reads every setting out of what we write, and the schema allows it."""
    tool = require_tool("pskctool")
    data = write_pskc(
        [
            SeedRecord(
                serial="GALT00000001",
                secret=SECRET,
                token_type=TokenType.TIME,
                algorithm=Algorithm.SHA512,
                digits=8,
                counter=5,
                step_s=60,
                time_steps=9,
                starts_at=datetime(2026, 1, 2, tzinfo=UTC),
                expires_at=datetime(2030, 1, 2, tzinfo=UTC),
                manufacturer="oath.GA",
                model="Fob",
            )
        ]
    )
    outputs = [
        subprocess.run(
            [tool, "--strict", mode],
            input=data,
            capture_output=True,
            check=True,
            timeout=BACKSTOP_S,
        ).stdout.decode()
        for mode in ("--validate", "--info")
    ]
    lines = {line.strip() for line in outputs[1].splitlines()}
    expected = {
        "SerialNo: GALT00000001",
        "Manufacturer: oath.GA",
        "Model: Fob",
        f"Algorithm: {NS}:totp",
        f"Key Secret (base64): {B64}",
        "Key Counter: 5",
        "Key Time: 9",
        "Key TimeInterval: 60",
        "Algorithm Parameters Suite: HMAC-SHA512",
        "Response Format Length: 8",
    }
    assert ("OK\n", set()) == (outputs[0], expected - lines)


SEEDS: list[tuple[bytes, bytes | None, str | None]] = [
    (write_pskc(read_seeds(sample("ward.csv"))), None, None),
    (UNDER_KEY, KEY, None),
    (under_password("2"), None, "example"),
]
PIECES = st.sampled_from(
    '|<|>|/|"|&|\0|\xff|0|-|=|99999999999999999999|<a>|</Key>|<Value>1</Value>|<![CDATA['
    "|<!--|urn:|#|PlainValue|Id| Name='x'".encode("latin-1").split(b"|")
)


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), max_size=4),
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # a short secret, something not kept
def test_mutated(
    seed: tuple[bytes, bytes | None, str | None], edits: list[tuple[float, int, bytes]]
) -> None:
    """A valid file with pieces cut out and put in is read or refused by a SeedFileError."""
    data, key, password = seed
    for where, cut, piece in edits:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + cut :]
    with contextlib.suppress(SeedFileError):
        assert read_seed_bytes(data, "x", format=SeedFormat.PSKC, key=key, password=password)


@given(st.sampled_from(SEEDS), st.floats(0, 1, exclude_max=True))
def test_truncated(seed: tuple[bytes, bytes | None, str | None], where: float) -> None:
    """A file that was cut short is refused."""
    data, key, password = seed
    with pytest.raises(SeedFileError):
        read_seed_bytes(
            data[: int(where * (len(data) - 2))],
            "x",
            format=SeedFormat.PSKC,
            key=key,
            password=password,
        )
