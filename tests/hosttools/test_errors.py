"""The error tree of hosttools."""

import pytest

from hosttools import errors


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (errors.HostError, 1),
        (errors.UsageError, 2),
        (errors.PolicyError, 2),
        (errors.RecordError, 2),
        (errors.StateError, 74),
        (errors.BusyError, 75),
    ],
)
def test_errors_carry_their_exit_code(error: type[errors.HostError], exit_code: int) -> None:
    """Each error is a HostError and says what a command exits with."""
    assert (True, exit_code) == (issubclass(error, errors.HostError), error.exit_code)
