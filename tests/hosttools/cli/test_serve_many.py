"""Many tokens on one bench process, pressed over the multiplexed port and HTTP."""

import json
import socket
import urllib.request
from pathlib import Path

import pytest

from firmware_model import Secret, hotp
from firmware_model.oath import Key
from hosttools.testing import BACKSTOP_S, Serving


@pytest.mark.timeout(600)
@pytest.mark.parametrize("tokens", [1_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_each_of_many_tokens_is_reached(tokens: int, tmp_path: Path) -> None:
    """The first, the middle and the last light their own codes, over either way."""
    seeds = tmp_path / "many.csv"
    seeds.write_text(
        "# practice seeds: published or made up, never for real use\n"
        + "".join(f"GALH{n:08},{n:040x},hotp,6\n" for n in range(tokens)),
        encoding="ascii",
    )
    ways = ("--mux", "127.0.0.1:0", "--http", "127.0.0.1:0")
    with Serving("--seeds", seeds, "--no-pty", "--clock", "manual", *ways) as serving:
        host, _, port = serving.ready["mux"].rpartition(":")
        with socket.create_connection((host, int(port)), BACKSTOP_S) as line:
            answers = line.makefile("r", encoding="ascii")
            for number in (0, tokens // 2, tokens - 1):
                serial, key = f"GALH{number:08}", Key(Secret(number.to_bytes(20, "big")))
                line.sendall(f"INST:SEL {serial};:BUTT:PRES?\n".encode())
                assert f'"{hotp(key, 0)}"' == answers.readline().strip()

                display = f"{serving.http}/api/v1/tokens/{serial}/display"
                with urllib.request.urlopen(display, timeout=BACKSTOP_S) as shown:  # noqa: S310  # ours
                    assert hotp(key, 0) == json.load(shown)["text"]

    assert tokens == len(serving.ready["tokens"])
