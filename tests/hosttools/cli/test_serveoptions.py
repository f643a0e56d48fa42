"""What the options of ``galh serve`` ask for together."""

from tests.hosttools.cli.conftest import Galh


def test_a_key_alone_makes_no_tls(galh: Galh) -> None:
    """It is told before anything is served: exit 2."""
    code, out, err = galh(
        "serve", "--seeds", "rfc4226.csv", "--http", "127.0.0.1:0", "--tls-key", "key.pem"
    )
    assert (2, "") == (code, out)
    assert "--tls-key is of use with --tls-cert FILE only" in err
