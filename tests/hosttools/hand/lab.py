"""A lab with the rig of docs/examples/rig.py, on a pty of its own."""

import contextlib
import importlib.util
import io
import os
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

PROGRAM: Final = Path(__file__).parents[3] / "docs" / "examples" / "rig.py"


def rig_program() -> Any:  # noqa: ANN401  # a module has no type of its own
    """Return the example as a module."""
    spec = importlib.util.spec_from_file_location("rig", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def on_a_pty(serve: Callable[[io.RawIOBase], None]) -> Iterator[str]:
    """Have something serve one end of a pty, and return the path of the other."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def run() -> None:
        with open(master, "r+b", buffering=0) as line, contextlib.suppress(OSError):  # noqa: PTH123  # a descriptor
            serve(line)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.close(slave)
        thread.join()
