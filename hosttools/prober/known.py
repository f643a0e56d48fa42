"""What servers' makers say of them, beside what is measured.

Figures are of the defaults; a server that is set otherwise measures otherwise. Servers
count in different ways (privacyIDEA's window of 10 is 10 counters, so 9 may be skipped):
the figures here are ours, with what is written in brackets.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Documented(NamedTuple):
    """What is said of a rule.

    Attributes:
        text: in the unit of the rule, and how its makers put it.
        source: where it is said.
    """

    text: str
    source: str


_PRIVACYIDEA: Final = "privacyIDEA documentation, token configuration"
_DJANGO: Final = "django-otp documentation, settings and throttling"
_OATH: Final = "liboath API reference and pam_oath README"
_REFERENCE: Final = "docs/reference-server.md"

KNOWN: Final[Mapping[str, Mapping[str, Documented]]] = {
    "privacyidea": {
        "hotp.look_ahead.fresh": Documented("9 (count window 10)", _PRIVACYIDEA),
        "hotp.look_ahead.used": Documented("9 (count window 10)", _PRIVACYIDEA),
        "hotp.resync.ahead": Documented("up to 1000 (sync window)", _PRIVACYIDEA),
        "hotp.auto_resync": Documented("off (AutoResync)", _PRIVACYIDEA),
        "totp.first_use.back": Documented("6 (time window 180 s)", _PRIVACYIDEA),
        "totp.first_use.forward": Documented("5 (time window 180 s)", _PRIVACYIDEA),
        "totp.back": Documented("6 (time window 180 s)", _PRIVACYIDEA),
        "totp.forward": Documented("5 (time window 180 s)", _PRIVACYIDEA),
        "lockout.after": Documented("10 (DefaultMaxFailCount)", _PRIVACYIDEA),
        "lockout.scope": Documented("token", _PRIVACYIDEA),
    },
    "django-otp": {
        "hotp.look_ahead.fresh": Documented("5 (tolerance)", _DJANGO),
        "hotp.look_ahead.used": Documented("5 (tolerance)", _DJANGO),
        "totp.first_use.back": Documented("1 (tolerance)", _DJANGO),
        "totp.first_use.forward": Documented("1 (tolerance)", _DJANGO),
        "failures.throttle": Documented("1, 2, 4 s (throttling factor 1)", _DJANGO),
    },
    "liboath": {
        "hotp.look_ahead.fresh": Documented("the window", _OATH),
        "hotp.look_ahead.used": Documented("the window", _OATH),
    },
    "pam_oath": {
        "hotp.look_ahead.fresh": Documented("window= (5 by default)", _OATH),
        "hotp.look_ahead.used": Documented("window= (5 by default)", _OATH),
    },
    "reference server": {
        "hotp.look_ahead.fresh": Documented("10 (look_ahead)", _REFERENCE),
        "hotp.look_ahead.used": Documented("10 (look_ahead)", _REFERENCE),
        "hotp.resync.ahead": Documented("1000 (resync_window)", _REFERENCE),
        "hotp.resync.gap": Documented("0", _REFERENCE),
        "totp.back": Documented("1 (steps_back)", _REFERENCE),
        "totp.forward": Documented("1 (steps_forward)", _REFERENCE),
        "totp.resync.gap": Documented("2 (pair_gap 3)", _REFERENCE),
        "lockout.after": Documented("10 (lock_after)", _REFERENCE),
        "lockout.resync_unlocks": Documented("yes (resync_unlocks)", _REFERENCE),
    },
}


def documented(server: str, rule_id: str) -> Documented | None:
    """Return what is said of a server, by its name; ``None``: nothing that we know of.

    >>> documented("django-otp", "totp.back") is None
    True
    >>> documented("privacyIDEA", "lockout.after").text
    '10 (DefaultMaxFailCount)'
    """
    name = server.lower()
    for known, figures in KNOWN.items():
        if known in name:
            return figures.get(rule_id)
    return None
