"""What ``launch/privacyidea.py`` runs with the Python of privacyIDEA's own environment.

It imports nothing of ours, which is not installed there. Its one argument is a folder with a
``pi.cfg`` and a ``password``; the database, its key and the administrator are made in it.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

Application = Callable[..., Any]
"""Of WSGI, see PEP 3333."""


def _one_at_a_time(app: Application) -> Application:
    """Return an application that answers one request after another.

    On SQLite it has to: requests that write at once end in status 500, or never.
    """
    lock = threading.Lock()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with lock, closing(app(environ, start_response)) as parts:
            return list(parts)

    return answer


def main() -> None:
    """Make the instance and serve it until killed."""
    from privacyidea.app import create_app  # noqa: PLC0415  # in its environment only
    from privacyidea.cli.pimanage.main import cli  # noqa: PLC0415  # likewise
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415  # likewise

    class Handler(WSGIRequestHandler):
        """Keeps connections, answers in one packet, and logs no requests: they hold codes."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Log nothing."""

    folder = Path(sys.argv[1])
    configuration = str(folder / "pi.cfg")
    os.environ["PRIVACYIDEA_CONFIGFILE"] = configuration
    password = (folder / "password").read_text(encoding="ascii")
    for command in (
        ["setup", "create_enckey"],
        ["setup", "create_tables"],
        ["admin", "add", "-p", password, "admin"],
    ):
        cli.main(args=command, standalone_mode=False)
    app = create_app(config_name="production", config_file=configuration, silent=True)
    serial = _one_at_a_time(app)
    server = make_server("127.0.0.1", 0, serial, threaded=True, request_handler=Handler)
    print(f"serving on port {server.port}", flush=True)  # noqa: T201  # read by the launcher
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # an orderly end
    server.serve_forever()


if __name__ == "__main__":
    main()
