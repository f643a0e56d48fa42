"""From what people write to a token in the hand: a port, a URL, a sample."""

from collections.abc import Callable, Sequence
from typing import Final

from emulator.bench import Bench
from emulator.clock import Clock, VirtualClock, host_time
from emulator.faults import FaultPlan, arm
from emulator.runner import Runner
from firmware_model.identifier import normalise
from firmware_model.nvm import Config
from firmware_model.physics import Physics
from hosttools.errors import UsageError
from hosttools.hand.bench import BenchHand, StillBench, as_host_errors
from hosttools.hand.conversation import DEFAULT_TIMEOUT_S, CommandError
from hosttools.hand.port import PortToken
from hosttools.hand.seam import Hand
from hosttools.manufacture import config_of
from hosttools.seedfiles import read_seeds, sample, sample_names

_HTTP: Final = ("http://", "https://")
_UNDEFINED_HEADER: Final = -113
_SETTINGS_CONFLICT: Final = -221


def open_hand(
    target: str,
    serial: str | None = None,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    bearer: str | None = None,
) -> Hand:
    """Take a token in the hand that lives elsewhere.

    Args:
        target: a device path (a pty of ``galh serve``, or a real device that speaks the
            line protocol), any URL that pyserial opens (``socket://``, ``rfc2217://``,
            ``galh://``), or the URL of a bench (``http://``).
        serial: which token; ``None``: the port's, or the only one.
        timeout_s: how long an answer may take, beyond what is waited for on the
            token's clock, host seconds.
        bearer: the bearer token that a bench beyond loopback asks for.

    Raises:
        BusyError: another program has the port.
        PortError, BenchError: no token answers there.
        UsageError: it is another token, or none is named and there are several.
    """
    wanted = None if serial is None else normalise(serial)
    if target.startswith(_HTTP):
        from hosttools.benchclient import BenchClient  # noqa: PLC0415  # needs the extra web
        from hosttools.hand.http import HttpHand  # noqa: PLC0415  # likewise

        client = BenchClient(target, bearer=bearer, timeout_s=timeout_s)
        return _or_close(lambda: HttpHand(client, wanted), client.close)
    token = PortToken(target, timeout_s=timeout_s)
    return _or_close(lambda: _selected(token, wanted), token.close)


def open_bench(
    tokens: Sequence[tuple[Config, Physics | None]], *, clock: Clock | None = None
) -> Runner:
    """Let tokens live in this process; :class:`hosttools.hand.BenchHand` holds one.

    Args:
        tokens: each with what it is made of; ``None``: as new.
        clock: their clock; ``None``: a manual one that starts at the host's time.

    Raises:
        UsageError: no token is made of that, or two have one serial number.
    """
    with as_host_errors():
        return Runner(lambda: _bench(tokens, clock or VirtualClock(host_time().utc_ns)))


def open_still_bench(tokens: Sequence[tuple[Config, Physics | None]], start_ns: int) -> StillBench:
    """Put tokens on a bench in this thread, whose time goes on only when told.

    Args:
        tokens: see :func:`open_bench`.
        start_ns: bench time at the start, ns since 1970, UTC.

    Raises:
        UsageError: likewise.
    """
    with as_host_errors():
        return StillBench(_bench(tokens, VirtualClock(start_ns)))


def _bench(tokens: Sequence[tuple[Config, Physics | None]], clock: Clock) -> Bench:
    bench = Bench(clock)
    bench.open_many(tokens)
    arm(bench, FaultPlan())  # so that faults can be injected
    return bench


def open_sample(serial: str) -> tuple[Hand, Config]:
    """Take one of the sample tokens that ship, alive in this process on a manual clock.

    Returns:
        The token in hand, and what is published of it.

    Raises:
        UsageError: no sample is called so.
    """
    config = sample_config(serial)
    runner = open_bench([(config, None)])
    return BenchHand(runner, config.serial, close=runner.close), config


def sample_config(serial: str) -> Config:
    """Return the settings of one of the sample tokens that ship.

    Raises:
        UsageError: no sample is called so.
    """
    wanted = normalise(serial)
    known = []
    for name in sample_names():
        if name.endswith(".csv"):
            for record in read_seeds(sample(name)):
                if record.serial == wanted:
                    return config_of(record)
                known.append(record.serial)
    raise UsageError(f"no sample token {wanted}; there are {', '.join(known)}")


def _selected(token: PortToken, wanted: str | None) -> PortToken:
    """Have a port speak for the token that is wanted, whether it is its only one or not."""
    try:
        if wanted is None:
            token.serial()
        else:
            token.select(wanted)
    except CommandError as e:
        if wanted is None and e.number == _SETTINGS_CONFLICT:
            token.select_only()
        elif wanted is None:
            raise
        elif e.number != _UNDEFINED_HEADER:
            raise UsageError(f"port {token.port} has no token {wanted}: {e}") from e
        elif (there := token.serial()) != wanted:
            raise UsageError(f"port {token.port} is that of {there}, not of {wanted}") from e
    return token


def _or_close(make: Callable[[], Hand], close: Callable[[], None]) -> Hand:
    try:
        return make()
    except BaseException:
        close()
        raise
