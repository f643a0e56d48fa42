"""Where pyserial looks for ``galh://``, once it is told of this package.

It imports ``protocol_<scheme>`` from here on its own, when such a URL is opened:
``serial.protocol_handler_packages.append("emulator.ports.urlhandler")``.
"""
