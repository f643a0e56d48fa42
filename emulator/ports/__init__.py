"""Ports: bytes in and out of the process, and nothing about tokens.

``pty`` is a virtual serial port, ``local`` is ``galh://SERIAL`` for clients in
the same process, ``tcp`` and ``rfc2217`` are on the network, ``stream`` serves one
connected socket, ``links`` gives a port a name that stays. Each hands bytes to a
:class:`~emulator.ports.base.Consumer` in the bench's event loop, and to nothing else.
Between the two, ``line`` lets bytes go wrong on purpose, in the ways that ``linefaults``
declares.
"""
