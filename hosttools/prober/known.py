"""What servers' makers say of them, beside what is measured.

Figures are of the defaults; a server that is set otherwise measures otherwise. Servers
count in different ways (privacyIDEA's window of 10 is 10 counters, so 9 may be skipped):
the figures here are ours, with what is written in brackets.
"""

from collections.abc import Mapping
from typing import Final

KNOWN: Final[Mapping[str, Mapping[str, str]]] = {
    # Its documentation: token configuration.
    "privacyidea": {
        "hotp.look_ahead.fresh": "9 (count window 10)",
        "hotp.look_ahead.used": "9 (count window 10)",
        "hotp.resync.ahead": "up to 1000 (sync window)",
        "hotp.auto_resync": "off (AutoResync)",
        "totp.first_use.back": "6 (time window 180 s)",
        "totp.first_use.forward": "5 (time window 180 s)",
        "totp.back": "6 (time window 180 s)",
        "totp.forward": "5 (time window 180 s)",
        "lockout.after": "10 (DefaultMaxFailCount)",
        "lockout.scope": "token",
    },
    # Its documentation: settings, throttling.
    "django-otp": {
        "hotp.look_ahead.fresh": "5 (tolerance)",
        "hotp.look_ahead.used": "5 (tolerance)",
        "totp.first_use.back": "1 (tolerance)",
        "totp.first_use.forward": "1 (tolerance)",
        "totp.back": "1 (tolerance)",
        "totp.forward": "1 (tolerance)",
        "failures.throttle": "1, 2, 4 s (throttling factor 1)",
    },
    # Its API reference, and the README of pam_oath.
    "liboath": {
        "hotp.look_ahead.fresh": "the window",
        "hotp.look_ahead.used": "the window",
        "totp.first_use.back": "the window",
        "totp.first_use.forward": "the window",
        "totp.back": "the window",
        "totp.forward": "the window",
    },
    "pam_oath": {
        "hotp.look_ahead.fresh": "window= (5 by default)",
        "hotp.look_ahead.used": "window= (5 by default)",
        "totp.first_use.back": "window= (5 by default)",
        "totp.first_use.forward": "window= (5 by default)",
        "totp.back": "window= (5 by default)",
        "totp.forward": "window= (5 by default)",
    },
    # docs/reference-server.md
    "reference server": {
        "hotp.look_ahead.fresh": "10 (look_ahead)",
        "hotp.look_ahead.used": "10 (look_ahead)",
        "hotp.resync.ahead": "1000 (resync_window)",
        "hotp.resync.gap": "0",
        "totp.first_use.back": "1 (steps_back)",
        "totp.first_use.forward": "1 (steps_forward)",
        "totp.back": "1 (steps_back)",
        "totp.forward": "1 (steps_forward)",
        "totp.resync.gap": "2 (pair_gap 3)",
        "lockout.after": "10 (lock_after)",
        "lockout.resync_unlocks": "yes (resync_unlocks)",
    },
}


def documented(server: str, rule_id: str) -> str | None:
    """Return what is said of a server, by its name; ``None``: nothing that we know of.

    >>> documented("django-otp", "totp.edge") is None
    True
    >>> documented("privacyIDEA", "lockout.after")
    '10 (DefaultMaxFailCount)'
    """
    name = server.lower()
    for known, figures in KNOWN.items():
        if known in name:
            return figures.get(rule_id)
    return None
