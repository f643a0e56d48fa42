"""Whether a host can only be this machine: what may be open, and asked freely, hangs on it."""

import ipaddress
from typing import Final

_USUAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Looked up fast: a bench over HTTP asks at every request."""


def is_loopback(name: str) -> bool:
    """Return whether a host name or address can only mean this machine.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("127.0.0.1.evil.example")
    (True, True, False)
    """
    if name in _USUAL:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
