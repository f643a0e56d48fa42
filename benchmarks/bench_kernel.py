"""Codes in bulk against those who compute them one by one, on one core.

``python benchmarks/bench_kernel.py``. Every contestant's codes are checked before anything
is timed. "x pyotp" and "x hmac" are how many times faster than pyotp, and than hmac.digest
with RFC 4226's truncation, both in Python and in the same rounds.
"""

import base64
import ctypes
import functools
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pyotp
from numpy.typing import NDArray

from benchmarks.timing import cpu_seconds
from firmware_model.oath import Algorithm, Key, Secret
from hosttools import kernel
from hosttools.cli.info import lines
from hosttools.kernel import Route
from hosttools.kernel.info import describe
from hosttools.kernel.routes import routes_of

MANY: Final = 16_384
SOME: Final = 500
"""Codes of those who are slow."""

SIZES: Final = (1, 2, 4, 8, 16, 64, 256, 1024, 4096, 16_384, 65_536)
WINDOWS: Final = (10, 100, 1000)
SEARCHES: Final = 1024
MODULUS: Final = 10**6

RAWS: Final = [secrets.token_bytes(20) for _ in range(MANY)]
COUNTERS: Final = np.arange(MANY, dtype=np.uint64) * np.uint64(7919)
FLEET: Final = kernel.prepare(RAWS)
TOKEN: Final = kernel.prepare(RAWS[:1])


def hmac_code(raw: bytes, counter: int) -> int:
    """Compute a code by ``hmac.digest``."""
    mac = hmac.digest(raw, counter.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    return (int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF) % MODULUS


def by_hmac(count: int) -> list[int]:
    """Compute codes of the first token's counters, one by one."""
    raw = RAWS[0]
    return [hmac_code(raw, counter) for counter in range(count)]


def by_pyotp() -> list[int]:
    """Compute the same by pyotp."""
    token = pyotp.HOTP(base64.b32encode(RAWS[0]).decode())
    return [int(token.at(counter)) for counter in range(SOME)]


def by_hashlib() -> list[int]:
    """Compute the same by two copies of prepared ``hashlib`` objects."""
    truncated = Key(Secret(RAWS[0])).truncated
    return [truncated(counter) % MODULUS for counter in range(SOME)]


def liboath() -> Callable[[], list[int]] | None:
    """Return who computes the same by liboath, in C through ctypes; None: it is not here."""
    try:
        library = ctypes.CDLL("liboath.so.0")
    except OSError:
        return None
    library.oath_init()
    generate, text, raw = library.oath_hotp_generate, ctypes.create_string_buffer(16), RAWS[0]
    generate.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64, ctypes.c_uint),
        *(ctypes.c_bool, ctypes.c_size_t, ctypes.c_char_p),
    ]

    def run() -> list[int]:
        found = []
        for counter in range(SOME):
            generate(raw, len(raw), counter, 6, False, 2**64 - 1, text)  # noqa: FBT003  # C's
            found.append(int(text.value))
        return found

    return run


def table(title: str, rows: Mapping[str, tuple[int, Callable[[], Any]]]) -> None:
    """Time contestants, each with how many codes it computes, and print them.

    The first two are pyotp and hmac.digest.
    """
    seconds = cpu_seconds({name: run for name, (_, run) in rows.items()}, repeats=9)
    each = {name: seconds[name] / count for name, (count, _) in rows.items()}
    pyotp_s, hmac_s = list(each.values())[:2]
    print(f"\n{title:<46}{'codes/s':>12}{'x pyotp':>9}{'x hmac':>9}")
    for name, taken in each.items():
        print(f"{name:<46}{1 / taken:>12,.0f}{pyotp_s / taken:>9.1f}{hmac_s / taken:>9.1f}")


PEERS: Final[dict[str, tuple[int, Callable[[], Any]]]] = {
    "pyotp": (SOME, by_pyotp),
    "hmac.digest": (SOME, lambda: by_hmac(SOME)),
}


def routes() -> None:
    """Compare the routes with all others."""
    expected = by_hmac(SOME)
    assert expected == by_pyotp() == by_hashlib()
    rows = dict(PEERS) | {"hashlib copies, as the token model": (SOME, by_hashlib)}
    if (c := liboath()) is None:
        print("liboath.so.0 is not installed: no row of it")
    else:
        assert expected == c()
        rows["liboath (C through ctypes)"] = (SOME, c)
    right = [hmac_code(raw, counter) for raw, counter in zip(RAWS, COUNTERS.tolist(), strict=True)]
    for route in (Route.NUMPY, Route.LLVM):
        if route is Route.LLVM and routes_of(Algorithm.SHA1).load() is None:
            print(f"no row of llvm: {routes_of(Algorithm.SHA1).missing}")
            continue
        assert right == kernel.codes(FLEET, COUNTERS, route=route).tolist()
        assert expected == kernel.series(TOKEN, 0, SOME, route=route).tolist()
        for name, run in contestants(route).items():
            rows[f"{route.value}, {name}"] = (MANY, run)
    table(f"{MANY:,} codes at once", rows)


def contestants(route: Route) -> dict[str, Callable[[], Any]]:
    """Return what is timed of a route."""
    keys = np.random.default_rng(1).permutation(MANY)
    other = kernel.prepare(RAWS, Algorithm.SHA256)
    packed = np.frombuffer(b"".join(RAWS), np.uint8).reshape(-1, 20)
    return {
        "midstates": lambda: kernel.codes(FLEET, COUNTERS, route=route),
        "midstates by index": lambda: kernel.codes(FLEET, COUNTERS, keys=keys, route=route),
        "one key": lambda: kernel.series(TOKEN, 0, MANY, route=route),
        "raw keys": lambda: kernel.codes(kernel.prepare(packed), COUNTERS, route=route),
        "SHA-256, midstates": lambda: kernel.codes(other, COUNTERS, route=route),
    }


def sizes() -> None:
    """Compare calls of any size, by the route that is chosen."""
    rows = dict(PEERS)
    for size in SIZES:
        assert by_hmac(size) == kernel.series(TOKEN, 0, size).tolist()
        times = max(1, 1024 // size)
        run = functools.partial(again, times, np.arange(size, dtype=np.uint64))
        rows[f"codes at once: {size:,}"] = (size * times, run)
    table("the route chosen, one key", rows)


def again(times: int, counters: NDArray[np.uint64]) -> None:
    """Compute codes of one key, again and again."""
    for _ in range(times):
        kernel.codes(TOKEN, counters)


def windows() -> None:
    """Compare searches, whose codes are anywhere within their windows."""
    title = f"{SEARCHES:,} searches, found anywhere in the window"
    print(f"\n{title:<46}{'searches/s':>12}{'x hmac':>18}")
    counters, keys = COUNTERS[:SEARCHES], np.arange(SEARCHES)
    for window in WINDOWS:
        ahead = np.random.default_rng(window).integers(0, window, SEARCHES, endpoint=True)
        wanted = kernel.codes(FLEET, counters + ahead.astype(np.uint64), keys=keys)
        few = wanted[: max(4, 400 // window)].tolist()
        one_by_one = functools.partial(searched_by_hmac, few, window)
        at_once = functools.partial(kernel.search, FLEET, counters, window, wanted, keys=keys)
        found = at_once()
        assert found[: len(few)].tolist() == one_by_one()
        assert ((found >= 0) & (found <= ahead)).all()
        seconds = cpu_seconds({"one": one_by_one, "all": at_once}, repeats=9)
        each = seconds["all"] / SEARCHES
        ratio = seconds["one"] / len(few) / each
        print(f"{f'window of {window}':<46}{1 / each:>12,.0f}{ratio:>18.1f}")


def searched_by_hmac(codes: list[int], window: int) -> list[int]:
    """Search the first tokens' windows for a code each, one by one."""
    found = []
    for raw, counter, code in zip(RAWS, COUNTERS.tolist(), codes, strict=False):
        hits = (n for n in range(window + 1) if hmac_code(raw, counter + n) == code)
        found.append(next(hits, -1))
    return found


def main() -> None:
    """Print the tables."""
    routes_of(Algorithm.SHA1).load()
    for line in lines(describe()):
        print(line)
    routes()
    sizes()
    windows()


if __name__ == "__main__":
    main()
