"""Servers that are driven by descriptions alone, as the contract wants them."""

import sys
from pathlib import Path
from typing import Final

from hosttools.servers import Server, command, http

REFERENCE: Final = """
[server]
url = "URL/api/v1"
at_once = true

[enrol]
path = "/tokens"
expect = {status = 201}

[enrol.json]
serial = "{serial}"
type = "{type}"
secret = "{secret_hex}"
algorithm = "{algorithm}"
digits = "{digits}"
step_s = "{step}"
counter = "{counter}"
holder = "{user}"

[sync]
path = "/tokens/{serial}/sync"
json = {code1 = "{code1}", code2 = "{code2}"}
reason = {json = "message"}
accepted = {status = 200, json = {accepted = true}}
refused = {status = 200, json = {accepted = false}}

[verify]
path = "/tokens/{serial}/verify"
json = {code = "{code}"}
reason = {json = "message"}
accepted = {status = 200, json = {accepted = true}}
replayed = {json = {kind = "replayed"}}
locked = {json = {kind = "locked"}}
refused = {status = 200, json = {accepted = false}}

[resync]
path = "/tokens/{serial}/resync"
json = {code1 = "{code1}", code2 = "{code2}"}
reason = {json = "message"}
accepted = {status = 200, json = {accepted = true}}
locked = {json = {kind = ["locked", "resync_blocked"]}}
refused = {status = 200, json = {accepted = false}}

[unlock]
path = "/tokens/{serial}/unlock"
json = {}

[remove]
method = "DELETE"
path = "/tokens/{serial}"

[view]
path = "/tokens/{serial}"

[view.extract]
next_counter = {json = "view.next_counter"}
step_offset = {json = "view.step_offset"}
look_ahead = {json = "view.look_ahead"}
resync_window = {json = "view.resync_window"}
locked = {json = "view.locked"}

[clock]
method = "PUT"
path = "/clock"
json = {now_ns = "{now_ns}"}
"""

OTPCHECK: Final = """
[server]
tokens = ["event"]

[enrol]
argv = ["./otpcheck.py", "add", "{serial}"]
stdin = "{secret_hex} {counter}\\n"

[verify]
argv = ["./otpcheck.py", "check", "{serial}"]
stdin = "{code}\\n"
accepted = {exit = 0}
refused = {exit = 1, contains = "wrong code"}
locked = {exit = 2}

[remove]
argv = ["./otpcheck.py", "delete", "{serial}"]
"""


def open_reference(folder: Path, url: str) -> Server:
    """Describe a reference server in a file, and open that."""
    file = folder / "reference.toml"
    file.write_text(REFERENCE.replace("URL", url), encoding="utf-8")
    return http.open_server(str(file))


def open_otpcheck(folder: Path, description: str = OTPCHECK) -> Server:
    """Put a description beside the program ``otpcheck.py``, and open that."""
    program = folder / "otpcheck.py"
    source = Path(__file__).with_name("otpcheck.py").read_text(encoding="utf-8")
    program.write_text(f"#!{sys.executable} -I\n{source}", encoding="utf-8")
    program.chmod(0o700)
    file = folder / "otpcheck.toml"
    file.write_text(description, encoding="utf-8")
    return command.open_server(str(file))
