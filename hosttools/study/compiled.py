"""Compiles loops over whole fleets with Numba; the only place that knows of it.

What is compiled is plain Python on whole numbers and IEEE 754's basic operations, without
fast-math: a compiled loop and a plain one give the same bits, on every machine.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from hosttools.errors import UsageError

try:
    import numba
    from numba import types

    unliteral: Any = types.unliteral
except ImportError:  # pragma: no cover  # the extra is installed where tests run
    raise UsageError(
        "fleet studies need NumPy and Numba: pip install 'galh-emulator[fleet]'"
    ) from None

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that is compiled with those that call it; Python itself can't.

    What Python would need to call it takes a sixth of the time that compiling takes.
    """
    return _compiled(function, no_cpython_wrapper=True)


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that is compiled when Python first calls it.

    Nothing is kept on disk: a stale cache would change results without a word, and a worker
    that is forked has what its parent compiled.
    """
    return _compiled(function)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that is compiled into each that calls it, so that loops become vectors."""
    return _compiled(function, forceinline=True)


def _compiled(function: Callable[P, R], **options: bool) -> Callable[P, R]:
    njit: Any = numba.njit  # its types lack some of its options
    dispatcher = njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True, **options)(function)
    template = dispatcher.get_call_template

    def of_types(args: Any, kws: Any) -> Any:  # noqa: ANN401  # Numba's own
        # Numba compiles a function anew for each constant that it is called with, which
        # would take three times as long.
        return template([unliteral(arg) for arg in args], kws)

    dispatcher.get_call_template = of_types
    return dispatcher  # type: ignore[no-any-return]  # called as the function is


def plain(function: Callable[P, R]) -> Callable[P, R]:
    """Return the Python function behind a compiled one."""
    original: Any = function
    return original.py_func  # type: ignore[no-any-return]  # Numba's dispatcher keeps it
