"""Waveforms of one token: what its pins would show on a bench.

:mod:`signals` runs a token and says what each signal does when; :mod:`vcd`,
:mod:`table` and :mod:`picture` write that down. No code's digits are in any of them:
a trace is attached to reports.
"""

from hosttools.trace.picture import timeline
from hosttools.trace.signals import SIGNALS, Kind, Sample, Signal, presses, signals
from hosttools.trace.table import to_csv
from hosttools.trace.vcd import to_vcd

__all__ = [
    "SIGNALS",
    "Kind",
    "Sample",
    "Signal",
    "presses",
    "signals",
    "timeline",
    "to_csv",
    "to_vcd",
]
