"""Tokens, alive: a bench on a clock, durable state, and ports to reach it.

Importing this package teaches pyserial the URLs of tokens in the same process:
``serial.serial_for_url("galh://SERIAL")``, see :mod:`emulator.inprocess`.
"""

import serial

serial.protocol_handler_packages.append("emulator.ports.urlhandler")
