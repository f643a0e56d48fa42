"""A trace as CSV: a row for each change, for spreadsheets and scripts."""

import csv
import io
from collections.abc import Sequence

from firmware_model.profile import SECOND
from hosttools.trace.signals import SIGNALS, Sample


def to_csv(samples: Sequence[Sample]) -> bytes:
    """Return a trace as CSV: ``time_s``, then a column for each signal; UTF-8.

    Times count from the first sample and have all nine decimals. What has no value
    is empty.

    Args:
        samples: in order, at least one.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time_s", *(signal.name for signal in SIGNALS)])
    for sample in samples:
        seconds, rest_ns = divmod(sample.at_ns - samples[0].at_ns, SECOND)
        writer.writerow([f"{seconds}.{rest_ns:09}", *(s.value(sample) for s in SIGNALS)])
    return text.getvalue().encode()
