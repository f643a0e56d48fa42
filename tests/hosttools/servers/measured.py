"""Windows as they are: which counters or steps a server takes of a token that is new to it."""

from collections.abc import Iterable

from firmware_model.oath import Key, hotp
from hosttools.servers import Enrolment, Server


def taken(server: Server, token: Enrolment, factors: Iterable[int], after: int = 0) -> list[int]:
    """Return those of ``factors`` that are accepted, each by a token enrolled afresh.

    Args:
        server: which can enrol and remove.
        token: which; it is not enrolled afterwards.
        factors: counters or steps to try.
        after: how many codes, from counter 0 on, are accepted first.
    """
    found, key = [], Key(token.secret)
    for factor in factors:
        server.enrol(token)
        for before in range(after):
            assert server.verify(token.serial, hotp(key, before)).accepted
        if server.verify(token.serial, hotp(key, factor)).accepted:
            found.append(factor)
        server.remove(token.serial)
    return found
