"""A TCP port that nobody else gets: for tests that must know a port before it is served.

One that was merely found free may be taken before it is used. This one stays bound, and as
nobody listens there, whoever allows the reuse of addresses can.
"""

import socket


def hold(number: int = 0) -> socket.socket:
    """Bind a port on loopback, and leave it to others to listen there.

    Args:
        number: which one; 0: any that is free.

    Raises:
        OSError: somebody has it.
    """
    held = socket.socket()
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", number))
    except OSError:
        held.close()
        raise
    return held
