# A script beside the pages, not a package.
# ruff: noqa: INP001
"""A server that is right as long as nobody hurries: it reads, works, and only then writes.

    python racing.py 8000           one code, submitted twice at once, logs in twice
    python racing.py 8000 --lock    what mends it

What it does between reading and writing, a look at another table or a line in an audit,
takes --work milliseconds.

See docs/load.md. It looks ahead ten counters, and knows nothing else.
"""

import argparse
import contextlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

WINDOW = 10
RESYNC = 1000


class Token:
    """A token's secret, and the counter that is expected next."""

    work_s = 0.005

    def __init__(self, secret: str) -> None:
        self.secret = bytes.fromhex(secret)
        self.next = 0
        self.lock = threading.Lock()

    def code(self, counter: int) -> str:
        """Return a code (RFC 4226)."""
        digest = hmac.digest(self.secret, counter.to_bytes(8, "big"), "sha1")
        place = digest[-1] & 15
        return f"{int.from_bytes(digest[place : place + 4], 'big') % 2**31 % 10**6:06d}"

    def verify(self, code: str) -> bool:
        """Look the code up, work, and move on: the check and the act are two."""
        counters = range(self.next, self.next + WINDOW + 1)
        found = next((c for c in counters if hmac.compare_digest(self.code(c), code)), None)
        if found is None:
            return False
        time.sleep(self.work_s)
        self.next = found + 1
        return True

    def resync(self, one: str, two: str) -> bool:
        """Look for two codes in a row."""
        for counter in range(self.next, self.next + RESYNC + 1):
            if (self.code(counter), self.code(counter + 1)) == (one, two):
                time.sleep(self.work_s)
                self.next = counter + 2
                return True
        return False


class Handler(BaseHTTPRequestHandler):
    """POST /enrol, /verify, /resync, and DELETE /SERIAL, with JSON."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer waits 40 ms for nothing
    tokens: ClassVar[dict[str, Token]] = {}
    locks = False

    def do_POST(self) -> None:
        """Do what the path says."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        serial = said.pop("serial")
        if self.path == "/enrol":
            self.tokens[serial] = Token(said["secret"])
            self.answer(accepted=True)
            return
        token = self.tokens[serial]
        with token.lock if self.locks else contextlib.nullcontext():
            self.answer(accepted=getattr(token, self.path[1:])(**said))

    def do_DELETE(self) -> None:
        """Forget a token."""
        self.answer(accepted=self.tokens.pop(self.path[1:], None) is not None)

    def answer(self, *, accepted: bool) -> None:
        """Say yes or no."""
        body = json.dumps({"accepted": accepted}).encode()
        self.send_response(200 if accepted else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--lock", action="store_true")
    parser.add_argument("--work", type=float, default=5, metavar="MS")
    arguments = parser.parse_args()
    Handler.locks = arguments.lock
    Token.work_s = arguments.work / 1000
    ThreadingHTTPServer.request_queue_size = 128  # many come at once
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print(f"ready http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201  # a script
    server.serve_forever()
