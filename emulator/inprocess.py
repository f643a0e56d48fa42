r"""Tokens in this process, each at ``galh://SERIAL``: no pty, no second process.

The way for tests and for systems without pseudo-terminals.

>>> import serial
>>> from firmware_model import GALH, Secret, configure
>>> config = configure("GALH00004226", GALH, Secret(b"12345678901234567890"))
>>> with alive([config]), serial.serial_for_url("galh://GALH00004226", timeout=5) as port:
...     _ = port.write(b"BUTT:PRES?\n")
...     port.readline()
b'"755224"\n'
"""

import contextlib
from collections.abc import Iterable, Iterator
from functools import partial

from emulator.bench import Bench
from emulator.clock import Clock, VirtualClock, host_time
from emulator.faults import FaultPlan, arm
from emulator.ports.local import LocalPort
from emulator.runner import Runner
from emulator.scpi.session import Session
from emulator.statedir import StateDir
from firmware_model.nvm import Config


@contextlib.contextmanager
def alive(
    configs: Iterable[Config], *, clock: Clock | None = None, store: StateDir | None = None
) -> Iterator[Runner]:
    """Let tokens live at ``galh://SERIAL`` for the length of a ``with`` block.

    Args:
        configs: the tokens, see :func:`firmware_model.configure`.
        clock: their clock; ``None``: a manual one that starts at the host's time.
        store: where they are kept; ``None``: nowhere.

    Yields:
        The runner; ``runner.call(lambda: runner.bench.advance(...))`` reaches the bench.

    Raises:
        BusyError: a serial number is served in this process already.
        ConflictError: a token contradicts what is kept.
    """

    def make_bench() -> Bench:
        bench = Bench(clock or VirtualClock(host_time().utc_ns), store=store)
        for config in configs:
            bench.open(config)
        arm(bench, FaultPlan())  # so that FAULt:INJect works
        return bench

    with Runner(make_bench) as runner, contextlib.ExitStack() as stack:
        for serial in runner.call(runner.bench.serials):
            make_session = partial(Session, runner.bench, serial, client="galh", connection=True)
            port = runner.call(partial(LocalPort, runner.loop, serial, make_session))
            stack.callback(runner.call, port.close)
        yield runner
