"""Servers over TLS: who they are, and who we are."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hosttools.servers import Outcome, ServerError
from hosttools.servers.described.tables import Table
from hosttools.servers.http.adapter import HttpServer
from hosttools.servers.http.description import read_description

VERIFY = """
[verify]
path = "/"
accepted = {status = 200}
refused = {status = 401}
"""
BEGIN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a file with a certificate of this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "own.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
def served(
    own: Path, serve: Callable[..., Any], sites: dict[str, type]
) -> Callable[..., HttpServer]:
    """Return a function that opens a server over TLS by what a description says of that."""

    def make(tls: str, *, asks: bool = False) -> HttpServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own)
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(own)
        site = serve(sites["realm"], context)
        text = f'server.url = "{site.url}"\n{tls}\n{VERIFY}'
        table = Table.of_text(text.encode(), "test.toml")
        return HttpServer(read_description(table, own.parent, "test"))

    return make


@pytest.mark.parametrize("tls", ['tls.ca_file = "own.pem"', "tls.verify = false"])
def test_trusted(served: Callable[..., HttpServer], tls: str) -> None:
    """A server is asked that the description's file vouches for, or whoever it is."""
    with served(tls) as server:
        assert Outcome.REFUSED is server.verify("GALH12345678", "755224").outcome


def test_not_trusted(served: Callable[..., HttpServer]) -> None:
    """A server that nobody vouches for is not asked."""
    with served("") as server, pytest.raises(ServerError, match="certificate verify failed"):
        server.verify("GALH12345678", "755224")


def test_our_own_certificate(served: Callable[..., HttpServer]) -> None:
    """A server that wants to know us is shown our certificate."""
    ours = 'tls = {ca_file = "own.pem", client_cert = "own.pem"}'
    with served(ours, asks=True) as server:
        assert Outcome.REFUSED is server.verify("GALH12345678", "755224").outcome
    with served('tls.ca_file = "own.pem"', asks=True) as server, pytest.raises(ServerError):
        server.verify("GALH12345678", "755224")
