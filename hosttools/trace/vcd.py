"""A trace as a value change dump (IEEE 1364), for GTKWave, PulseView and the like.

A tick is a microsecond: PulseView keeps a sample for each tick, and half a minute of
nanoseconds would be thirty thousand million. The CSV has the nanoseconds.
"""

import io
from collections.abc import Sequence
from typing import Final

from emulator.clock import format_utc
from hosttools.errors import UsageError
from hosttools.trace.signals import SIGNALS, Kind, Sample, Signal

TICK_NS: Final = 1_000
_TYPES: Final = {
    # What pyvcd calls it, and its bits.
    Kind.BIT: ("wire", 1),
    Kind.INTEGER: ("integer", 64),
    Kind.REAL: ("real", 64),
    Kind.TEXT: ("string", None),
}


def to_vcd(samples: Sequence[Sample], scope: str) -> bytes:
    """Return a trace as VCD, ASCII. Time 0 is the first sample.

    Args:
        samples: in order, at least one.
        scope: name under which a viewer shows the signals: the serial number.

    Raises:
        UsageError: pyvcd is not installed.
    """
    try:
        from vcd.writer import VCDWriter  # noqa: PLC0415  # an extra that only traces need
    except ImportError as e:
        raise UsageError(
            "VCD files need pyvcd: pip install 'galh-emulator[trace]', or write CSV or PNG"
        ) from e
    file, start_ns = io.StringIO(), samples[0].at_ns
    with VCDWriter(
        file, timescale="1 us", date=format_utc(start_ns), comment=_COMMENT, version="galh trace"
    ) as writer:
        variables = [
            writer.register_var(scope, s.name, *_TYPES[s.kind], init=_written(s, samples[0]))
            for s in SIGNALS
        ]
        for sample in samples[1:]:
            tick = (sample.at_ns - start_ns) // TICK_NS
            for signal, variable in zip(SIGNALS, variables, strict=True):
                writer.change(variable, tick, _written(signal, sample))
        writer.close((samples[-1].at_ns - start_ns) // TICK_NS)
    return file.getvalue().encode("ascii")


def _written(signal: Signal, sample: Sample) -> int | float | str:
    value = signal.value(sample)
    return "x" if value is None else value  # left to itself, pyvcd mixes x and z


_COMMENT: Final = "Codes are left out; factor is the counter or time step."
