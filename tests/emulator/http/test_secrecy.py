"""No secret of a token leaves over HTTP, whatever is done and asked for."""

import base64
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from emulator.bench import Bench
from emulator.faults.engine import FaultEngine
from emulator.faults.spec import FaultPlan
from emulator.http.desk import Desk
from firmware_model import GALH, Secret, configure

pytestmark = pytest.mark.anyio

SECRETS = (b"12345678901234567890", bytes(range(0xA0, 0xB4)), bytes(range(0xC0, 0xE0)))
TOKEN, MADE = "GALH00000042", "GALH00000043"
PASSPHRASE = "correct horse battery"

DEEDS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("POST", f"tokens/{TOKEN}/button", {"action": "press-and-release", "times": 3}),
    ("POST", "tokens", {"serial": MADE, "secret": SECRETS[2].hex()}),
    ("POST", "tokens", {"serial": "GALH1", "secret": SECRETS[2].hex()}),
    ("POST", "tokens", {"serial": MADE, "secret": SECRETS[2].hex(), "digits": 99}),
    ("POST", f"tokens/{TOKEN}/fork", {}),
    ("PUT", f"tokens/{TOKEN}/counter", {"next": 40}),
    ("PUT", f"tokens/{TOKEN}/counter", {"next": 4}),
    ("PATCH", f"tokens/{TOKEN}/environment", {"temperature_c": 5, "battery": {"percent": 50}}),
    ("POST", f"tokens/{TOKEN}/faults", {"fault": "{press = 9, reset = {}}"}),
    ("PUT", f"tokens/{TOKEN}/server", {"name": "staging", "next_counter": 2}),
    ("POST", f"tokens/{TOKEN}/what-if", {"insert": {"at_ns": 1_767_225_601_000_000_000}}),
    ("POST", "snapshots", {"name": "before-resync", "passphrase": PASSPHRASE}),
    ("POST", "snapshots", {"name": "plain"}),
    ("POST", "snapshots/plain/restore", {}),
    ("POST", "snapshots/before-resync/restore", {"passphrase": "x"}),
    ("POST", "wait", {"serial": TOKEN, "until": "dark", "after": 0}),
    ("POST", "clock/advance", {"seconds": 60}),
)


def spellings(secret: bytes) -> set[bytes]:
    """Return how a secret may be written, in parts long enough to be no accident."""
    base64s = {base64.b64encode(secret), base64.urlsafe_b64encode(secret)}
    texts = {secret.hex().encode(), base64.b32encode(secret), *base64s}
    escaped = {quote(secret).encode(), repr(secret)[2:-1].encode()}
    return {text[:16] for text in texts | escaped} | {secret[:10]}


async def test_no_secret_in_any_answer(
    client: httpx.AsyncClient, desk: Desk, bench: Bench, tmp_path: Path
) -> None:
    """Every GET of the description, and every answer to a deed, is free of secrets."""
    desk.snapshots = tmp_path
    bench.open(configure(TOKEN, GALH, Secret(SECRETS[1])))
    FaultEngine(bench, FaultPlan())
    answers = [
        await client.request(verb, f"/api/v1/{path}", json=body) for verb, path, body in DEEDS
    ]
    description = await client.get("/openapi.json")
    for template, operations in description.json()["paths"].items():
        # An event stream has no end; what it tells is what the journal tells.
        if "get" in operations and not template.endswith("/events"):
            path = template.replace("{serial}", TOKEN).replace("{name}", "before-resync")
            answers.append(await client.get(path))
    answers += [description, await client.get(f"/api/v1/tokens/{MADE}"), await client.get("/")]
    assert len(answers) > len(DEEDS) + 15
    forbidden = {PASSPHRASE.encode()}.union(*(spellings(secret) for secret in SECRETS))
    for answer in answers:
        told = b"\n".join((answer.content, *(part for pair in answer.headers.raw for part in pair)))
        found = [word for word in forbidden if word.lower() in told.lower()]
        assert not found, f"{answer.request.method} {answer.request.url}"
