"""No secret leaves any command, but by the explicit export."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from hosttools.seedfiles import read_seeds, sample
from hosttools.testing import Serving

Galh = Callable[..., tuple[int, str, str]]
WARD = sample("ward.csv")
PSKC = sample("ward.pskc.xml")
SERIAL = "GALH00000042"


def _leaks(text: str) -> list[str]:
    """Return the tokens whose secret is in a text, in hex, base32 or base64."""
    folded = "".join(text.lower().split())
    return [
        record.serial
        for record in read_seeds(WARD)
        for encode in (bytes.hex, _base32, _base64)
        if encode(record.secret.reveal()).lower() in folded
    ]


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def _base64(secret: bytes) -> str:
    return base64.b64encode(secret).decode().rstrip("=")


def test_leaks_are_found(galh: Galh) -> None:
    """The search finds what the explicit export shows."""
    assert [SERIAL] == _leaks(galh("token", "show", WARD, SERIAL, "--export-secret")[1])


@pytest.mark.parametrize(
    "arguments",
    [
        ["token", "list", WARD],
        ["token", "list", WARD, "--json"],
        ["token", "list", PSKC],
        ["token", "show", WARD, SERIAL],
        ["token", "show", PSKC, SERIAL, "--json"],
        ["token", "show", WARD, "GALH99999999"],
        ["token", "new", "--out", WARD],
        ["demo"],
        ["demo", "--json"],
        ["serve", "GALH99999999", "--seeds", WARD],
        ["serve", "--seeds", WARD, "--profile", "GALH"],
        ["serve", "--seeds", WARD, "--clock", "sundial"],
        ["serve", "--seeds", WARD, "--link", "/nowhere/at/all/"],
    ],
    ids=lambda arguments: " ".join(Path(word).name for word in map(str, arguments)),
)
def test_outputs_hide_secrets(galh: Galh, arguments: list[object]) -> None:
    """No command tells a secret, done or failed."""
    _, out, err = galh(*arguments)

    assert out + err
    assert _leaks(out + err) == []


def test_damaged_seed_files_hide_secrets(galh: Galh, tmp_path: Path) -> None:
    """What is wrong with a seed file is told without the secrets in it, wherever it breaks."""
    text = WARD.read_text()
    path = tmp_path / "broken.csv"
    for damage in (("hotp", "h0tp"), (",", ";"), (",6", ",66"), ("\n", ",\n"), ("00112", "x0112")):
        path.write_text(text.replace(*damage))
        _, out, err = galh("token", "list", path)

        assert _leaks(out + err) == []


def test_serving_hides_secrets(tmp_path: Path) -> None:
    """Serving tells no secret from its ready line to its end."""
    with Serving("--seeds", WARD, "--state", tmp_path) as served:
        told = str(served.ready)
        exit_code, out, err = served.stop()

    assert exit_code == 0
    assert _leaks(told + out + err) == []
