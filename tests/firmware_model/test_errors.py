"""The error tree of the token model."""

import inspect

import pytest

from firmware_model import errors

LEAVES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.FirmwareError) and kind is not errors.FirmwareError
]


@pytest.mark.parametrize("kind", LEAVES)
def test_tree(kind: type[errors.FirmwareError]) -> None:
    """Every error is a FirmwareError and a ValueError, and drawn in the module's tree."""
    assert kind.__bases__ == (errors.FirmwareError,)
    assert issubclass(kind, ValueError)
    assert kind.__name__ in (errors.__doc__ or "")


def test_short_secret_is_a_warning() -> None:
    """A short secret is something to be told of, and not an error."""
    assert issubclass(errors.ShortSecretWarning, UserWarning)
    assert not issubclass(errors.ShortSecretWarning, errors.FirmwareError)
