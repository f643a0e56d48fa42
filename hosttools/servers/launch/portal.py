"""The practice portal as a process of its own, on loopback, with a clock that can be set.

It keeps nothing, and ends with the process that started it.
"""

import os
import re
import sys
from typing import Final

from hosttools.servers.launch.process import Process

_READY: Final = re.compile(r"\bhttp=(http://\S+)")


def start() -> Process:
    """Start one; its ``ready[1]`` is the URL.

    Raises:
        ServerError: it does not begin to serve.
    """
    command = [sys.executable, "-m", "hosttools.cli", "portal", "serve", "--exit-with-parent"]
    options = ["--http", "127.0.0.1:0", "--clock", "manual"]
    environment = {name: text for name, text in os.environ.items() if name != "GALH_PORTAL_DB"}
    return Process([*command, *options], _READY, environment)
