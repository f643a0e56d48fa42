"""What a test asks for: the marker ``galh``, read and checked before anything is made.

Markers add up from module to class to function; the nearest one decides a setting.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emulator.clock import parse_utc
from emulator.errors import EmulatorError
from firmware_model.products import PROFILES
from hosttools.errors import HostError, UsageError
from hosttools.recipes import recipe
from hosttools.refserver import Policy

if TYPE_CHECKING:
    import pytest

_MAX_PPM: Final = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The settings of ``@pytest.mark.galh(...)``.

    Attributes:
        profile: which product; ``None``: what the serial number says.
        serial: serial number; that of a sample has its secret.
        counter: next counter at the start, of an event token.
        ppm: rate error of the crystal, of a time token; positive runs fast.
        desync: out of step with ``galh_server`` to begin with: presses that the token
            is ahead, a recipe's name, or the name and its number.
        faults: what goes wrong: inline tables as in a fault file.
        policy: how ``galh_server`` treats its tokens.
        start: where the clock stands at first, ns since 1970; ``None``: the host's time.
    """

    profile: str | None = None
    serial: str | None = None
    counter: int | None = None
    ppm: float | None = None
    desync: tuple[str, float | None] | None = None
    faults: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    start: int | None = None


def read_markers(markers: Iterable["pytest.Mark"]) -> Spec:
    """Return what the markers of a test ask for.

    Args:
        markers: the nearest to the test last.

    Raises:
        UsageError: a setting that is none, or that can't be.
    """
    spec = Spec()
    for marker in markers:
        if marker.args:
            raise UsageError(
                f"@pytest.mark.galh({marker.args[0]!r}): settings go by name, such as profile=…;"
                f" there are {', '.join(_READERS)}"
            )
        for name, value in marker.kwargs.items():
            reader = _READERS.get(name)
            if reader is None:
                near = difflib.get_close_matches(name, _READERS, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_READERS)}"
                raise UsageError(f"@pytest.mark.galh({name}=…): no such setting; {hint}")
            try:
                spec = replace(spec, **{name: reader(value)})
            except (HostError, EmulatorError) as e:
                raise UsageError(f"@pytest.mark.galh({name}={value!r}): {e}") from None
    return spec


def _profile(value: object) -> str:
    if not isinstance(value, str) or value not in PROFILES:
        raise UsageError(f"no such profile; there are {', '.join(sorted(PROFILES))}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError("it must be a text")
    return value


def _counter(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError("it must be a whole number from 0 on")
    return value


def _ppm(value: object) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not abs(float(value)) <= _MAX_PPM:  # type: ignore[arg-type]  # a number, as just seen
        raise UsageError(f"it must be a number from {-_MAX_PPM:g} to {_MAX_PPM:g}")
    return float(value)  # type: ignore[arg-type]  # likewise


def _desync(value: object) -> tuple[str, float | None]:
    if isinstance(value, int) and not isinstance(value, bool):
        value = ("hotp-ahead", value)
    name, by = value if isinstance(value, tuple) and len(value) == 2 else (value, None)  # noqa: PLR2004  # a pair
    if not isinstance(name, str) or not (by is None or isinstance(by, int | float)):
        raise UsageError("it must be a number of presses, a recipe's name, or both as a pair")
    return name, recipe(name).by(by)


def _faults(value: object) -> tuple[str, ...]:
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, tuple | list) or not all(isinstance(one, str) for one in listed):
        raise UsageError("it must be an inline table as text, or a list of them")
    return tuple(listed)


def _policy(value: object) -> Policy:
    if isinstance(value, Policy):
        return value
    if not isinstance(value, Mapping):
        raise UsageError("it must be a Policy, or its settings as a dict")
    known = [setting.name for setting in fields(Policy)]
    unknown = [str(name) for name in value if name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1) or known
        raise UsageError(f"no policy setting {unknown[0]!r}; there is {', '.join(near)}")
    return Policy(**value)


def _start(value: object) -> int:
    return parse_utc(_text(value))


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "profile": _profile,
    "serial": _text,
    "counter": _counter,
    "ppm": _ppm,
    "desync": _desync,
    "faults": _faults,
    "policy": _policy,
    "start": _start,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The settings of a run.

    Attributes:
        backend: ``inprocess``, ``emulated``, ``serial`` or ``manual``.
        target: what the backend ``serial`` opens.
        seed: what tokens' secrets and their chances are worked out from.
        artifacts: returns where cases of failed tests are kept; raises OSError where
            pytest's cache can't be written.
        seeds: seed file of the token of ``serial`` and ``manual``; ``None``: the samples.
        update_golden: whether golden pictures are written, not compared.
    """

    backend: str
    target: str
    seed: str
    artifacts: Callable[[], Path]
    seeds: Path | None = None
    update_golden: bool = False


BACKENDS: Final = ("inprocess", "emulated", "serial:TARGET", "manual")


def read_backend(text: str) -> tuple[str, str]:
    """Return backend and target of ``--galh-backend``.

    Raises:
        UsageError: none of those there are.

    >>> read_backend("serial:/dev/ttyUSB0")
    ('serial', '/dev/ttyUSB0')
    """
    name, colon, target = text.partition(":")
    if name in {"inprocess", "emulated", "manual"} and not colon:
        return name, ""
    if name == "serial" and target:
        return name, target
    raise UsageError(f"--galh-backend={text}; allowed are {', '.join(BACKENDS)}")
