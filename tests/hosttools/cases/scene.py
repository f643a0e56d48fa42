"""A bench with an event and a time token, and a server that knows both."""

from emulator.bench import Bench
from emulator.clock import VirtualClock, parse_utc
from firmware_model.nvm import configure
from firmware_model.oath import Secret
from firmware_model.products import GALH, GALT
from firmware_model.profile import SECOND
from hosttools.attached import AttachedReference

EVENT, TIME = "GALH00004226", "GALT00006238"
SECRETS = {EVENT: Secret(b"12345678901234567890"), TIME: Secret(b"abcdefghijklmnopqrst")}
START_NS = parse_utc("2026-01-05T08:00:00Z")


class Scene:
    """A bench, its server, and every code that was shown on it."""

    def __init__(self) -> None:
        self.bench = Bench(VirtualClock(START_NS))
        for serial, profile in ((EVENT, GALH), (TIME, GALT)):
            self.bench.open(configure(serial, profile, SECRETS[serial]))
        self.server = AttachedReference(self.bench)
        self.shown: list[str] = []

    def code(self, serial: str = EVENT) -> str:
        """Wait until a token is dark, press it and return its code."""
        self.bench.wait(serial, lit=False, timeout_ns=120 * SECOND)
        code = self.bench.press(serial).result.code
        assert code is not None
        self.shown.append(code)
        return code

    def submit(self, verb: str, *codes: str, serial: str = EVENT) -> str:
        """Hand codes to the server and return what kind of verdict it gives."""
        kind: str = self.server.submit(serial, verb, codes)["kind"]
        return kind
