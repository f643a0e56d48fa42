"""Which tokens are suspected, and where each is expected to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from firmware_model.nvm import Config
from firmware_model.oath import MAX_COUNTER
from firmware_model.profile import SECOND, Profile, TokenType
from hosttools.errors import UsageError
from hosttools.manufacture import config_of
from hosttools.refserver.record import Record
from hosttools.seedfiles.model import SeedRecord

MAX_CODES: Final = 8
"""More tell nothing new, and take long to weigh."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One token that may have made the codes.

    Attributes:
        seed: what the seed file says of it.
        config: what it is, its secret included.
        anchors: where each code is expected, as counter or step: all the same, but for a
            time token when it is known when each was shown.
        drift_steps: how far its clock was ahead when it was last known, in steps.
        server: what a server knows of it; ``None``: none was asked, or it does not.
        certain: whether it is known where the server is.
    """

    seed: SeedRecord
    config: Config
    anchors: tuple[int, ...]
    drift_steps: int = 0
    server: Record | None = None
    certain: bool = False

    @property
    def timed(self) -> bool:
        """Whether it is a time token."""
        return self.config.token_type is TokenType.TIME

    @property
    def reseeded(self) -> bool:
        """Whether the server has another secret than the seed file: no code ever fits there."""
        return self.server is not None and self.server.secret != self.config.secret

    def span(self, search: int) -> range:
        """Return the factors to search, so many ahead of where it is expected, and behind."""
        low, high = min(self.anchors), max(self.anchors)
        return range(max(low - search, 0), min(high + search, MAX_COUNTER) + 1)

    @classmethod
    def of(
        cls,
        seed: SeedRecord,
        times_ns: Sequence[int],
        codes: int,
        *,
        profile: Profile | None = None,
        counter: int | None = None,
        server: Record | None = None,
    ) -> Self:
        """Put together what is known of one token.

        Args:
            seed: from the seed file.
            times_ns: when the last code was shown, or each, ns since 1970, UTC.
            codes: how many there are.
            profile: what it is; ``None``: by its serial number.
            counter: the server's next counter; ``None``: the server's record, else the
                seed file.
            server: what a server knows of it.

        Raises:
            UsageError: no profile fits, or it is another than the seed's.
        """
        config = config_of(seed, profile)
        if config.token_type is TokenType.EVENT:
            known = counter if counter is not None or server is None else server.next_factor
            at = config.first_counter if known is None else known
            return cls(seed, config, (at,) * codes, 0, server, known is not None)
        drift = (seed.drift_steps or 0) if server is None else server.drift_steps
        steps = [max(time_step(config, at_ns) + drift, 0) for at_ns in times_ns]
        anchors = tuple(steps) if len(steps) == codes else (steps[-1],) * codes
        return cls(seed, config, anchors, drift, server, certain=True)


def time_step(config: Config, at_ns: int) -> int:
    """Return the step that a right clock is in; below 0 before T0."""
    return (at_ns - config.t0_s * SECOND) // config.step_ns


def subjects(
    seeds: Sequence[SeedRecord],
    times_ns: Sequence[int],
    codes: Sequence[str],
    *,
    profile: Profile | None = None,
    counter: int | None = None,
    server: Mapping[str, Record] | None = None,
) -> tuple[Subject, ...]:
    """Return the tokens whose codes have as many digits as those typed.

    Args:
        seeds: all that are suspected.
        times_ns: see :meth:`Subject.of`.
        codes: what was typed, checked by nobody yet.
        profile: see :meth:`Subject.of`.
        counter: likewise; of one token only.
        server: records by serial number.

    Raises:
        UsageError: codes that none of them has, or more said than there is.
    """
    _check_codes(codes)
    if counter is not None and len(seeds) != 1:
        raise UsageError(f"a counter for {len(seeds)} tokens; name one by --serial")
    if len(times_ns) not in {1, len(codes)}:
        raise UsageError(
            f"{len(times_ns)} times for {len(codes)} codes; allowed are one, of the last code, or"
            " one for each"
        )
    if list(times_ns) != sorted(times_ns):
        raise UsageError("a code was shown before the one that is named first; give them in order")
    known = server or {}
    found = [
        Subject.of(
            seed,
            times_ns,
            len(codes),
            profile=profile,
            counter=counter,
            server=known.get(seed.serial),
        )
        for seed in seeds
    ]
    fitting = tuple(subject for subject in found if subject.config.digits == len(codes[0]))
    if not fitting:
        digits = " or ".join(str(d) for d in sorted({s.config.digits for s in found})) or "no"
        raise UsageError(
            f"codes of {len(codes[0])} digits; the tokens searched show {digits}: was a digit left"
            " out?"
        )
    if counter is not None and fitting[0].timed:
        raise UsageError(f"{fitting[0].config.serial} is a time token; it has no counter")
    return fitting


def _check_codes(codes: Sequence[str]) -> None:
    if not 1 <= len(codes) <= MAX_CODES:
        raise UsageError(f"{len(codes)} codes; allowed are 1 to {MAX_CODES}")
    for number, code in enumerate(codes, 1):
        # isdigit alone would let other alphabets' digits through.
        if not (code.isascii() and code.isdigit()):
            raise UsageError(f"code {number} has other characters than the digits 0 to 9")
        if len(code) != len(codes[0]):
            raise UsageError(
                f"code {number} has {len(code)} digits, code 1 has {len(codes[0])}; codes of one"
                " token have equally many"
            )
