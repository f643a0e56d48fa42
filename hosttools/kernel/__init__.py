"""Codes in bulk: HOTP of arrays of keys and counters, and searches for codes in windows.

    prepare(secrets, algorithm=SHA1) -> Midstates
        Keys, bytes or Secret or the rows of a uint8 array; ``.words`` is uint32 (n, 10).
    codes(midstates, counters, digits=6, *, keys=None) -> uint32 (n,)
        The code of each counter. ``keys``: the index of each counter's key, or of one for all.
    series(midstates, start, count, digits=6, *, key=0) -> uint32 (count,)
        One key, counters in a row.
    search(midstates, counters, window, codes, digits=6, *, keys=None) -> int64 (n,)
        How far ahead of its counter each code is first, within an inclusive window; -1.
    search_all(same) -> (int64 (m,), int64 (m,))
        All places: whose search, and how far ahead.
    matches(secrets, spans, digits, wanted, algorithm=SHA1) -> Iterator[Match]
        Which counters of a few spans have one of a few codes; works without NumPy.

Each takes ``route=Route.HASHLIB | NUMPY | LLVM``, or the environment GALH_KERNEL=llvm; by
default the fastest is taken. TOTP is HOTP of time steps: ``codes(midstates, unix_s // 30)``.

Counters and keys may be any integer type; uint64 and int64, contiguous, are not copied.
Arrays need NumPy (extra ``fleet``), which is imported when one of these is first used.
"""

from typing import TYPE_CHECKING, Any, Final

from hosttools.errors import UsageError
from hosttools.kernel.find import Match, matches
from hosttools.kernel.route import INSTALL, Route

if TYPE_CHECKING:
    from hosttools.kernel.batch import codes, series
    from hosttools.kernel.midstates import Midstates, prepare
    from hosttools.kernel.windows import search, search_all

__all__ = [
    "Match",
    "Midstates",
    "Route",
    "codes",
    "matches",
    "prepare",
    "search",
    "search_all",
    "series",
]

_WITH_NUMPY: Final = {
    "Midstates": "midstates",
    "codes": "batch",
    "prepare": "midstates",
    "search": "windows",
    "search_all": "windows",
    "series": "batch",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever has the name
    """Import what needs NumPy when it is first used."""
    if name not in _WITH_NUMPY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415  # likewise

    try:
        module = importlib.import_module(f"{__name__}.{_WITH_NUMPY[name]}")
    except ModuleNotFoundError as e:
        if e.name != "numpy":
            raise
        raise UsageError(f"kernel.{name} works on arrays of NumPy: {INSTALL}") from None
    value = globals()[name] = getattr(module, name)
    return value
